import Base

/// How much memory the system has left for this process, as the helper that populates knows it: what the last reading
/// said, less everything that was populated since. What went back meanwhile counts only with the next reading, because
/// those who were lent it may keep it.
struct SystemRoom: Sendable {
  /// Asks the system. Nil when it does not tell, and then nothing is bounded.
  private let source: (@Sendable () -> Int?)?
  private(set) var left: Int?
  /// What pages must leave to everything else.
  var floor = 0
  /// Below this the store gives way to everything else.
  var brink = 0
  /// So much it may still give back before housekeeping looks again.
  private var patience = 0
  private var taken = 0
  private var hasGivenBack = false

  init(source: (@Sendable () -> Int?)? = nil) { self.source = source }

  mutating func read() {
    left = source?()
    taken = 0
    hasGivenBack = false
  }

  mutating func noteGivenBack() { hasGivenBack = true }

  /// What the store shall give back: never more than the brink between two wishes of housekeeping, because what readers
  /// keep is not to be had by that.
  var missing: Int { left.map { max(0, min(brink - $0, patience)) } ?? 0 }

  mutating func bePatient() { patience = brink }

  mutating func noteYielded(_ bytes: Int) {
    patience -= bytes
    hasGivenBack = true
  }

  /// Whether the last reading has been used up, or refuses what another might allow.
  func isReadingDue(for bytes: Int) -> Bool {
    source != nil && (taken >= Limits.roomBytesPerReading || !has(bytes) && (taken > 0 || hasGivenBack))
  }

  func has(_ bytes: Int) -> Bool { left.map { $0 - bytes >= floor } ?? true }

  mutating func take(_ bytes: Int) -> Bool {
    guard has(bytes) else { return false }
    left = left.map { $0 - bytes }
    taken += bytes
    return true
  }
}
