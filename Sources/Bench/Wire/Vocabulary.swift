/// The phrases of one dialect for all shapes of a key space.
struct Vocabulary: Sendable {
  let dialect: Dialect
  let keys: KeySpace
  let requestBytesMax: Int
  let valueBytesMax: Int
  private let phrases: [Phrase]
  /// What follows PUTs that have no reply, by shape.
  private let confirmations: [Phrase]

  /// `asksForStored`: whether EXIST follows such PUTs, which tells that the last of them was kept. An engine does not look up
  /// what it stored, and the server keeps what was looked up.
  init(_ dialect: Dialect, _ keys: KeySpace, asksForStored: Bool = true) {
    self.dialect = dialect
    self.keys = keys
    confirmations = keys.shapes.map { shape in
      dialect == .lm && !asksForStored
        ? LMHeader.health(key: Self.key(shape)) : Self.phrase(.exist, shape, dialect)
    }
    phrases = keys.shapes.flatMap { shape in Operation.allCases.map { Self.phrase($0, shape, dialect) } }
    requestBytesMax = phrases.map(\.request.count).max()!
    valueBytesMax = keys.shapes.map(\.bytes).max()!
  }

  @inline(__always)
  func phrase(_ operation: Operation, shape: Int) -> Phrase {
    phrases[shape * Operation.allCases.count + operation.rawValue]
  }

  @inline(__always)
  func phrase(of job: Job) -> Phrase {
    job.isConfirmation ? confirmations[job.shape] : phrase(job.operation, shape: job.shape)
  }

  private static func key(_ shape: ValueShape) -> String { shape.keyHead + Phrase.digitsPlaceholder + shape.keyTail }

  private static func phrase(_ operation: Operation, _ shape: ValueShape, _ dialect: Dialect) -> Phrase {
    let key = key(shape)
    switch dialect {
    case .lm: return LMHeader.phrase(operation, key: key, shape)
    case .redis: return RESPText.phrase(operation, key: key, valueBytes: shape.bytes)
    case .memcached: return MemcachedText.phrase(operation, key: key, valueBytes: shape.bytes)
    }
  }
}
