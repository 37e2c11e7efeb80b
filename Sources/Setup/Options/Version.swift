import CBuild

/// What `--version`, the pages and the metrics say.
package enum Version {
  /// The release that this is, or will be.
  static let number = "0.1.0"

  /// As semantic versioning writes it: `0.1.0`, or `0.1.0+415398fd91c2` where the build was told its commit.
  package static let current = text(commit: String(cString: build_commit()))

  static func text(commit: String) -> String { commit.isEmpty ? number : "\(number)+\(commit)" }
}
