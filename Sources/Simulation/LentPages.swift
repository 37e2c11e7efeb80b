import Base
import Glibc

/// Pages lent to the simulated kernel. It holds references through a real pipe and no copy, as the queue of a real
/// socket does. So the bytes are read when the receiver reads: memory given back since then leaves them as they were,
/// memory written again shows.
final class LentPages {
  /// Whether this system can lend pages; if not, the world copies.
  static let isPossible: Bool = {
    let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: Limits.unitBytes, alignment: Limits.unitBytes)
    defer { bytes.deallocate() }
    bytes.initializeMemory(as: UInt8.self, repeating: 7)
    return LentPages([iovec(iov_base: bytes.baseAddress!, iov_len: bytes.count)]) != nil
  }()

  private let pipe: Int32
  private(set) var count: Int

  /// Takes from the front as many bytes as the pipe accepts; nil when it accepts none.
  init?(_ regions: [iovec]) {
    var ends: [Int32] = [-1, -1]
    guard pipe2(&ends, O_CLOEXEC | O_NONBLOCK) == 0 else { return nil }
    // Every page touched takes a place in the pipe, even for a few bytes.
    let places = regions.reduce(0) { $0 + $1.iov_len / Limits.unitBytes + 2 }
    _ = fcntl(ends[1], F_SETPIPE_SZ, Int32(places * Limits.unitBytes))
    let filled = vmsplice(ends[1], regions, regions.count, UInt32(SPLICE_F_NONBLOCK))
    close(ends[1])
    (pipe, count) = (ends[0], max(0, filled))
    guard filled > 0 else {
      close(ends[0])
      return nil
    }
  }

  deinit { close(pipe) }

  func read(into target: UnsafeMutableRawBufferPointer) {
    var read = 0
    while read < target.count {
      let piece = Glibc.read(pipe, target.baseAddress! + read, target.count - read)
      precondition(piece > 0, "a pipe gives back what it holds: errno \(errno)")
      read += piece
    }
    count -= target.count
  }
}
