import Glibc

/// Which way of a connection is meant.
package enum Direction: Sendable {
  case receive, send, both

  /// What shutdown(2) calls it.
  var number: Int32 {
    switch self {
    case .receive: Int32(SHUT_RD)
    case .send: Int32(SHUT_WR)
    case .both: Int32(SHUT_RDWR)
    }
  }
}
