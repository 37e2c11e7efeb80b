/// One request of a trace.
struct TraceLine {
  private(set) var timestamp = 0.0
  private(set) var inputLength = 0
  private(set) var outputLength = 0
  private(set) var hashIDs: [Int] = []

  /// More tokens than any model takes.
  private static let tokensMax = 1 << 30
  /// An id is multiplied by the parts of its block and must not overflow.
  private static let hashIDMax = 1 << 48
  /// In milliseconds: the year 2286, in case a trace counts from 1970.
  private static let timestampMax = 1e13

  init(parsing line: ArraySlice<UInt8>) throws(Failure) {
    var scanner = JSONScanner(line)
    var seen: Set<String> = []
    try scanner.expect("{")
    while true {
      let name = try scanner.string()
      guard seen.insert(name).inserted else { throw Failure("\"\(name)\" stands there twice") }
      try scanner.expect(":")
      switch name {
      case "timestamp": timestamp = try scanner.number()
      case "input_length": inputLength = try scanner.wholeNumber(max: Self.tokensMax)
      case "output_length": outputLength = try scanner.wholeNumber(max: Self.tokensMax)
      case "hash_ids": hashIDs = try scanner.wholeNumbers(max: Self.hashIDMax)
      default: try scanner.skipValue()
      }
      if scanner.take("}") { break }
      try scanner.expect(",")
    }
    try scanner.expectEnd()
    for name in ["timestamp", "input_length", "hash_ids"] where !seen.contains(name) {
      throw Failure("\"\(name)\" is missing")
    }
    guard timestamp >= 0, timestamp <= Self.timestampMax else { throw Failure("timestamp is out of range") }
  }

  /// The ids must cover exactly the prompt.
  func check(blockTokens: Int) throws(Failure) {
    guard inputLength > 0 else { throw Failure("input_length is zero") }
    let blocks = (inputLength + blockTokens - 1) / blockTokens
    guard hashIDs.count == blocks else {
      throw Failure(
        "\(hashIDs.count) hash_ids for \(inputLength) tokens; blocks of \(blockTokens) tokens make \(blocks)")
    }
  }
}
