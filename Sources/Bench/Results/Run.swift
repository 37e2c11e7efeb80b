/// Everything that one call of the benchmark found out.
package struct Run: Sendable {
  /// As it was given, without the passwords of targets.
  package var commandLine: [String]
  package var environment: Environment
  package var cases: [Case]

  package init(commandLine: [String], environment: Environment, cases: [Case] = []) {
    self.commandLine = commandLine
    self.environment = environment
    self.cases = cases
  }
}
