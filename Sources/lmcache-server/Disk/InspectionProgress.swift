import Base
import Glibc

/// Tells a person at a terminal how far it is, in one line that is written over.
struct InspectionProgress {
  private let isVerifying: Bool
  private let isShown = isatty(STDERR_FILENO) == 1
  private var segments = 0
  private var segmentBytes = 1
  private var segmentsDone = 0
  private var bytes = 0
  private var percentShown = -1

  init(isVerifying: Bool) { self.isVerifying = isVerifying }

  mutating func begin(segments: Int, segmentBytes: Int) {
    (self.segments, self.segmentBytes) = (segments, segmentBytes)
  }

  /// So much more was read of the segment that it is at.
  mutating func add(bytes more: Int) {
    bytes += more
    show()
  }

  mutating func endSegment() {
    (segmentsDone, bytes) = (segmentsDone + 1, 0)
    show()
  }

  mutating func end() { clear() }

  /// Takes the line away, for another one.
  mutating func clear() {
    guard isShown, percentShown >= 0 else { return }
    percentShown = -1
    write("\r\u{1B}[K")
  }

  private mutating func show() {
    guard isShown, segments > 0 else { return }
    let done = segmentsDone * segmentBytes + min(bytes, segmentBytes)
    let percent = done * 100 / (segments * segmentBytes)
    guard percent != percentShown else { return }
    percentShown = percent
    write("\r\(isVerifying ? "verifying" : "reading"): \(percent) %")
  }

  private func write(_ text: String) {
    let bytes = Array(text.utf8)
    _ = bytes.withUnsafeBytes { Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
  }
}
