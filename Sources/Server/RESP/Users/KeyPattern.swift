import Base
import Objects

/// What a request does with a key.
struct KeyAccess: OptionSet, Sendable {
  let rawValue: UInt8

  static let read = KeyAccess(rawValue: 1)
  static let write = KeyAccess(rawValue: 2)
  static let full: KeyAccess = [.read, .write]
}

/// Keys that a user may reach, taken apart once: the usual patterns are compared and not searched.
///
/// A pattern is matched with an object's key, so that it says the same of both its names, however they are spelled.
struct KeyPattern: Sendable {
  private enum Form {
    case all
    case exact
    case prefix
    case general
  }

  let access: KeyAccess
  /// As it was written.
  let text: [UInt8]
  private let form: Form
  /// What a name has to be, or to begin with.
  private let literal: [UInt8]

  init(_ text: [UInt8], access: KeyAccess) {
    (self.text, self.access) = (text, access)
    let stars = text.reversed().prefix { $0 == UInt8(ascii: "*") }.count
    let front = text.dropLast(stars)
    literal = Array(front)
    if front.contains(where: { "*?[\\".utf8.contains($0) }) {
      form = .general
    } else {
      form = stars == 0 ? .exact : front.isEmpty ? .all : .prefix
    }
  }

  var isAll: Bool { form == .all }

  /// Nil when all steps are spent before it is known.
  func matches(_ key: UnsafeRawBufferPointer, steps: inout Int) -> Bool? {
    switch form {
    case .all: return true
    case .exact: return key.count == literal.count && begins(key)
    case .prefix: return begins(key)
    case .general:
      var progress = RESPPattern.Progress()
      return text.withUnsafeBytes { RESPPattern(bytes: $0).matches(key, &progress, steps: &steps) }
    }
  }

  private func begins(_ key: UnsafeRawBufferPointer) -> Bool {
    guard key.count >= literal.count else { return false }
    return literal.withUnsafeBytes { $0.elementsEqual(key.prefix($0.count)) }
  }
}
