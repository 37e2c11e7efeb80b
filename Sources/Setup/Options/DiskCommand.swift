/// `lmcache-server disk DIR`: what the directory of a disk holds.
package struct DiskCommand: Equatable, Sendable {
  package var path: String
  /// Every value is read and compared with its checksums.
  package var verifies = false
  /// The keys are listed, and nothing else.
  package var listsKeys = false

  package init(path: String, verifies: Bool = false, listsKeys: Bool = false) {
    (self.path, self.verifies, self.listsKeys) = (path, verifies, listsKeys)
  }

  static let word = "disk"
  private static let scheme = "file://"

  /// Reads what follows the word.
  init(_ arguments: ArraySlice<String>) throws(OptionFailure) {
    var paths: [String] = []
    self.init(path: "")
    for argument in arguments {
      switch argument {
      case "--verify": verifies = true
      case "--keys": listsKeys = true
      case _ where argument.hasPrefix("-"):
        let hint = NearestName.of(argument, among: ["--verify", "--keys"]).map { "did you mean \($0)?" }
        throw OptionFailure(
          message: "unknown flag \(OptionFailure.quoted(argument)): \(hint ?? "disk knows --verify and --keys")",
          exitCode: ExitCode.flag)
      default: paths.append(argument)
      }
    }
    guard paths.count == 1, var path = paths.first, !path.isEmpty else {
      throw OptionFailure(
        message: "disk takes the directory of one disk, and perhaps --verify or --keys;"
          + " for example: lmcache-server disk /srv/lmcache --verify", exitCode: ExitCode.flag)
    }
    // As --disk takes it.
    if path.hasPrefix(Self.scheme) { path.removeFirst(Self.scheme.count) }
    self.path = path
  }
}
