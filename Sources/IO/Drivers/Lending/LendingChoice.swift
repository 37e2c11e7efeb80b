import Glibc

/// Whether pages are lent to the kernel, and why.
package struct LendingChoice: Sendable {
  /// What `--zero-copy` says.
  package enum Wish: String, Sendable, CaseIterable {
    case auto, off
  }

  package let lends: Bool
  package let reason: String

  package static func make(_ wish: Wish) -> LendingChoice {
    if wish == .off { return LendingChoice(lends: false, reason: "asked for by --zero-copy off") }
    if let refusal = tryOut() { return LendingChoice(lends: false, reason: "refused: \(refusal)") }
    return LendingChoice(lends: true, reason: "vmsplice and splice work here")
  }

  /// Lends a few bytes for real: what a profile of system calls refuses is not known before.
  private static func tryOut() -> DriverRefusal? {
    var pair: [Int32] = [-1, -1]
    guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue), 0, &pair) == 0 else {
      return DriverRefusal(what: "socketpair", errno: errno)
    }
    defer { for descriptor in pair { close(descriptor) } }
    let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: 8, alignment: 8)
    defer { bytes.deallocate() }
    bytes.initializeMemory(as: UInt8.self, repeating: 7)
    var region = iovec(iov_base: bytes.baseAddress!, iov_len: bytes.count)
    var lender = PageLender(isAllowed: true)
    if case .ended(8) = lender.attempt(pair[0], &region, count: 1, copied: 0) { return nil }
    return lender.refusal ?? DriverRefusal(what: "splice", errno: EIO)
  }
}
