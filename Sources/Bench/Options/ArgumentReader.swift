/// Reads the words of a command line one after the other, and parses them.
struct ArgumentReader {
  private var rest: ArraySlice<String>

  init(_ arguments: some Sequence<String>) { rest = Array(arguments)[...] }

  mutating func next() -> String? { rest.popFirst() }

  /// The next word, not yet taken.
  var upcoming: String? { rest.first }

  mutating func value(of option: String) throws(Failure) -> String {
    guard let value = rest.popFirst() else { throw Failure("\(option) needs a value") }
    return value
  }

  mutating func count(_ option: String, min least: Int = 1) throws(Failure) -> Int {
    try Self.count(try value(of: option), option, min: least)
  }

  /// One value or several, separated by commas.
  mutating func counts(_ option: String) throws(Failure) -> [Int] {
    var counts: [Int] = []
    for word in try value(of: option).split(separator: ",", omittingEmptySubsequences: false) {
      counts.append(try Self.count(String(word), option, min: 1))
    }
    return counts
  }

  mutating func seconds(_ option: String, min least: Double = 0.001) throws(Failure) -> Double {
    let text = try value(of: option)
    guard let number = Double(text), number >= least, number <= 86400 else {
      throw Failure("\(option) '\(text)' is not a number of seconds")
    }
    return number
  }

  /// Rates a second, one or several: `2000` or `2000/s`.
  mutating func rates(_ option: String) throws(Failure) -> [Double] {
    let text = try value(of: option)
    var rates: [Double] = []
    for word in text.split(separator: ",", omittingEmptySubsequences: false) {
      guard let number = Double(word.hasSuffix("/s") ? word.dropLast(2) : word), number > 0, number <= 100_000_000
      else {
        throw Failure("\(option) '\(text)' is not a number of arrivals such as 2000/s")
      }
      rates.append(number)
    }
    return rates
  }

  /// `4KiB,1MiB`: a case each. `4KiB:50,1MiB:30`: one case, with weights.
  mutating func sizes(_ option: String) throws(Failure) -> [SizeMix] {
    let text = try value(of: option)
    var shares: [SizeMix.Share] = []
    let words = text.split(separator: ",", omittingEmptySubsequences: false)
    let isMix = text.contains(":")
    for word in words {
      let parts = word.split(separator: ":", omittingEmptySubsequences: false)
      guard parts.count == (isMix ? 2 : 1) else {
        throw Failure("\(option) '\(text)': give every size its weight, or none")
      }
      let weight = isMix ? try Self.count(String(parts[1]), option, min: 1) : 1
      shares.append(SizeMix.Share(bytes: try Self.size(String(parts[0]), option), weight: weight))
    }
    return isMix ? [SizeMix(shares)] : shares.map { SizeMix(bytes: $0.bytes) }
  }

  /// `get=70,put=20,exist=10`: weights; a missing operation has weight 0.
  mutating func mix(_ option: String) throws(Failure) -> OperationMix {
    let text = try value(of: option)
    var weights: [String: Int] = [:]
    for word in text.split(separator: ",", omittingEmptySubsequences: false) {
      let parts = word.split(separator: "=", omittingEmptySubsequences: false)
      guard parts.count == 2, Operation.allCases.contains(where: { $0.name == parts[0] }),
        weights[String(parts[0])] == nil
      else { throw Failure("\(option) '\(text)' is not such as get=70,put=20,exist=10") }
      weights[String(parts[0])] = try Self.count(String(parts[1]), option, min: 0)
    }
    let mix = OperationMix(get: weights["get"] ?? 0, put: weights["put"] ?? 0, exist: weights["exist"] ?? 0)
    guard mix.totalWeight > 0 else { throw Failure("\(option) '\(text)' asks for nothing") }
    return mix
  }

  static func size(_ text: String, _ option: String) throws(Failure) -> Int {
    let digits = text.prefix { $0.isASCII && $0.isNumber }
    let units = ["": 1, "B": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30]
    guard let number = Int(digits), let unit = units[String(text.dropFirst(digits.count))], number > 0,
      number <= Int(Int32.max) / unit
    else { throw Failure("\(option) '\(text)' is not a size such as 4096, 64KiB or 32MiB (below 2 GiB)") }
    return number * unit
  }

  private static func count(_ text: String, _ option: String, min least: Int) throws(Failure) -> Int {
    guard let number = Int(text), number >= least, number <= Int(Int32.max) else {
      throw Failure("\(option) '\(text)' is not a whole number" + (least > 0 ? " above zero" : ""))
    }
    return number
  }
}
