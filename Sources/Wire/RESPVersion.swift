/// Which of its two dialects a connection speaks; HELLO changes it. Requests look the same in both.
package enum RESPVersion: Int, CaseIterable, Sendable {
  case two = 2
  case three = 3
}
