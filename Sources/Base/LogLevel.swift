/// How much a line matters; the first matters most.
package enum LogLevel: String, CaseIterable, Comparable, Sendable {
  case error, warning, info, debug

  package static func < (left: Self, right: Self) -> Bool { left.rank < right.rank }

  private var rank: Int {
    switch self {
    case .error: 0
    case .warning: 1
    case .info: 2
    case .debug: 3
    }
  }
}

/// How a line looks.
package enum LogFormat: String, CaseIterable, Sendable {
  case text, json
}
