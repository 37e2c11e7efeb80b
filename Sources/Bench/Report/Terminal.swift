import Glibc

/// The properties of standard error that a redrawn line depends on.
enum Terminal {
  /// Nil if a line cannot be redrawn: a file, a pipe, a terminal that cannot do it.
  static func liveLine() -> LiveLine? {
    guard isatty(STDERR_FILENO) == 1, variable("TERM") != "dumb" else { return nil }
    return LiveLine(width: width(), isColored: isColored, hasUnicode: hasUnicode)
  }

  static func write(_ text: String) {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let count = bytes.withUnsafeBytes { Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return }
      bytes = bytes.dropFirst(count)
    }
  }

  /// See no-color.org.
  private static var isColored: Bool { (variable("NO_COLOR") ?? "").isEmpty }

  private static var hasUnicode: Bool {
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].lazy.compactMap(variable).first { !$0.isEmpty } ?? ""
    return ["utf-8", "utf8"].contains { locale.lowercased().hasSuffix($0) }
  }

  static func width() -> Int {
    var size = winsize()
    let known = ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
    return known ? Int(size.ws_col) : 80
  }

  private static func variable(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
}
