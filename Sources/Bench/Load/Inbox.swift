import Base
import Glibc

/// Received bytes that are not parsed yet.
struct Inbox: ~Copyable {
  private let memory: UnsafeMutableRawBufferPointer
  private var start = 0
  private var end = 0

  init() { memory = .allocate(byteCount: Limits.benchInboxBytes, alignment: 64) }

  deinit { memory.deallocate() }

  var count: Int { end - start }
  var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: memory[start..<end]) }

  mutating func drop(_ count: Int) {
    start += count
    if start == end { (start, end) = (0, 0) }
  }

  /// Space for up to `wanted` more bytes; `filled` must follow.
  mutating func space(_ wanted: Int) -> UnsafeMutableRawBufferPointer {
    if start > 0, memory.count - end < wanted {
      memmove(memory.baseAddress!, memory.baseAddress! + start, count)
      (start, end) = (0, count)
    }
    return UnsafeMutableRawBufferPointer(rebasing: memory[end..<min(memory.count, end + wanted)])
  }

  mutating func filled(_ count: Int) { end += count }
}
