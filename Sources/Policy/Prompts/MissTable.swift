/// What look-ups did not find, and which chunk of its prompt stands before it: a client that asks for a chunk and does not find it
/// stores it soon. The latest ones; a chunk has one place.
struct MissTable: Sendable {
  struct Miss: Sendable {
    /// Of all ranks: an engine asks for one rank's chunk, and each rank stores its own.
    var group: UInt64 = 0
    /// 0 where nothing stands before it.
    var parentGroup: UInt64 = 0
    var parent = ChunkRef()
    var prompt = PromptRef()
  }

  private var misses = [Miss](repeating: Miss(), count: PolicyLimits.misses)

  static let bytes = PolicyLimits.misses * MemoryLayout<Miss>.stride

  private func place(_ group: UInt64) -> Int {
    Int(truncatingIfNeeded: (group &* 0x9E37_79B9_7F4A_7C15) >> 32) & (misses.count - 1)
  }

  mutating func note(_ miss: Miss) { misses[place(miss.group)] = miss }

  func find(_ group: UInt64) -> Miss? {
    let miss = misses[place(group)]
    return miss.group == group ? miss : nil
  }
}
