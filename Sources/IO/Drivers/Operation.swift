import Glibc

/// What a loop can ask of a driver. Memory named here stays valid until the operation's completion arrives.
package enum Operation {
  case accept(listener: Int32)
  case connect(Int32, address: UnsafePointer<sockaddr>, addressBytes: socklen_t)
  case receive(Int32, UnsafeMutablePointer<iovec>, count: Int, ReceiveOptions)
  case send(Int32, UnsafeMutablePointer<iovec>, count: Int)
  /// As `send`, but only the first `copied` regions need be copied: the memory of the others does not change
  /// until the peer has the bytes, which is later than the completion. The socket is one that does not block.
  case lend(Int32, UnsafeMutablePointer<iovec>, count: Int, copied: Int)
  case read(file: Int32, UnsafeMutablePointer<iovec>, count: Int, offset: UInt64)
  case write(file: Int32, UnsafeMutablePointer<iovec>, count: Int, offset: UInt64)
  /// Completes when everything written to the file before is on the device.
  case sync(file: Int32)
  /// Asks for the end of another operation, which still completes by itself. Has no completion of its own.
  case cancel(token: UInt64)
}

package struct ReceiveOptions: OptionSet, Sendable {
  package let rawValue: UInt8
  package init(rawValue: UInt8) { self.rawValue = rawValue }

  /// Acknowledge at once what has arrived: the peer may be holding back its next bytes for it (Nagle).
  package static let acknowledge = ReceiveOptions(rawValue: 1)
  /// Throw the bytes away instead of copying them out.
  package static let discard = ReceiveOptions(rawValue: 2)
  /// Nothing is likely to be there yet: wait first, try then.
  package static let unhurried = ReceiveOptions(rawValue: 4)

  // Written out: a debug build allocates for a set literal, and requests must not.
  package static let acknowledgeUnhurried = ReceiveOptions(rawValue: 5)
  package static let acknowledgeDiscard = ReceiveOptions(rawValue: 3)
}

/// The end of an operation: a count of bytes or a descriptor, or a negated errno.
package struct Completion {
  package var token: UInt64
  package var result: Int32

  package init(token: UInt64, result: Int32) {
    self.token = token
    self.result = result
  }
}

extension UnsafeMutableBufferPointer<iovec> {
  // Not a reduction: in a debug build it allocates.
  package func byteCount(ofFirst count: Int) -> Int {
    var (bytes, index) = (0, 0)
    while index < count {
      bytes += self[index].iov_len
      index += 1
    }
    return bytes
  }
}
