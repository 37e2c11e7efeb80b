/// Why a store could not be made.
package enum StoreFailure: Error, Equatable, CustomStringConvertible {
  case budgetTooSmall(bytes: Int, minimumBytes: Int)
  case mappingRefused(bytes: Int, errno: Int32)

  package var description: String {
    switch self {
    case .budgetTooSmall(let bytes, let minimumBytes):
      "a memory budget of \(bytes) bytes is too small: at least \(minimumBytes) are needed"
    case .mappingRefused(let bytes, let errno):
      "the system refused to map \(bytes) bytes (errno \(errno))"
    }
  }
}
