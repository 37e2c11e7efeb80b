/// What went wrong, in one line for the user.
struct Failure: Error {
  let message: String

  init(_ message: String) { self.message = message }

  /// A system call that failed, with the system's own words.
  init(_ what: String, code: Int32) { message = "\(what): \(errorText(code))" }
}
