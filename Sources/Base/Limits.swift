/// Every bound of the server, with its unit in its name and its reason beside it. Here are those that several rooms are
/// built on; a bound that one room owns lies in that room, in its extension of this.
package enum Limits {
  // MARK: Values and keys
  /// The `lm` header has room for this many key bytes.
  package static let keyBytesMax = 150
  /// Lengths travel as a signed 32-bit integer.
  package static let valueBytesMax = Int(Int32.max)

  // MARK: Memory
  /// The unit in which values take memory: small enough to waste little, large enough for a short chain.
  package static let pageBytes = 64 * 1024
  /// Values and tails smaller than a page share pages in units of this size.
  package static let unitBytes = 4 * 1024
  /// A body moves in slices of this size, so that a small request waits for a slice and not for a body. Each slice costs
  /// a wake-up: with 256 KiB a lone GET was a fifth slower, and small requests beside it hardly faster.
  package static let sliceBytes = 1024 * 1024
  /// Processors fetch lines of 64 bytes, many of them in pairs.
  package static let sharedLineBytes = 128

  // MARK: Log
  /// Lines that wait for the writer. A burst fits; a reader of stderr that hangs costs at most some MiB.
  static let logQueueLinesMax = 4096
  /// A longer value is cut: lines stay readable and the queue stays small.
  static let logValueBytesMax = 1024
  /// How long the last lines may take at exit when the reader of stderr hangs.
  static let logFlushMilliseconds = 2000
  /// The same complaint may appear this often a second.
  static let logLinesPerSecondPerReason = 5
  /// Reasons a limiter tells apart; the ones that come later share one place.
  static let logReasonsMax = 32

  /// Relations that the code relies on: the program checks them at its start.
  package static func checkBase() {
    precondition(pageBytes % unitBytes == 0, "units tile a page")
    precondition(sliceBytes % pageBytes == 0, "a slice is whole pages")
  }
}
