import Base

/// Where a value came from, so that a complaint about it names what has to change.
package enum Origin: Equatable, Sendable {
  case standard, positional, flag, variable

  func name(of flag: Flag) -> String {
    switch self {
    case .positional: flag.word
    case .standard, .flag: flag.name
    case .variable: flag.variable
    }
  }

  func example(of flag: Flag) -> String {
    switch self {
    case .positional: "lmcache-server 0.0.0.0 \(Limits.portDefault)"
    case .standard, .flag: "\(flag.name) \(flag.example)"
    case .variable: "\(flag.variable)=\(flag.example)"
    }
  }
}
