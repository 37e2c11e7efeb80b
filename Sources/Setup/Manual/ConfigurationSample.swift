import Base
import Manual

/// What `sample-config` prints: a configuration file that says nothing, and shows everything that it could say.
enum ConfigurationSample {
  private static let width = 98

  static var text: String {
    let head = """
      # Settings of lmcache-server. What stands behind # is not set: the default counts.
      # Flags and variables of the environment win over this file. To see what counts:
      #   lmcache-server --config FILE --print-config
      # SIGHUP (systemctl reload lmcache-server) reads the file again.

      """
    return head + Flag.inFiles.map(entry).joined()
  }

  private static func entry(_ flag: Flag) -> String {
    let said = Prose.lines(flag.meaning, width: width) + Prose.lines("default: " + flag.standard, width: width)
    return "\n" + said.map { "# \($0)\n" }.joined() + "#\(line(flag))\n"
  }

  /// The setting with a value that is accepted.
  static func line(_ flag: Flag) -> String { "\(flag.fileName): \(ConfigurationListing.scalar(flag.example))" }
}
