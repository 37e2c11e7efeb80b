@testable import Policy

/// The order beside what is stored, and a clock.
final class OrderHarness {
  let memory: ChunkMemory
  var order: ReturnOrder
  private(set) var stored: Set<UInt32> = []
  private var now: UInt32 = 10

  init(capacity: Int, seed: UInt64 = 1) {
    memory = ChunkMemory(capacity: capacity)
    order = ReturnOrder(nodes: memory.nodes, sparedShare: 20, seed: seed)
  }

  var nodes: ChunkNodes { memory.nodes }

  func enter(_ id: UInt32, insteadOf old: UInt32 = 0, units: Int = 1, stream: UInt16 = 0) {
    memory.renew(id)
    order.enter(id, insteadOf: old, units: units, stream: stream, at: now)
    stored.insert(id)
  }

  func leave(_ id: UInt32) {
    order.leave(id)
    stored.remove(id)
  }

  /// Room is needed.
  func evict(_ id: UInt32) {
    order.noteEviction(id, isGone: true)
    leave(id)
  }

  func touch(_ id: UInt32, _ step: PromptStep, stream: UInt16 = 0) {
    order.touch(id, step, stream: stream, at: now)
  }

  /// A look-up of what is not there: what is stored next is of another prompt.
  func miss(_ id: UInt32, stream: UInt16 = 0) { order.miss(nodes.group(of: id), stream: stream, at: now) }

  func victim(oldest: UInt32 = 0) -> UInt32? { order.victim(oldest: oldest) }

  /// A prompt of one chunk.
  func enterAlone(_ id: UInt32, units: Int = 1) {
    miss(id)
    enter(id, units: units)
  }

  func pass(tenths: UInt32) {
    now += tenths
    // A few prompts are looked at each time.
    for _ in 0..<100 { order.note(tenths: now) }
  }
}
