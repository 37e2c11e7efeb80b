/// The results of one call of the benchmark.
package struct Run: Sendable {
  /// As given, without the passwords of targets.
  package var commandLine: [String]
  package var environment: Environment
  package var cases: [Case]

  package init(commandLine: [String], environment: Environment, cases: [Case] = []) {
    self.commandLine = commandLine
    self.environment = environment
    self.cases = cases
  }
}
