import Base

/// What SIGHUP asks for: the configuration file is read again, with all that it names, and each part of the server
/// follows. The log tells what changed, and what differs but needs a restart. Where anything is wrong nothing changes.
package struct Reload: Sendable {
  private let log: Log
  private let parts: [any Reloadable]
  private let read: @Sendable () throws(OptionFailure) -> ServerOptions
  private let inForce: OptionsInForce

  /// - Parameter read: answers what the server would start with now.
  package init(
    _ options: ServerOptions, log: Log, parts: [any Reloadable],
    read: @escaping @Sendable () throws(OptionFailure) -> ServerOptions
  ) {
    self.log = log
    self.parts = parts
    self.read = read
    inForce = OptionsInForce(options)
  }

  /// The log follows by itself: it has to tell of the change.
  private static let ofLog: [Flag] = [.logLevel, .logFormat]

  /// Not for event loops: it reads files, and evicts what a smaller budget has no room for.
  package func run(now: UInt64) {
    do throws(OptionFailure) {
      let (before, wanted) = (inForce.options, try read())
      try Self.checkFile(before, wanted)
      let following = Self.ofLog + parts.flatMap(\.flags)
      var after = before
      for flag in following { after.take(flag, from: wanted) }
      var steps: [ReloadStep] = []
      for part in parts { steps.append(try part.prepare(after)) }
      inForce.replace(after)
      // Before it is told: a script that waits for the line relies on what it says.
      let news = steps.flatMap { $0(now) }
      log.change(to: after.logFormat)
      // One that was set at the admin door stays, unless the option changed.
      let level = before.logLevel == after.logLevel ? log.level : after.logLevel
      // The lines about the change are written if either level has them.
      log.change(to: max(log.level, level))
      tell(wanted)
      for flag in Flag.all where !flag.isSame(before, wanted) {
        if following.contains(flag) { tellChange(flag, before, after) } else { tellRestart(flag, before, wanted) }
      }
      for item in news { log.write(item.level, item.message, ["reason": .text(item.reason)]) }
      log.change(to: level)
    } catch {
      log.error("configuration stays as it is", ["reason": .text(error.message)])
    }
  }

  /// A file that is being written again is empty for a moment, and would open what it had closed.
  private static func checkFile(_ before: ServerOptions, _ wanted: ServerOptions) throws(OptionFailure) {
    guard let file = wanted.configuration, before.saysByFile, !wanted.saysByFile else { return }
    throw OptionFailure(
      message: "\(file.path) says nothing any more; restart the server if that is meant", exitCode: ExitCode.flag)
  }

  private func tell(_ wanted: ServerOptions) {
    guard let file = wanted.configuration else { return }
    log.info("configuration read again", ["file": .text(file.path), "reason": .text(file.reason)])
  }

  private func tellChange(_ flag: Flag, _ before: ServerOptions, _ after: ServerOptions) {
    log.info(
      "\(flag.word) \(before.shownText(of: flag)) -> \(after.shownText(of: flag))",
      ["reason": .text(after.given[flag].map { "\($0.name) says so" } ?? "it is not given any more")])
  }

  private func tellRestart(_ flag: Flag, _ before: ServerOptions, _ wanted: ServerOptions) {
    let name = wanted.given[flag]?.name ?? flag.word
    log.warning(
      "\(flag.word) stays \(before.shownText(of: flag))",
      ["reason": .text("\(name) \(wanted.shownText(of: flag)) needs a restart")])
  }
}

/// What the server works with, as far as options say it. Only the thread that waits for signals changes it.
private final class OptionsInForce: Sendable {
  private let storage: Guarded<ServerOptions>

  init(_ options: ServerOptions) { storage = Guarded(options) }

  var options: ServerOptions { storage.withLock { $0 } }
  func replace(_ options: ServerOptions) { storage.withLock { $0 = options } }
}

extension ServerOptions {
  fileprivate var saysByFile: Bool {
    given.values.contains {
      if case .file = $0.origin { true } else { false }
    }
  }

  /// As the log may show it.
  fileprivate func shownText(of flag: Flag) -> String { given[flag]?.shownText ?? "default" }

  fileprivate mutating func take(_ flag: Flag, from other: ServerOptions) {
    flag.carry(other, &self)
    given[flag] = other.given[flag]
  }
}
