import Base
import Glibc

@testable import IO

/// Reads on its own thread, a little at a time.
final class SlowReader: Sendable {
  private let thread: Thread
  private let buffer: Buffer

  init(_ descriptor: Int32, count: Int, seed: UInt64) {
    let buffer = Buffer(count: count)
    self.buffer = buffer
    thread = Thread(name: "reader") {
      var random = SplitMix64(seed: seed)
      var received = 0
      while received < count {
        let wanted = min(count - received, random.pick(1...40_000))
        let got = recv(descriptor, buffer.bytes.baseAddress! + received, wanted, 0)
        if got <= 0 { break }
        received += got
        if random.chance(perMille: 20) { usleep(1000) }
      }
      Glibc.close(descriptor)
    }
  }

  /// Waits for the end; returns the bytes received.
  func finish() -> Buffer {
    thread.join()
    return buffer
  }
}
