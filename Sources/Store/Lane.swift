import Base

/// One loop's view of the store: its own buffer of touches, its own counters, and the shared vault behind them.
/// Only its loop calls it; the counters may be read from anywhere. Hence unchecked: the loop is the isolation.
package final class Lane: @unchecked Sendable {
  let vault: Vault
  package let counters = LaneCounters()
  let usage: UsageTally
  private var touches = TouchBuffer()
  var walks: WalkNumbers
  var sweeper: Sweeper
  /// Room for the longest key, and for what others write around it.
  package let scratch: UnsafeMutableRawBufferPointer

  init(vault: Vault, index: Int) {
    self.vault = vault
    usage = vault.usage.tally(ofLane: index)
    sweeper = Sweeper(lane: index, of: vault.configuration.laneCount)
    scratch = .allocate(byteCount: Limits.scratchBytes, alignment: 1)
    walks = WalkNumbers(lane: index, of: vault.configuration.laneCount)
  }

  deinit {
    touches.deallocate()
    scratch.deallocate()
  }

  /// Enters this lane's touches into the order and looks for what has expired. The loop calls it when it has nothing
  /// else to do.
  package func flush(now: UInt64) {
    flushTouches(now: now)
    vault.learn()
    sweep(now: now)
  }

  private func flushTouches(now: UInt64) {
    guard touches.count > 0 else { return }
    vault.ledger.withLock {
      $0.noteTime(now)
      applyTouches(to: &$0)
    }
  }

  package func remember(_ touch: Touch, now: UInt64) {
    if touches.isFull { flushTouches(now: now) }
    touches.append(touch)
  }

  func applyTouches(to ledger: inout Ledger) { touches.drain { ledger.apply($0) } }
}
