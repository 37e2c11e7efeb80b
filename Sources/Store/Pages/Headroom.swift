import Base
import Synchronization

/// What lent memory may still take, as loops and metrics see it. Written by the helper that populates.
final class Headroom: Sendable {
  private static let unknown = Int.max

  private let storage = Atomic<Int>(unknown)
  private let isShortStorage = Atomic<Bool>(false)
  private let isLookWanted = Atomic<Bool>(false)
  private let chargedSinceLook = Atomic<Int>(0)
  let pauses = Counter()

  /// Negative when readers keep more than they should; nil when the system does not tell.
  var bytes: Int? {
    let bytes = storage.load(ordering: .relaxed)
    return bytes == Self.unknown ? nil : bytes
  }

  /// Replies are copied until there is some again.
  var isShort: Bool { isShortStorage.load(ordering: .relaxed) }

  func note(_ bytes: Int?) {
    storage.store(bytes ?? Self.unknown, ordering: .relaxed)
    let wasShort = isShort
    let becomesShort = bytes.map { $0 < (wasShort ? Limits.roomBytesPerReading : 0) } ?? false
    isShortStorage.store(becomesShort, ordering: .relaxed)
    if becomesShort, !wasShort { pauses.add() }
  }

  /// A block was renewed, and who reads its old memory may keep it. False when nothing is left.
  func spend(_ count: Int) -> Bool {
    guard let bytes else { return true }
    storage.store(bytes - count, ordering: .relaxed)
    return bytes >= count
  }

  // MARK: Looking again

  /// From any thread: the helper shall ask the system before its next step.
  func wantLook() { isLookWanted.store(true, ordering: .relaxed) }

  /// What others booked lies outside the pages. True when it has become so much that the helper shall look.
  func noteCharge(_ count: Int) -> Bool {
    let charged = chargedSinceLook.add(count, ordering: .relaxed).newValue
    guard charged >= Limits.roomBytesPerReading, bytes != nil else { return false }
    chargedSinceLook.store(0, ordering: .relaxed)
    return true
  }

  func takeWish() -> Bool { isLookWanted.exchange(false, ordering: .relaxed) }
}
