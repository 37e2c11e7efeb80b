/// Compares two servers' replies to one client after the other. Replies that cannot be the same bytes are compared by
/// meaning: names have no order, and time passes between the two.
struct RESPComparison {
  /// Times to live that were compared.
  private(set) var times = 0
  /// Requests queued by MULTI.
  private var queued: [[[UInt8]]] = []

  mutating func isSame(_ ours: [UInt8], as theirs: [UInt8], to request: [[UInt8]]) -> Bool {
    switch Self.command(request) {
    case "EXEC": return isSameExec(RESPElement(ours), as: RESPElement(theirs))
    case "DISCARD", "RESET": queued = []
    default: break
    }
    if theirs == Array("+QUEUED\r\n".utf8) { queued.append(request) }
    return isSame(RESPElement(ours), as: RESPElement(theirs), to: request)
  }

  /// Each reply of a transaction belongs to one of the queued requests.
  private mutating func isSameExec(_ ours: RESPElement, as theirs: RESPElement) -> Bool {
    defer { queued = [] }
    guard case .group(let ourHead, let ourParts) = ours, case .group(let theirHead, let theirParts) = theirs,
      ourHead == theirHead, ourParts.count == queued.count
    else { return ours == theirs }
    return zip(queued, zip(ourParts, theirParts)).allSatisfy { request, replies in
      isSame(replies.0, as: replies.1, to: request)
    }
  }

  private mutating func isSame(_ ours: RESPElement, as theirs: RESPElement, to request: [[UInt8]]) -> Bool {
    switch Self.command(request) {
    case "KEYS": return Self.isSameSet(ours, theirs)
    case "SCAN":
      guard ours.parts.count == 2, theirs.parts.count == 2 else { return ours == theirs }
      return ours.parts[0] == theirs.parts[0] && Self.isSameSet(ours.parts[1], theirs.parts[1])
    case "TTL": return isSameTime(ours, theirs, unitsPerSecond: 1)
    case "PTTL": return isSameTime(ours, theirs, unitsPerSecond: 1000)
    case "HELLO": return Self.isSameGreeting(ours, theirs)
    default: return ours == theirs
    }
  }

  /// For a slow machine, yet far less than the difference between any two times that a test sets.
  private static let secondsApartMax = 100

  private mutating func isSameTime(_ ours: RESPElement, _ theirs: RESPElement, unitsPerSecond: Int) -> Bool {
    guard case .integer(let ours) = ours, case .integer(let theirs) = theirs, ours > 0, theirs > 0 else {
      return ours == theirs
    }
    times += 1
    return abs(ours - theirs) <= Self.secondsApartMax * unitsPerSecond
  }

  /// Field by field. The version is that of the Redis whose replies these are, which may differ from the one beside it,
  /// and each server numbers its own clients.
  private static func isSameGreeting(_ ours: RESPElement, _ theirs: RESPElement) -> Bool {
    guard case .group(let ourHead, let ours) = ours, case .group(let theirHead, let theirs) = theirs else {
      return ours == theirs
    }
    guard ourHead == theirHead, ours.count == theirs.count else { return false }
    return stride(from: 0, to: ours.count, by: 2).allSatisfy { place in
      guard ours[place] == theirs[place] else { return false }
      switch (theirs[place].text, ours[place + 1]) {
      case ("version", let version): return version.text?.wholeMatch(of: /7\.\d+\.\d+/) != nil
      case ("id", .integer(let id)): return id > 0
      default: return ours[place + 1] == theirs[place + 1]
      }
    }
  }

  private static func isSameSet(_ ours: RESPElement, _ theirs: RESPElement) -> Bool {
    guard case .group(let ourHead, let ourParts) = ours, case .group(let theirHead, let theirParts) = theirs else {
      return ours == theirs
    }
    let sorted = [ourParts, theirParts].map { parts in parts.map { "\($0)" }.sorted() }
    return ourHead == theirHead && sorted[0] == sorted[1]
  }

  private static func command(_ request: [[UInt8]]) -> String {
    String(decoding: request[0], as: UTF8.self).uppercased()
  }
}
