/// The phrases of one dialect for all shapes of a key space.
struct Vocabulary: Sendable {
  let dialect: Dialect
  let keys: KeySpace
  let requestBytesMax: Int
  let valueBytesMax: Int
  private let phrases: [Phrase]

  init(_ dialect: Dialect, _ keys: KeySpace) {
    self.dialect = dialect
    self.keys = keys
    phrases = keys.shapes.flatMap { shape in Operation.allCases.map { Self.phrase($0, shape, dialect) } }
    requestBytesMax = phrases.map(\.request.count).max()!
    valueBytesMax = keys.shapes.map(\.bytes).max()!
  }

  @inline(__always)
  func phrase(_ operation: Operation, shape: Int) -> Phrase {
    phrases[shape * Operation.allCases.count + operation.rawValue]
  }

  private static func phrase(_ operation: Operation, _ shape: ValueShape, _ dialect: Dialect) -> Phrase {
    let key = shape.keyHead + Phrase.digitsPlaceholder + shape.keyTail
    switch dialect {
    case .lm: return LMHeader.phrase(operation, key: key, shape)
    case .redis: return RESPText.phrase(operation, key: key, valueBytes: shape.bytes)
    case .memcached: return MemcachedText.phrase(operation, key: key, valueBytes: shape.bytes)
    }
  }
}
