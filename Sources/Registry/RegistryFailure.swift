/// Why a registry cannot be made.
package enum RegistryFailure: Error, Equatable, CustomStringConvertible {
  case mappingRefused(bytes: Int, errno: Int32)

  package var description: String {
    switch self {
    case .mappingRefused(let bytes, let number): "the system refuses \(bytes) bytes of address space (errno \(number))"
    }
  }
}
