import Base
import Glibc

/// What went wrong, in one line for the user.
package struct Failure: Error, Equatable {
  package let message: String

  package init(_ message: String) { self.message = message }

  /// A system call that failed, with the system's own words.
  package init(_ what: String, code: Int32) { message = "\(what): \(String(cString: strerror(code)))" }

  /// A send or receive that moved nothing, by what it returned.
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
