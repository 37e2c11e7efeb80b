import Base

/// What a configuration file says to this server. Where it has a section `server`, only that; else all of it.
struct ConfigurationFile {
  static let section = "server"

  private(set) var settings: [Flag: Setting] = [:]
  let summary: ConfigurationSummary

  init(path: String, bytes: [UInt8]) throws(OptionFailure) {
    let root = try Self.root(path, bytes)
    var reader = SettingReader(path: path)
    guard let root else {
      summary = ConfigurationSummary(path: path, othersCount: nil)
      return
    }
    guard case .mapping(let pairs) = root.content else {
      throw Self.failure(path, root.line, "names with values are expected, as in: port: \(Limits.portDefault)")
    }
    let sections = pairs.filter { pair in
      guard case .scalar(Self.section, _) = pair.key.content else { return false }
      return true
    }
    guard sections.count <= 1 else {
      throw Self.failure(path, sections[1].key.line, "a second section '\(Self.section)'; keep one")
    }
    if let section = sections.first {
      summary = ConfigurationSummary(path: path, othersCount: pairs.count - 1)
      reader.isSection = true
      try reader.read(Self.pairs(of: section, path))
    } else {
      summary = ConfigurationSummary(path: path, othersCount: nil)
      try reader.read(pairs)
    }
    settings = reader.settings
  }

  private static func root(_ path: String, _ bytes: [UInt8]) throws(OptionFailure) -> YAMLNode? {
    guard String(validating: bytes, as: UTF8.self) != nil else {
      throw failure(path, line(ofInvalidIn: bytes), "not UTF-8; save the file in that encoding")
    }
    do throws(YAMLFailure) {
      return try YAMLReader.read(bytes)
    } catch {
      throw failure(path, error.line ?? 1, error.complaint)
    }
  }

  /// The first that is no UTF-8 whole.
  private static func line(ofInvalidIn bytes: [UInt8]) -> Int {
    let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    return (lines.firstIndex { String(validating: $0, as: UTF8.self) == nil } ?? 0) + 1
  }

  private static func pairs(of section: YAMLPair, _ path: String) throws(OptionFailure) -> [YAMLPair] {
    if section.value.isNull { return [] }
    guard case .mapping(let pairs) = section.value.content, !section.value.isTagged else {
      throw failure(
        path, section.value.line,
        "the section '\(Self.section)' holds names with values, indented below it; for an empty one write: server: {}")
    }
    return pairs
  }

  static func failure(_ path: String, _ line: Int, _ complaint: String) -> OptionFailure {
    OptionFailure(message: "\(FilePlace.text(path, line)): \(complaint)", exitCode: ExitCode.flag)
  }
}

/// How a configuration file was read, for the log.
package struct ConfigurationSummary: Equatable, Sendable {
  package let path: String
  /// How many names beside the section are the engines'; nil where the whole file is this server's.
  let othersCount: Int?

  /// For the log: one line without its end.
  package var reason: String {
    guard let othersCount else { return "it has no section '\(ConfigurationFile.section)', so all of it counts" }
    let others = othersCount == 1 ? "1 other name is" : "\(othersCount) other names are"
    return "only its section '\(ConfigurationFile.section)' counts; \(others) the engines'"
  }
}
