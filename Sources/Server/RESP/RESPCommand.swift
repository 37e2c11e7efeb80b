/// A command of a door that speaks RESP: how it is called, what is known of its arguments, and what answers it.
final class RESPCommand: Sendable {
  struct Traits: OptionSet {
    let rawValue: Int

    static let writes = Traits(rawValue: 1)
    /// May come before the password.
    static let needsNoPassword = Traits(rawValue: 2)
    /// Works at once inside a transaction, instead of being queued.
    static let isTransactional = Traits(rawValue: 4)
    /// A long argument is more to it than a name too long to be held.
    static let takesLongWords = Traits(rawValue: 8)
    /// Its first word alone is not enough.
    static let isGroup = Traits(rawValue: 16)
    /// Tells of its keys no more than that they are there.
    static let looksOnly = Traits(rawValue: 32)
  }

  /// Which arguments are keys: the first, the last, and how far they are apart.
  struct Keys {
    let first, last, step: Int

    static let none = Keys(first: 0, last: 0, step: 0)
    static let one = Keys(first: 1, last: 1, step: 1)
    static let all = Keys(first: 1, last: -1, step: 1)
    static let everySecond = Keys(first: 1, last: -1, step: 2)
  }

  /// Which arguments are values, which go straight into pages.
  enum Values {
    case none
    /// The one with this number; its name is the first.
    case one(Int)
    /// Each with its name before it.
    case everySecond
  }

  /// How it is counted and timed. Registry commands count by key.
  enum Counted {
    case get, put, exist, other, byKey
  }

  enum Handler {
    case quick(@Sendable (RESPSession) -> Void)
    case waiting(@Sendable (RESPSession) async throws(SessionEnd) -> Void)
  }

  /// A group's name and a member's are told apart by `|`.
  let name: StaticString
  /// How many words it takes, its own among them; a negative number is the least.
  let arity: Int
  let traits: Traits
  let keys: Keys
  let values: Values
  let counted: Counted
  let handler: Handler
  /// By which rules about users name it.
  let categories: RESPCategory

  init(
    _ name: StaticString, _ arity: Int, _ traits: Traits = [], keys: Keys = .none, values: Values = .none,
    counted: Counted = .other, run handler: Handler
  ) {
    self.name = name
    self.arity = arity
    self.traits = traits
    self.keys = keys
    self.values = values
    self.counted = counted
    self.handler = handler
    categories = RESPCategory.of(name)
  }

  /// What it does with its keys.
  var access: KeyAccess { traits.contains(.writes) ? .write : traits.contains(.looksOnly) ? [] : .read }

  /// The first word of several commands, and none by itself.
  static func group(_ name: StaticString) -> RESPCommand {
    RESPCommand(name, -2, .isGroup, run: .quick { _ in preconditionFailure("a group alone has too few words") })
  }

  func accepts(_ count: Int) -> Bool { arity >= 0 ? count == arity : count >= -arity }

  /// The argument that names the value at this one, if there is a value in a request of so many words.
  func name(ofValue argument: Int, of count: Int) -> Int? {
    guard accepts(count) else { return nil }
    switch values {
    case .none: return nil
    case .one(let value): return argument == value ? 1 : nil
    case .everySecond: return argument >= 2 && argument % 2 == 0 && count % 2 == 1 ? argument - 1 : nil
    }
  }
}

/// The commands of one door, found by the words of a request.
final class RESPCommandSet: Sendable {
  enum Finding {
    /// And its place in the set.
    case command(RESPCommand, Int)
    case unknown
    case unknownMember
  }

  private struct Row {
    let word: RESPWord
    /// The number of the group it is a member of; -1 for none.
    let group: Int
  }

  let commands: [RESPCommand]
  /// What a client is told of this door when it names a command that is not here; nothing repeats its arguments instead.
  let hint: StaticString?
  private let rows: [Row]
  /// Those that a first word names.
  let topLevel: [RESPCommand]

  /// - Parameter groups: what comes most often stands first, because names are looked for in this order.
  init(_ groups: [[RESPCommand]], hint: StaticString? = nil) {
    let commands = groups.flatMap { $0 }
    self.commands = commands
    self.hint = hint
    let names = commands.map { "\($0.name)".split(separator: "|") }
    topLevel = commands.indices.filter { names[$0].count == 1 }.map { commands[$0] }
    rows = names.map { words in
      guard let group = words.count == 1 ? -1 : names.firstIndex(of: [words[0]]) else {
        preconditionFailure("a member's name has its group's in front")
      }
      return Row(word: RESPWord(words[words.count - 1]), group: group)
    }
  }

  /// `second` is looked at only if the first word names a group.
  func find(_ first: UnsafeRawBufferPointer, second: UnsafeRawBufferPointer?) -> Finding {
    guard let word = RESPWord(first), let index = find(word, in: -1) else { return .unknown }
    guard commands[index].traits.contains(.isGroup), let second else { return .command(commands[index], index) }
    guard let member = RESPWord(second).flatMap({ find($0, in: index) }) else { return .unknownMember }
    return .command(commands[member], member)
  }

  private func find(_ word: RESPWord, in group: Int) -> Int? {
    var index = 0
    while index < rows.count {
      if rows[index].word == word, rows[index].group == group { return index }
      index += 1
    }
    return nil
  }
}
