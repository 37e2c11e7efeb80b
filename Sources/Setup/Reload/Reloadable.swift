import Base

/// A part of the server that follows other options, or other files that they name, without a restart.
package protocol Reloadable: Sendable {
  /// The options that it follows.
  var flags: [Flag] { get }

  /// Reads and checks all that the options name, and changes nothing yet: what is wrong for one part stops all.
  func prepare(_ options: ServerOptions) throws(OptionFailure) -> ReloadStep
}

/// Puts in force what was prepared, which cannot fail any more.
package typealias ReloadStep = @Sendable (_ now: UInt64) -> [ReloadNews]

/// What a step tells beyond the options that changed: of what a file holds, or of what follows only in part.
package struct ReloadNews: Equatable, Sendable {
  let level: LogLevel
  let message: String
  let reason: String

  package init(_ level: LogLevel, _ message: String, reason: String) {
    (self.level, self.message, self.reason) = (level, message, reason)
  }
}
