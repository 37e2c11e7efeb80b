/// What a program tells of itself: the records behind its help, its manual page and the completions of shells.
package struct Manual: Sendable {
  package let program: String
  /// Half a sentence, for lists of programs.
  package let summary: String
  package let version: String
  /// Each way to call it, without the program's name.
  package let calls: [String]
  package let description: [Passage]
  package let commands: [ManualCommand]
  /// What is taken without a command, and by the commands that take it too.
  package let groups: [OptionGroup]
  package let chapters: [Chapter]

  package init(
    program: String, summary: String, version: String, calls: [String], description: [Passage],
    commands: [ManualCommand], groups: [OptionGroup], chapters: [Chapter]
  ) {
    self.program = program
    self.summary = summary
    self.version = version
    self.calls = calls
    self.description = description
    self.commands = commands
    self.groups = groups
    self.chapters = chapters
  }

  package struct OptionGroup: Sendable {
    package let title: String
    package let options: [ManualOption]

    package init(_ title: String, _ options: [ManualOption]) {
      self.title = title
      self.options = options
    }
  }

  package struct Chapter: Sendable {
    package let title: String
    package let passages: [Passage]

    package init(_ title: String, _ passages: [Passage]) {
      self.title = title
      self.passages = passages
    }
  }

  package enum Passage: Sendable {
    /// Lines are filled.
    case paragraph(String)
    case item(String, String)
    /// Lines stay as they are.
    case verbatim(String)
  }

  package var options: [ManualOption] { groups.flatMap(\.options) }
  var ownCommands: [ManualCommand] { commands.filter { !$0.takesProgramOptions } }
}
