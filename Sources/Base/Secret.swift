/// A password or a token. It is never printed, however it is asked for.
package struct Secret: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  private let bytes: [UInt8]

  package init(_ bytes: [UInt8]) {
    precondition(!bytes.isEmpty, "a secret that everybody knows is none")
    self.bytes = bytes
  }

  /// Takes the same time wherever the two differ, and tells nothing but whether they do.
  package func isSame(as given: [UInt8]) -> Bool {
    var difference = given.count ^ bytes.count
    var index = 0
    while index < bytes.count {
      difference |= Int(bytes[index] ^ (index < given.count ? given[index] : 0))
      index += 1
    }
    return difference == 0
  }

  package func isSame(as other: Secret) -> Bool { isSame(as: other.bytes) }

  package var description: String { "hidden" }
  package var debugDescription: String { "hidden" }
  package var customMirror: Mirror { Mirror(self, children: [:]) }
}
