import Base

/// Makes names and values of a configuration file into settings.
struct SettingReader {
  let path: String
  /// Whether the rest of the file is the engines'.
  var isSection = false
  private(set) var settings: [Flag: Setting] = [:]
  /// Where each name stands, its own or another for the same.
  private var lines: [String: Int] = [:]
  private var sharesWithEngines = true

  init(path: String) { self.path = path }

  mutating func read(_ pairs: [YAMLPair]) throws(OptionFailure) {
    for pair in pairs { try read(pair) }
    guard !sharesWithEngines else { return }
    // As an engine does.
    settings = settings.filter { _, setting in
      guard case .file(let place) = setting.origin else { return true }
      return place.name != EngineName.distributedURL && place.name != EngineName.lookupURL
    }
  }

  private mutating func read(_ pair: YAMLPair) throws(OptionFailure) {
    guard case .scalar(let written, _) = pair.key.content, !pair.key.isTagged else {
      throw failure(pair.key, "a name is expected, as in: port: \(Limits.portDefault)")
    }
    if let line = lines.updateValue(pair.key.line, forKey: written) {
      throw failure(pair.key, "\(OptionFailure.quoted(written)) stands in line \(line) already; keep one")
    }
    switch written {
    case EngineName.localCPU: try readLocalCPU(pair)
    case EngineName.enableP2P: sharesWithEngines = try truth(of: pair, written)
    default: try read(pair, named: written)
    }
  }

  private mutating func read(_ pair: YAMLPair, named written: String) throws(OptionFailure) {
    let engine = EngineName.all.first { $0.name == written }
    let own = Flag.inFiles.first { $0.fileName == written || $0.word == written }
    guard engine != nil || own != nil else { throw unknown(written, pair.key) }
    if written == EngineName.remoteURL, !isSection { throw failure(pair.key, Self.notOurs) }
    // Nothing behind a name is as if it were not there, but where that would let every client in.
    if pair.value.isNull {
      guard let own, Flag.guarding.contains(own) else { return }
      throw failure(
        pair.key, "'\(written)' has nothing behind it, which would let everybody in; leave it out if that is meant")
    }
    let text = try text(of: pair.value, written, takesList: own?.repeats ?? (written == "local_disk"))
    let (flag, value) = engine?.means(text) ?? (own!, own!.isSwitch ? Self.switchText(text) : text)
    let place = FilePlace(
      path: path, line: pair.key.line, name: written, example: engine?.example ?? flag.example)
    if case .file(let other)? = settings[flag]?.origin {
      throw failure(
        pair.key, "\(OptionFailure.quoted(written)) says what '\(other.name)' in line \(other.line) says; keep one")
    }
    settings[flag] = Setting(flag: flag, origin: .file(place), text: value)
  }

  // MARK: Values

  /// A list is written as flags take it.
  private func text(of node: YAMLNode, _ name: String, takesList: Bool) throws(OptionFailure) -> String {
    switch node.content {
    case .scalar(let text, _) where !node.isTagged: return text
    case .list(let items) where takesList && !node.isTagged:
      var texts: [String] = []
      for item in items {
        guard case .scalar(let text, _) = item.content, !item.isTagged, !item.isNull else {
          throw failure(item, "'\(name)' takes a list of plain values")
        }
        guard !text.contains(",") else {
          throw failure(item, "'\(name)' takes a list of values without commas, which separate them elsewhere")
        }
        texts.append(text)
      }
      return texts.joined(separator: ",")
    case .alias:
      throw failure(node, "'\(name)' refers to a value elsewhere with *, which is not followed; write it out")
    case .scalar, .list, .mapping:
      let isTyped = node.isTagged ? " without a tag" : ""
      throw failure(node, "'\(name)' takes one value\(takesList ? ", or a list of them" : "")\(isTyped)")
    }
  }

  private mutating func readLocalCPU(_ pair: YAMLPair) throws(OptionFailure) {
    guard try truth(of: pair, EngineName.localCPU) else {
      throw failure(
        pair.key, "'\(EngineName.localCPU)' cannot be false: chunks are always kept in memory; leave it out")
    }
  }

  /// Nothing is true: what LMCache takes for granted, or what is the same as leaving it out.
  private func truth(of pair: YAMLPair, _ name: String) throws(OptionFailure) -> Bool {
    if pair.value.isNull { return true }
    let text = try text(of: pair.value, name, takesList: false)
    switch Self.switchText(text) {
    case Switch.yes.rawValue: return true
    case Switch.no.rawValue: return false
    default: throw failure(pair.value, "'\(name)' \(OptionFailure.quoted(text)) is not true or false")
    }
  }

  /// As YAML 1.1 writes what is either on or off.
  private static func switchText(_ text: String) -> String {
    switch text.lowercased() {
    case "true", "yes", "on": Switch.yes.rawValue
    case "false", "no", "off": Switch.no.rawValue
    default: text
    }
  }

  // MARK: Complaints

  private static let notOurs =
    "'\(EngineName.remoteURL)' is what engines follow, so this seems to be an engine's file;"
    + " put what is for this server into a section '\(ConfigurationFile.section)'"

  private func unknown(_ name: String, _ node: YAMLNode) -> OptionFailure {
    let names = Flag.inFiles.map(\.fileName) + EngineName.names
    let nearest = NearestName.of(name, among: names).map { "did you mean \($0)?" }
    let section =
      "if it is an engine's, put what is for this server into a section '\(ConfigurationFile.section)'"
    return failure(
      node,
      "unknown name \(OptionFailure.quoted(name)): \(nearest ?? (isSection ? "--help lists the flags" : section))")
  }

  private func failure(_ node: YAMLNode, _ complaint: String) -> OptionFailure {
    ConfigurationFile.failure(path, node.line, complaint)
  }
}
