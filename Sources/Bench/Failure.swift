import Base
import Glibc

/// An error, in one line for the user.
package struct Failure: Error, Equatable {
  package let message: String

  package init(_ message: String) { self.message = message }

  /// A failed system call, with the system's own text.
  package init(_ what: String, code: Int32) { message = "\(what): \(String(cString: strerror(code)))" }

  /// A send or receive that moved nothing, by its result.
  init(moving what: String, _ count: Int) {
    if count == 0 {
      self.init("\(what): the server closed the connection")
    } else if errno == EAGAIN {
      self.init("\(what): nothing moved for \(Limits.benchSilenceSecondsMax) s")
    } else {
      self.init(what, code: errno)
    }
  }
}
