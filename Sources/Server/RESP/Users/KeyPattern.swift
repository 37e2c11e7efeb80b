import Base
import Glibc
import Objects

/// What a request does with a key.
struct KeyAccess: OptionSet, Sendable {
  let rawValue: UInt8

  static let read = KeyAccess(rawValue: 1)
  static let write = KeyAccess(rawValue: 2)
  static let full: KeyAccess = [.read, .write]

  func covers(_ wanted: KeyAccess) -> Bool { rawValue & wanted.rawValue == wanted.rawValue }
}

/// Keys that a user may reach, as a file says it.
struct KeyPattern: Sendable {
  let text: [UInt8]
  let access: KeyAccess

  init(_ text: [UInt8], access: KeyAccess) { (self.text, self.access) = (text, access) }

  static let all = [UInt8(ascii: "*")]

  var isAll: Bool { text.allSatisfy { $0 == UInt8(ascii: "*") } }
}

/// The patterns of a user, taken apart once: the usual ones are compared and not searched, and nothing is allocated for a key.
///
/// They are matched with an object's key, so that they say the same of both its names, however they are spelled.
final class KeyPatterns: @unchecked Sendable {
  private enum Form {
    case exact
    case prefix
    case general
  }

  private struct Row {
    let form: Form
    let access: KeyAccess
  }

  private let rows: UnsafeMutablePointer<Row>
  /// What a key has to be, or to begin with, or the whole pattern.
  private let texts: ByteTable
  let count: Int
  /// A bit for each way in which all keys may be reached.
  private let allBits: UInt8

  init(_ patterns: [KeyPattern]) {
    count = patterns.count
    rows = .allocate(capacity: max(1, count))
    var texts: [[UInt8]] = []
    for (index, pattern) in patterns.enumerated() {
      let stars = pattern.text.reversed().prefix { $0 == UInt8(ascii: "*") }.count
      let front = Array(pattern.text.dropLast(stars))
      let isGeneral = front.contains { "*?[\\".utf8.contains($0) }
      let form = isGeneral ? Form.general : stars == 0 ? .exact : .prefix
      (rows + index).initialize(to: Row(form: form, access: pattern.access))
      texts.append(isGeneral ? pattern.text : front)
    }
    self.texts = ByteTable(texts)
    allBits = (0...KeyAccess.full.rawValue).reduce(0) { bits, access in
      let isReached = patterns.contains { $0.isAll && $0.access.covers(KeyAccess(rawValue: access)) }
      return isReached ? bits | 1 << access : bits
    }
  }

  deinit { rows.deallocate() }

  func reachAll(_ access: KeyAccess) -> Bool { allBits >> access.rawValue & 1 != 0 }

  /// Whether one of them lets the key be reached in this way; no where that takes more than `steps` to find out.
  func reach(_ key: UnsafeRawBufferPointer, _ access: KeyAccess, steps: inout Int) -> Bool {
    if reachAll(access) { return true }
    var index = 0
    while index < count {
      if rows[index].access.covers(access) {
        guard let isMatch = matches(index, key, &steps) else { return false }
        if isMatch { return true }
      }
      index += 1
    }
    return false
  }

  /// Nil when all steps are spent before it is known.
  private func matches(_ index: Int, _ key: UnsafeRawBufferPointer, _ steps: inout Int) -> Bool? {
    let text = texts[index]
    switch rows[index].form {
    case .exact: return key.count == text.count && begins(key, text)
    case .prefix: return begins(key, text)
    case .general:
      var progress = RESPPattern.Progress()
      return RESPPattern(bytes: text).matches(key, &progress, steps: &steps)
    }
  }

  private func begins(_ key: UnsafeRawBufferPointer, _ text: UnsafeRawBufferPointer) -> Bool {
    guard key.count >= text.count else { return false }
    return text.count == 0 || memcmp(key.baseAddress!, text.baseAddress!, text.count) == 0
  }
}
