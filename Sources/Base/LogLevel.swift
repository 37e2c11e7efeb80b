import Synchronization

/// How much a line matters; the first matters most.
package enum LogLevel: String, CaseIterable, Comparable, Sendable {
  case error, warning, info, debug

  package static func < (left: Self, right: Self) -> Bool { left.rank < right.rank }

  private var rank: UInt8 {
    switch self {
    case .error: 0
    case .warning: 1
    case .info: 2
    case .debug: 3
    }
  }
}

extension LogLevel: AtomicRepresentable {
  package typealias AtomicRepresentation = UInt8.AtomicRepresentation

  package static func encodeAtomicRepresentation(_ value: consuming Self) -> AtomicRepresentation {
    UInt8.encodeAtomicRepresentation(value.rank)
  }

  package static func decodeAtomicRepresentation(_ storage: consuming AtomicRepresentation) -> Self {
    switch UInt8.decodeAtomicRepresentation(storage) {
    case 0: .error
    case 1: .warning
    case 2: .info
    default: .debug
    }
  }
}

/// How a line looks.
package enum LogFormat: String, CaseIterable, Sendable {
  case text, json
}

/// The form in force, which may change while lines are written.
final class SharedLogFormat: Sendable {
  private let isJSON: Atomic<Bool>

  init(_ format: LogFormat) { isJSON = Atomic(format == .json) }

  func store(_ format: LogFormat) { isJSON.store(format == .json, ordering: .relaxed) }

  func load() -> LogFormat { isJSON.load(ordering: .relaxed) ? .json : .text }
}
