/// What was learnt, as bytes that outlive the process: how often chunks of each class came back at each age, and which chunks are
/// watched. A reader of another version, of other classes, or of bytes that are not what they say they are, gets nothing.
///
///     "LMCP"  version u32  classes u32  bins u32  seed u64  watched u32
///     events f32 by class then bin;  exposure f32, the same
///     for each watched chunk, the longest unseen first:  hash u64  age u32  class u8  reuses u8
///
/// Little-endian. An age is in touches of chunks. Hashes mean something only with the seed that they were made with.
package struct Knowledge: Equatable, Sendable {
  static let version: UInt32 = 1
  private static let magic = Array("LMCP".utf8)
  private static let headBytes = 4 + 4 * 3 + 8 + 4
  private static let watchedBytes = 8 + 4 + 2

  struct Watched: Equatable, Sendable {
    var hash: UInt64
    var age: UInt32
    var classNumber: UInt8
    var reuses: UInt8
  }

  package var seed: UInt64
  var events: [Float]
  var exposure: [Float]
  var watched: [Watched]

  // MARK: Writing

  package var bytes: [UInt8] {
    var bytes = Self.magic
    func append(_ value: some FixedWidthInteger) {
      withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }
    append(Self.version)
    append(UInt32(ChunkClass.count))
    append(UInt32(AgeBin.count))
    append(seed)
    append(UInt32(watched.count))
    for value in events { append(value.bitPattern) }
    for value in exposure { append(value.bitPattern) }
    for chunk in watched {
      append(chunk.hash)
      append(chunk.age)
      append(chunk.classNumber)
      append(chunk.reuses)
    }
    return bytes
  }

  // MARK: Reading

  /// How many bytes there are, by what the first of them say.
  package static func byteCount(claimedBy bytes: [UInt8]) -> Int? {
    guard bytes.count >= headBytes else { return nil }
    let watched = bytes[(headBytes - 4)..<headBytes].reversed().reduce(0) { $0 << 8 | Int($1) }
    return headBytes + 2 * 4 * ChunkClass.count * AgeBin.count + watchedBytes * watched
  }

  package init?(bytes: [UInt8]) {
    var place = 4
    func next<Value: FixedWidthInteger>(_: Value.Type) -> Value {
      defer { place += MemoryLayout<Value>.size }
      return Value(littleEndian: bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: place, as: Value.self) })
    }
    guard bytes.count >= Self.headBytes, Array(bytes[..<4]) == Self.magic, next(UInt32.self) == Self.version,
      next(UInt32.self) == ChunkClass.count, next(UInt32.self) == AgeBin.count
    else { return nil }
    seed = next(UInt64.self)
    let count = Int(next(UInt32.self))
    guard bytes.count == Self.headBytes + 2 * 4 * Returns.size + count * Self.watchedBytes else { return nil }
    events = (0..<Returns.size).map { _ in Float(bitPattern: next(UInt32.self)) }
    exposure = (0..<Returns.size).map { _ in Float(bitPattern: next(UInt32.self)) }
    guard (events + exposure).allSatisfy({ $0 >= 0 && $0 < Self.countMax }) else { return nil }
    watched = (0..<count).map { _ in
      Watched(
        hash: next(UInt64.self), age: next(UInt32.self), classNumber: next(UInt8.self), reuses: next(UInt8.self))
    }
    guard watched.allSatisfy({ Int($0.classNumber) < ChunkClass.count }) else { return nil }
  }

  /// More than any count comes to before it fades.
  private static let countMax: Float = 1e12

  init(seed: UInt64, events: [Float], exposure: [Float], watched: [Watched]) {
    (self.seed, self.events, self.exposure, self.watched) = (seed, events, exposure, watched)
  }
}
