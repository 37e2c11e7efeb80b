package final class Log: Sendable {
  package init() {}
  package var droppedLines: UInt64 { 0 }
  package func info(_ text: String, _ fields: KeyValuePairs<String, String> = [:]) {}
}
package struct LogLimiter {
  package init(log: Log) {}
  package mutating func info(_ key: Int, now: UInt64, _ text: String, _ f: KeyValuePairs<String, String>) {}
  package mutating func warning(_ key: Int, now: UInt64, _ text: String, _ f: KeyValuePairs<String, String>) {}
}
package enum JSONText { package static func escaped(_ s: String) -> String { s } }
