import Base

extension Limits {
  // MARK: What is remembered for the status page
  /// How often the numbers are remembered: short enough to see a burst, long enough that an hour is a small table.
  static let statusStepNanoseconds: UInt64 = 10_000_000_000
  /// An hour of such steps, and the one that it begins at.
  static let statusStepsMax = 361
  /// What the page calls recent.
  static let statusRecentNanoseconds: UInt64 = 60_000_000_000
  /// What the headline and the hints judge by: shorter, and one long prompt would change the verdict; longer, and it
  /// would speak of what was mended meanwhile.
  static let statusWindowNanoseconds: UInt64 = 600_000_000_000
  /// Rows of models and of clients that the feed lists: a screen has room for no more.
  static let statusRowsMax = 32
  /// What the remembered numbers take, booked in the store's fixed bytes from the start to the end.
  package static let statusBytes = statusStepsMax * MemoryLayout<StatusMoment>.stride

  // MARK: The headline
  /// Nothing was stored or asked for so long: an engine in service is not silent for a quarter of an hour.
  static let statusSilenceSeconds = 900
  /// So many clients turned away, and none served: one alone may be a scan of ports.
  static let statusRefusedMin: UInt64 = 3
  /// So many chunks dropped, and this share of all that came: one alone may be an accident.
  static let statusDroppedMin: UInt64 = 8
  static let statusDroppedPercent: UInt64 = 90
  /// So many chunks stored, and nothing ever asked for: an engine asks before it stores.
  static let statusUnaskedMin: UInt64 = 64
  /// So many wishes, and fewer than this share fulfilled: even rare repetitions would have met by then.
  static let statusUnmetMin: UInt64 = 512
  static let statusUnmetPercent: UInt64 = 1
  /// Of misses, the share that were of chunks which had to go. Where they are a quarter, room is what lacks; the
  /// headline stays until they are fewer than a seventh, so that it does not come and go.
  static let statusShortPercent: UInt64 = 25
  static let statusShortEndPercent: UInt64 = 14
  /// Fewer than this are no sign, nor is one in a hundred wishes.
  static let statusShortMin: UInt64 = 16
  static let statusShortOfAllPercent: UInt64 = 1
  /// What twice the room would add to the ratio of hits before the headline asks for it, and before it stops asking.
  static let statusGain = 0.10
  static let statusGainEnd = 0.05
  /// Hits among wishes from which it serves well although memory is not full, and from which on it no longer does.
  static let statusWellPercent: UInt64 = 50
  static let statusWellEndPercent: UInt64 = 40
  /// Fewer hits are worth a look at the keys, even where prompts may well be new.
  static let statusFewPercent: UInt64 = 10
  /// A disk that holds less than this has room for more.
  static let statusDiskFullPercent = 90

  // MARK: The hints
  /// A client that wrote so many and asked so often has had its chance to meet others' chunks: a look-up ends at the first
  /// chunk that is missing, so a prompt may be one.
  static let hintWrittenMin: UInt64 = 256
  static let hintAskedMin: UInt64 = 32
  /// What twice the room has to add before a hint speaks of it.
  static let hintGain = 0.02
  /// Uses that the curve of rooms is drawn from before the page shows it: fewer are noise.
  static let hintCurveUsesMin: UInt64 = 256
  /// `lm` keys of so many bytes are near `keyBytesMax`: a longer model's name or another tag would not fit.
  static let hintKeyBytes = 140
  /// Connections in use, of those that are kept at once, from which on the next engine may be refused.
  static let hintConnectionPercent = 90
  /// Handshakes that failed: one alone may be a scan of ports.
  static let hintHandshakesMin: UInt64 = 3
  /// Of the budget, what look-ups hold when dropped chunks are laid at their door.
  static let hintPromisedPercent = 25
  /// A key that came back with another length is no accident after so many.
  static let hintResizedMin: UInt64 = 3
  /// Times a day that a disk may be written over: more than most are made for.
  static let hintDiskWritesPerDay = 1.0
}
