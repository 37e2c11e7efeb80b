import Base

extension Limits {
  /// A server that moves nothing for so long is taken for dead.
  static let benchSilenceSecondsMax = 30
  /// An arrival of an open loop that is sent later than this after it was due has waited for a place; what is less
  /// is the client's own pace.
  static let benchLateNanoseconds: UInt64 = 1_000_000
  /// Enough points for a picture as wide as a page.
  static let benchTimelineSlots = 512
  /// A batch of small answers, and no more than a core's first cache holds.
  static let benchInboxBytes = 16 * 1024
  /// Larger bodies are not taken together with their heads: they go where they belong, or nowhere.
  static let benchBodyBytesApart = 8 * 1024
  /// Pieces of a body that are worth waking up for; smaller ones cost a wake-up each, larger ones empty the pipe.
  static let benchWakeBytes = 256 * 1024
  /// The rest of a body below this is waited for as everything else.
  static let benchWakeBytesMin = 64 * 1024
  /// More than a processor's caches hold, so that received bodies do not stay in them.
  static let benchLandingBytes = 256 * 1024 * 1024
  /// A huge page, so that a body's buffer costs few translations, as the pinned memory of an engine.
  static let benchLandingAlignment = 2 * 1024 * 1024
  /// Some megabytes of a body, or a batch of small values, in one call.
  static let benchRegionsPerSend = 64
  /// A live line that moves without flickering, and costs the load nothing.
  static let benchProgressNanoseconds: UInt64 = 200_000_000
  /// Below this a point of the timeline holds too few large values to mean anything.
  static let benchPointNanosecondsMin: UInt64 = 20_000_000
  /// Values that are stored beforehand, in one batch: so many, and no more bytes than this.
  static let benchFillDepthMax = 64
  static let benchFillBytes = 4 * 1024 * 1024
  /// Connections that one wait tells of.
  static let benchEventsPerWait = 256

  // MARK: Small beside large
  /// What the bulk load of exist-beside sends in one call. A kernel that does not preempt itself runs the asking thread
  /// only between calls, whatever its priority: megabytes in one call would be waits of milliseconds that no server made.
  static let benchSendBytesBeside = 256 * 1024
}
