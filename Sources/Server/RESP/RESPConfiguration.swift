/// What RESP clients may do here.
package struct RESPConfiguration: Sendable {
  /// Empty: nobody is asked.
  package var password: [UInt8]
  /// FLUSHDB and FLUSHALL work.
  package var allowsFlush: Bool

  package init(password: [UInt8] = [], allowsFlush: Bool = false) {
    self.password = password
    self.allowsFlush = allowsFlush
  }

  /// Takes the same time wherever the two differ.
  func accepts(_ given: UnsafeRawBufferPointer) -> Bool {
    var difference = given.count ^ password.count
    var index = 0
    while index < password.count {
      difference |= Int(password[index] ^ (index < given.count ? given[index] : 0))
      index += 1
    }
    return difference == 0
  }
}
