import Base
import Glibc
import Store

/// What has arrived and is not answered: the connection's own buffer, and a larger one for as long as a request needs it.
struct RESPInbox: ~Copyable {
  private let own: UnsafeMutableRawBufferPointer
  private let store: Store
  private var memory: UnsafeMutableRawBufferPointer
  private var start = 0
  private var end = 0

  /// Takes over what the connection has received.
  init(connection: Connection) {
    own = connection.buffers.inbound
    memory = own
    store = connection.worker.store
    let arrived = connection.inbound
    memmove(own.baseAddress!, arrived.baseAddress!, arrived.count)
    end = arrived.count
  }

  deinit {
    guard memory.baseAddress != own.baseAddress else { return }
    store.discharge(memory.count)
    memory.deallocate()
  }

  var isEmpty: Bool { start == end }
  var count: Int { end - start }
  var base: UnsafeMutableRawPointer { memory.baseAddress! + start }
  var bytes: UnsafeMutableRawBufferPointer { UnsafeMutableRawBufferPointer(rebasing: memory[start..<end]) }
  /// Where the next bytes go.
  var room: UnsafeMutableRawBufferPointer { UnsafeMutableRawBufferPointer(rebasing: memory[end...]) }

  mutating func arrive(_ count: Int) {
    precondition(count <= memory.count - end)
    end += count
  }

  mutating func consume(_ count: Int) {
    precondition(count <= end - start)
    start += count
    guard start == end else { return }
    (start, end) = (0, 0)
    giveBack()
  }

  /// Takes bytes out of the middle; what follows moves up.
  mutating func cut(_ count: Int, at offset: Int) {
    let place = start + offset
    precondition(place + count <= end)
    memmove(memory.baseAddress! + place, memory.baseAddress! + place + count, end - place - count)
    end -= count
  }

  /// Room for at least so many bytes behind those that are there. False when the budget has none.
  mutating func makeRoom(_ wanted: Int) -> Bool {
    let count = end - start
    if count + wanted <= memory.count {
      if memory.count - end < wanted || start > memory.count / 2 { move(to: memory) }
      return true
    }
    var capacity = memory.count * 2
    while capacity < count + wanted { capacity *= 2 }
    guard store.book(capacity) else { return false }
    let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: capacity, alignment: 16)
    let old = memory
    move(to: larger)
    if old.baseAddress != own.baseAddress {
      store.discharge(old.count)
      old.deallocate()
    }
    return true
  }

  private mutating func move(to other: UnsafeMutableRawBufferPointer) {
    memmove(other.baseAddress!, memory.baseAddress! + start, end - start)
    (start, end) = (0, end - start)
    memory = other
  }

  private mutating func giveBack() {
    guard memory.baseAddress != own.baseAddress else { return }
    store.discharge(memory.count)
    memory.deallocate()
    memory = own
  }
}
