import Base

/// Where a value came from, so that a complaint about it names what has to change.
package enum Origin: Equatable, Sendable {
  case standard, positional, flag
  /// Its name.
  case variable(String)
  case file(FilePlace)

  func name(of flag: Flag) -> String {
    switch self {
    case .positional: flag.word
    case .standard, .flag: flag.name
    case .variable(let name): name
    case .file(let place): place.text
    }
  }

  func example(of flag: Flag) -> String {
    switch self {
    case .positional: "lmcache-server 0.0.0.0 \(Limits.portDefault)"
    case .standard, .flag: "\(flag.name) \(flag.example)"
    case .variable(let name): "\(name)=\(flag.example)"
    case .file(let place): "\(place.name): \(place.example)"
    }
  }

  /// Whether it was given under the engines' own name, which says nothing of whom it was meant for.
  func isEngines(_ flag: Flag) -> Bool {
    switch self {
    case .standard, .positional, .flag: false
    case .variable(let name): !name.hasPrefix("LMCACHE_SERVER_")
    case .file(let place): EngineName.all.contains { $0.name == place.name }
    }
  }

  /// Whether another value may come with the next reading.
  var isFile: Bool {
    if case .file = self { return true }
    return false
  }
}
