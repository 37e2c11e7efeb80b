import Glibc

/// What went wrong, in one line for the user.
package struct Failure: Error, Equatable {
  package let message: String

  package init(_ message: String) { self.message = message }

  /// A system call that failed, with the system's own words.
  package init(_ what: String, code: Int32) { message = "\(what): \(String(cString: strerror(code)))" }
}
