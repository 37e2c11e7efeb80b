/// Which chunk took the place of one that it was stored over, the latest of them: what stood behind that one does not know.
struct Heirs: Sendable {
  private static let places = 256
  /// So often a chunk may have been stored anew since.
  static let stepsMax = 8

  private var olds = [ChunkRef](repeating: ChunkRef(), count: places)
  private var heirs = [ChunkRef](repeating: ChunkRef(), count: places)

  static let bytes = 2 * places * MemoryLayout<ChunkRef>.stride

  mutating func note(_ heir: ChunkRef, of old: ChunkRef) {
    olds[Self.place(old)] = old
    heirs[Self.place(old)] = heir
  }

  func find(of old: ChunkRef) -> ChunkRef? { olds[Self.place(old)] == old ? heirs[Self.place(old)] : nil }

  private static func place(_ old: ChunkRef) -> Int { Int(old.id) % places }
}
