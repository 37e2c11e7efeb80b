import Glibc

/// Shows a run to the user, during the run and after it.
package struct Reporter {
  private let options: OutputOptions
  private let liveLine: LiveLine?
  private var isLineShown = false

  package init(_ options: OutputOptions) {
    self.options = options
    liveLine = Terminal.liveLine()
  }

  /// Called a few times a second by the thread that waits for the load.
  package mutating func show(_ progress: Progress) {
    guard var line = liveLine else { return }
    line.width = Terminal.width()
    Terminal.write("\r" + line.text(progress) + Self.eraseRest)
    isLineShown = true
  }

  /// Called before anything else is written to the terminal.
  package mutating func endProgress() {
    guard isLineShown else { return }
    Terminal.write("\r" + Self.eraseRest)
    isLineShown = false
  }

  package func report(_ run: Run) throws(Failure) {
    if options.printsTable { print(run.cases.map { Report(result: $0).text() }.joined(separator: "\n\n\n")) }
    try put(options.json) { Document.of(run).document() }
    try put(options.csv) { CSV.text(run) }
    if let file = options.plot { try write(RunPicture(run).svg(), to: file) }
  }

  private func put(_ destination: OutputOptions.Destination?, _ text: () -> String) throws(Failure) {
    switch destination {
    case .standardOutput: print(text(), terminator: "")
    case .file(let path): try write(text(), to: path)
    case nil: return
    }
  }

  private func write(_ text: String, to path: String) throws(Failure) {
    guard let file = fopen(path, "w") else { throw Failure(path, code: errno) }
    let isWritten = fputs(text, file) >= 0
    let code = errno
    guard fclose(file) == 0, isWritten else { throw Failure(path, code: isWritten ? errno : code) }
  }

  private static let eraseRest = "\u{1B}[K"
}
