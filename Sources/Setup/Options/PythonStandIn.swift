/// Charts for LMCache's own server probe it with a script in Python. An image of this server has no Python: the program
/// stands there under that name too, and does what the script would do.
enum PythonStandIn {
  static let name = "python3"
  static let script = "/workspace/LMCache/examples/kubernetes/health_probe.py"

  static func parse(_ arguments: [String]) throws(OptionFailure) -> Command {
    guard arguments.count == 3, arguments[0] == script else {
      throw OptionFailure(
        message: "this \(name) stands in for the probe of LMCache's charts and runs no Python;"
          + " it understands only: \(name) \(script) HOST PORT",
        exitCode: ExitCode.positional)
    }
    return try OptionParser.probe(arguments.dropFirst())
  }
}
