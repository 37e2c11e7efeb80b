/// From the words of a request to its command.
enum RESPCommandTable {
  enum Finding {
    case command(RESPCommand)
    case unknown
    case unknownMember(of: RESPCommand)
  }

  private struct Row {
    let word: RESPWord
    /// The group it is a member of.
    let group: RESPCommand?
    let command: RESPCommand
  }

  private static let rows: [Row] = RESPCommand.allCases.map { command in
    let name = command.name
    let bytes = UnsafeRawBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount)
    guard let bar = bytes.firstIndex(of: UInt8(ascii: "|")) else {
      return Row(word: RESPWord(name), group: nil, command: command)
    }
    guard let group = RESPWord(UnsafeRawBufferPointer(rebasing: bytes[..<bar])),
      let word = RESPWord(UnsafeRawBufferPointer(rebasing: bytes[(bar + 1)...])),
      let owner = RESPCommand.allCases.first(where: { $0.isGroup && RESPWord($0.name) == group })
    else { preconditionFailure("a member's name has its group's in front") }
    return Row(word: word, group: owner, command: command)
  }

  /// `second` is asked for only if the first word names a group.
  static func find(_ first: UnsafeRawBufferPointer, second: UnsafeRawBufferPointer?) -> Finding {
    guard let word = RESPWord(first), let command = find(word, in: nil) else { return .unknown }
    guard command.isGroup, let second else { return .command(command) }
    guard let member = RESPWord(second).flatMap({ find($0, in: command) }) else {
      return .unknownMember(of: command)
    }
    return .command(member)
  }

  private static func find(_ word: RESPWord, in group: RESPCommand?) -> RESPCommand? {
    var index = 0
    while index < rows.count {
      if rows[index].word == word, rows[index].group == group { return rows[index].command }
      index += 1
    }
    return nil
  }
}
