/// Shows a run to whoever asked for it, while it goes and when it is over.
package struct Reporter {
  private let options: OutputOptions

  package init(_ options: OutputOptions) { self.options = options }

  /// Called a few times a second by the thread that waits for the load.
  package mutating func show(_ progress: Progress) {}

  /// Called before anything else is written to the terminal.
  package mutating func endProgress() {}

  package func report(_ run: Run) throws(Failure) {
    for result in run.cases {
      if options.json { print(Report.json(result)) } else { print(Report.table(result)) }
    }
  }
}
