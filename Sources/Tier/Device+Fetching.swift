import Base
import IO
import Store
import Synchronization

/// A value that was brought into memory, and stays there for as long as the one who waited for it keeps this. A class, because
/// what cannot be copied is not destroyed when it comes out of an optional chain that was awaited.
package final class BroughtValue: @unchecked Sendable {
  private let pin: Pin

  init(_ pin: consuming Pin) { self.pin = pin }
}

/// A value on its way into memory.
struct Fetch {
  var waiters: [UnsafeContinuation<BroughtValue?, Never>] = []
  var begunAt: UInt64
  /// No client waits: a look-up asked for it.
  var isAhead: Bool
}

/// In memory for a look-up, until it is fetched or this is over.
struct Staged {
  var ref: ValueRef
  var through: UInt64
}

extension Device {
  /// One reads; others that ask meanwhile wait for the same.
  func take(
    fetch ref: ValueRef, _ waiter: UnsafeContinuation<BroughtValue?, Never>, _ group: inout DiscardingTaskGroup
  ) {
    if isOff { return waiter.resume(returning: nil) }
    if fetches[ref] != nil {
      fetches[ref]!.waiters.append(waiter)
      return
    }
    fetches[ref] = Fetch(waiters: [waiter], begunAt: loop.now, isAhead: false)
    group.addTask { await self.fetch(ref) }
  }

  /// Brings up what look-ups asked for, as far as there is room for what is not fetched yet.
  func beginWishes(_ group: inout DiscardingTaskGroup) {
    let bytesMax = store.budgetBytes / Limits.stagedShare
    var ahead = fetches.values.reduce(0) { $0 + ($1.isAhead ? 1 : 0) }
    while wishes.count > 0, ahead < Limits.fetchesAheadMax, fetches.count < Limits.fetchesMax,
      books.stagedBytes.load(ordering: .relaxed) < bytesMax
    {
      let ref = wishes.removeFirst()
      guard fetches[ref] == nil, case .away = lane.locate(ref, now: loop.now) else { continue }
      fetches[ref] = Fetch(begunAt: loop.now, isAhead: true)
      ahead += 1
      group.addTask { await self.fetch(ref) }
    }
    while staged.count > 0, staged[0].through <= loop.now { lane.endStaging(staged.removeFirst().ref) }
  }

  private func fetch(_ ref: ValueRef) async {
    await fetchGate.enter()
    let begun = loop.now
    let brought = await bringUp(ref)
    fetchGate.leave()
    if brought != nil {
      metrics.readLatency.record(nanoseconds: loop.exactNow - begun)
      if nobodyWaits(for: ref) {
        metrics.readAhead.add()
        staged.append(Staged(ref: ref, through: loop.now + UInt64(store.promiseSeconds) * 1_000_000_000))
      }
    }
    // It does not leave again before those who waited have pins of their own.
    withExtendedLifetime(brought) { finish(ref) }
    // Another may begin.
    if wishes.count > 0 { loop.nudge() }
  }

  private func nobodyWaits(for ref: ValueRef) -> Bool { fetches[ref]?.waiters.isEmpty ?? true }

  /// Where memory has no room, one who waits waits for it too: what was promised is worth it.
  private func bringUp(_ ref: ValueRef) async -> BroughtValue? {
    let patience = loop.now + Limits.roomPatienceNanoseconds
    while true {
      guard case .away(let value) = lane.locate(ref, now: loop.now) else { return nil }
      switch await bringUp(value, isStaged: { self.nobodyWaits(for: ref) }) {
      case .here(let brought): return brought
      case .lost: return nil
      case .noRoom: if nobodyWaits(for: ref) || loop.now >= patience || isOver { return nil }
      }
      await loop.sleepUntilNudged(nanoseconds: Limits.roomTickNanoseconds)
    }
  }

  private func finish(_ ref: ValueRef) {
    guard let fetch = fetches.removeValue(forKey: ref) else { return }
    for waiter in fetch.waiters {
      // Each with a pin of its own.
      switch lane.locate(ref, now: loop.now) {
      case .memory(let pin): waiter.resume(returning: BroughtValue(pin))
      case .away: waiter.resume(returning: nil)
      case .gone: waiter.resume(returning: nil)
      }
    }
  }

  func resume(waitersOf ref: ValueRef, as value: BroughtValue?) {
    guard let waiters = fetches[ref]?.waiters else { return }
    fetches[ref]!.waiters = []
    for waiter in waiters { waiter.resume(returning: value) }
  }

  /// A device that hangs keeps its operations, not those who wait for them.
  func letGoOfTheImpatient() {
    guard !fetches.isEmpty else { return }
    let since = loop.now - min(loop.now, Limits.fetchPatienceNanoseconds)
    for (ref, fetch) in fetches where !fetch.waiters.isEmpty && fetch.begunAt < since { giveUp(ref, fetch) }
  }

  func giveUp(_ ref: ValueRef, _ fetch: Fetch) {
    metrics.impatient.add(fetch.waiters.count)
    resume(waitersOf: ref, as: nil)
  }
}
