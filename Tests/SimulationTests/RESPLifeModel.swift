import Base

/// One client's knowledge of its own names, and the answers that can be true. Values may be evicted at any time, unless
/// an EXISTS promised them.
struct RESPLifeModel {
  /// Shorter than the least promise of a yes; repeated asks stay within the lease.
  private static let promisedNanoseconds: UInt64 = 4_000_000_000
  private static let seriesNanoseconds: UInt64 = 20_000_000_000

  /// The value of the last SET answered +OK.
  private var stored: [RESPLifeName: [UInt8]] = [:]
  /// The latest moment of its expiry.
  private var deadlines: [RESPLifeName: UInt64] = [:]
  /// When an EXISTS that said yes was sent, and the first one since the last fetch.
  private var promises: [RESPLifeName: UInt64] = [:]
  private var firstAsked: [RESPLifeName: UInt64] = [:]
  /// Answers that only a deadline explains.
  private(set) var expiries = 0

  mutating func forget() { (stored, deadlines, promises) = ([:], [:], [:]) }

  mutating func set(_ name: RESPLifeName, _ value: [UInt8], expiresBy deadline: UInt64?) {
    stored[name] = value
    // A pair's deadline is that of its bytes: metadata can only bring it forward, which then ends the promise.
    if name.half != .metadata { deadlines[name] = deadline }
    endPromises(of: name)
  }

  mutating func delete(_ name: RESPLifeName, answer: String, askedAt: UInt64) -> String? {
    guard answer == ":1" else { return answer == ":0" ? nil : "DEL answered \(answer)" }
    defer { for one in names(with: name) { (stored[one], deadlines[one]) = (nil, nil) } }
    endPromises(of: name)
    return mayBeThere(name, askedAt) ? nil : "DEL found what cannot be there"
  }

  mutating func exists(_ name: RESPLifeName, answer: String, askedAt: UInt64, now: UInt64) -> String? {
    guard answer == ":1" else {
      if answer != ":0" { return "EXISTS answered \(answer)" }
      return isPromised(name, now) ? "EXISTS denies what it promised" : nil
    }
    guard mayBeThere(name, askedAt) else { return "EXISTS says yes to what cannot be there" }
    // Metadata exists only with its bytes, and they are kept together.
    let first = names(with: name).compactMap { firstAsked[$0] }.min() ?? askedAt
    for one in names(with: name) { firstAsked[one] = first }
    guard askedAt - first < Self.seriesNanoseconds else { return nil }
    for one in name.half == .metadata ? names(with: name) : [name] { promises[one] = askedAt }
    return nil
  }

  mutating func get(_ name: RESPLifeName, _ bytes: [UInt8]?, askedAt: UInt64, now: UInt64) -> String? {
    // A GET of its bytes settles the promise; a GET of its metadata counts as an ask.
    defer { if name.half != .metadata { endPromises(of: name) } }
    guard let bytes else {
      return isPromised(name, now) ? "a promised value is gone" : nil
    }
    guard mayBeThere(name, askedAt) else { return "\(bytes.count) bytes of what cannot be there" }
    return stored[name] == bytes ? nil : "another value's bytes: \(bytes.count) instead of \(stored[name]!.count)"
  }

  private func mayBeThere(_ name: RESPLifeName, _ askedAt: UInt64) -> Bool {
    guard let value = stored[name] else { return false }
    if hasExpired(name, askedAt) { return false }
    guard name.half == .metadata else { return true }
    let bytes = RESPLifeName(key: name.key, half: .bytes)
    guard let length = stored[bytes]?.count, !hasExpired(bytes, askedAt) else { return false }
    return value.withUnsafeBytes { Int(Int32(littleEndian: $0.loadUnaligned(as: Int32.self))) } == length
  }

  private func hasExpired(_ name: RESPLifeName, _ askedAt: UInt64) -> Bool {
    deadlines[name].map { askedAt > $0 } ?? false
  }

  /// A deadline ends a promise: a client asked for it.
  private func isPromised(_ name: RESPLifeName, _ now: UInt64) -> Bool {
    guard let promise = promises[name] else { return false }
    return names(with: name).allSatisfy { deadlines[$0] == nil } && now - promise < Self.promisedNanoseconds
  }

  private mutating func endPromises(of name: RESPLifeName) {
    for one in names(with: name) { (promises[one], firstAsked[one]) = (nil, nil) }
  }

  /// The name, and the other half of its pair.
  private func names(with name: RESPLifeName) -> [RESPLifeName] {
    name.half == nil ? [name] : RESPLifeName.Half.allCases.map { RESPLifeName(key: name.key, half: $0) }
  }

  /// Counts a miss of an expired name.
  mutating func noteMiss(_ name: RESPLifeName, askedAt: UInt64) {
    if stored[name] != nil, hasExpired(name, askedAt) { expiries += 1 }
  }
}
