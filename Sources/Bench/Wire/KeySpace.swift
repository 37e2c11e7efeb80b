/// The values of a case: for each number the digits of its key and the shape of its value. All targets are asked for
/// the same values, as is every run with the same options and salt.
struct KeySpace: Sendable {
  let shapes: [ValueShape]
  /// The running sums of the shapes' weights. Empty if the shapes follow each other in turn: the parts of one chunk,
  /// layer by layer and rank by rank.
  private let weightEnds: [Int]
  /// With a salt the digits look like an engine's hash and differ from those of any other salt: it is scrambled itself,
  /// or neighbouring salts would only shuffle the same keys. Without a salt the digits are the number.
  private let salt: UInt64?

  init(sizes: SizeMix) {
    shapes = sizes.shares.map { .plain(bytes: $0.bytes) }
    weightEnds = Self.ends(sizes)
    salt = nil
  }

  init(parts: [ValueShape], salt: UInt64) {
    precondition(!parts.isEmpty, "a chunk has a part")
    shapes = parts
    weightEnds = []
    self.salt = Self.scrambled(salt)
  }

  /// Chunks of a session with sizes from the command line.
  init(sizes: SizeMix, salt: UInt64) {
    shapes = sizes.shares.map { .plain(bytes: $0.bytes) }
    weightEnds = Self.ends(sizes)
    self.salt = Self.scrambled(salt)
  }

  /// Values that make up one chunk.
  var partsPerChunk: Int { weightEnds.isEmpty ? shapes.count : 1 }

  var meanBytes: Double {
    guard let total = weightEnds.last else { return Double(shapes.reduce(0) { $0 + $1.bytes }) / Double(shapes.count) }
    var sum = 0
    for (index, shape) in shapes.enumerated() {
      sum += shape.bytes * (weightEnds[index] - (index == 0 ? 0 : weightEnds[index - 1]))
    }
    return Double(sum) / Double(total)
  }

  @inline(__always)
  func shapeIndex(of key: Int) -> Int {
    if shapes.count == 1 { return 0 }
    guard let total = weightEnds.last else { return key % shapes.count }
    let drawn = Int(Self.scrambled(UInt64(key)) % UInt64(total))
    var index = 0
    while weightEnds[index] <= drawn { index += 1 }
    return index
  }

  /// Sixteen hex digits. An engine's hash has no leading zeros, a number has.
  @inline(__always)
  func digits(of key: Int) -> UInt64 {
    guard let salt else { return UInt64(key) }
    return Self.scrambled(UInt64(key / partsPerChunk) ^ salt) | 1 << 63
  }

  private static func ends(_ sizes: SizeMix) -> [Int] {
    var end = 0
    return sizes.shares.map { share in
      end += share.weight
      return end
    }
  }

  /// Spreads neighbours over all 64 bits; different numbers stay different.
  private static func scrambled(_ number: UInt64) -> UInt64 {
    var mixed = number &+ 0x9E37_79B9_7F4A_7C15
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
