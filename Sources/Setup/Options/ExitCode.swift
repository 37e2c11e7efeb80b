/// With what the process ends when it was asked for something it cannot do.
package enum ExitCode {
  /// What LMCache's own server answers to a command line of the form `<host> <port> [device]` it does not understand.
  package static let positional: Int32 = 1
  /// What tools with flags answer to a bad one.
  package static let flag: Int32 = 2
  /// The command line is fine, the machine is not.
  package static let machine: Int32 = 1
}
