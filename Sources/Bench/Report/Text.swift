import Glibc

/// A number with a fixed count of decimals; the standard library alone cannot format one.
func fixed(_ value: Double, _ decimals: Int) -> String {
  var scale = 1.0
  for _ in 0..<decimals { scale *= 10 }
  guard value.isFinite, value.magnitude * scale < 0x1p62 else { return "-" }
  let scaled = Int64((value.magnitude * scale).rounded())
  let sign = value < 0 && scaled > 0 ? "-" : ""
  guard decimals > 0 else { return sign + String(scaled) }
  let fraction = String(scaled % Int64(scale))
  return sign + String(scaled / Int64(scale)) + "."
    + String(repeating: "0", count: decimals - fraction.count) + fraction
}

func padded(_ text: String, to width: Int, left: Bool = false) -> String {
  let fill = String(repeating: " ", count: max(0, width - text.count))
  return left ? text + fill : fill + text
}

package func complain(_ text: String) {
  let line = Array((text + "\n").utf8)
  _ = write(STDERR_FILENO, line, line.count)
}
