import Base
import Glibc

/// Bytes between a socket and a session, in memory that grows for a rare long request and shrinks again behind it.
struct ByteQueue: ~Copyable {
  private var memory: UnsafeMutableRawBufferPointer
  private var start = 0
  private var end = 0
  private let usualBytes: Int

  init(usualBytes: Int) {
    self.usualBytes = usualBytes
    memory = .allocate(byteCount: usualBytes, alignment: 16)
  }

  deinit { memory.deallocate() }

  var capacity: Int { memory.count }
  var isEmpty: Bool { start == end }
  var count: Int { end - start }

  var bytes: UnsafeMutableRawBufferPointer { UnsafeMutableRawBufferPointer(rebasing: memory[start..<end]) }
  /// Where more may be written; `added` says how much was.
  var room: UnsafeMutableRawBufferPointer { UnsafeMutableRawBufferPointer(rebasing: memory[end...]) }

  mutating func added(_ count: Int) {
    precondition(count <= memory.count - end, "more added than there was room for")
    end += count
  }

  mutating func consume(_ count: Int) {
    precondition(count <= end - start, "more consumed than there was")
    start += count
    guard start == end else { return }
    (start, end) = (0, 0)
    if memory.count > usualBytes { resize(to: usualBytes) }
  }

  /// Makes room for so many bytes behind what is there.
  mutating func makeRoom(for more: Int) {
    guard memory.count - end < more else { return }
    let wanted = count + more
    if wanted <= memory.count {
      memmove(memory.baseAddress!, memory.baseAddress! + start, count)
      (start, end) = (0, count)
    } else {
      resize(to: max(wanted, min(2 * memory.count, wanted + Limits.registryBufferBytes)))
    }
  }

  private mutating func resize(to byteCount: Int) {
    let other = UnsafeMutableRawBufferPointer.allocate(byteCount: byteCount, alignment: 16)
    if count > 0 { memcpy(other.baseAddress!, memory.baseAddress! + start, count) }
    (start, end) = (0, count)
    memory.deallocate()
    memory = other
  }
}
