import Base
import Synchronization

/// A second tier, as the store has it.
struct SecondTier: Sendable {
  let books: DiskBooks
  let parts: DiskParts
}

/// Under the lock of the entry's stripe, all of it.
extension Vault {
  /// Whether only a device has the value.
  @inline(__always)
  func isAway(_ id: EntryID) -> Bool {
    guard let tier else { return false }
    return tier.parts[id].pointee.hasPlace && entries.storage(of: id).pointee.bytes == 0
  }

  /// The entry goes for good, and its copy with it.
  func forgetCopy(of id: EntryID) {
    guard let tier else { return }
    let part = tier.parts[id]
    if let place = part.pointee.place, !part.pointee.isBuried { tier.books.devices[place.device].note(buried: place) }
    endStaging(of: id, isFetched: false)
    endLeaving(of: id)
    part.pointee = DiskPart()
    tier.books.noteChange(ofKey: entries[id].pointee.hash)
  }

  /// Its device does not have it any more: it need not be told, and the key may be found there again.
  func loseCopy(of id: EntryID) {
    guard let tier else { return }
    endStaging(of: id, isFetched: false)
    endLeaving(of: id)
    tier.parts[id].pointee = DiskPart()
  }

  /// What the entry says of its bytes has changed: its copy is not found again by another process. Where the bytes are in
  /// memory they are written anew.
  func noteChange(of id: EntryID) {
    guard let tier else { return }
    let part = tier.parts[id]
    if part.pointee.isBeingWritten { part.pointee.hasChanged = true }
    part.pointee.isRefused = false
    guard let place = part.pointee.place, !part.pointee.isBuried else { return }
    tier.books.devices[place.device].note(buried: place)
    if isAway(id) {
      part.pointee.isBuried = true
    } else {
      part.pointee.place = nil
      offer(id)
    }
  }

  /// A value that no device has.
  func offer(_ id: EntryID) {
    guard let tier, tier.books.offering == .stored, isWorthWriting(id) else { return }
    device(for: id, tier)?.note(stored: ValueRef(id, entries))
  }

  /// The same key goes to the same device in every process: of two records of it the later one is known for later.
  func deviceNumber(of id: EntryID) -> Int {
    guard let count = tier?.books.devices.count, count > 1 else { return 0 }
    return Int(entries.key(of: id).withUnsafeBytes { KeyHash.hash($0, seed: 0) } >> 32) % count
  }

  private func device(for id: EntryID, _ tier: SecondTier) -> DeviceNews? {
    let device = tier.books.devices[deviceNumber(of: id)]
    return device.isWriting ? device : nil
  }

  func isWorthWriting(_ id: EntryID) -> Bool {
    !entries[id].pointee.isKept && entries.storage(of: id).pointee.bytes > 0
  }

  /// Its turn to be evicted has come. True when a device is to write it before.
  func waitsForDevice(_ id: EntryID) -> Bool {
    guard let tier else { return false }
    let part = tier.parts[id]
    guard !part.pointee.hasPlace, !part.pointee.isRefused, isWorthWriting(id),
      let device = device(for: id, tier)
    else { return false }
    if part.pointee.isLeaving || part.pointee.isBeingWritten { return true }
    let bytes = entries.storage(of: id).pointee.bytes
    // A device that hangs does not take the others' share.
    let bytesMax = configuration.budgetBytes / Limits.leavingShare / tier.books.devices.count
    let waiting = device.leavingBytes.load(ordering: .relaxed)
    // One may wait whatever its length.
    guard waiting == 0 || waiting + bytes <= bytesMax, device.note(leaving: ValueRef(id, entries)) else { return false }
    part.pointee.isLeaving = true
    device.leavingBytes.add(bytes, ordering: .relaxed)
    return true
  }

  /// It is evicted without a copy. Where its device would have written it, that was too slow.
  func noteUnwritten(_ id: EntryID) {
    guard let tier, !tier.parts[id].pointee.isRefused, isWorthWriting(id) else { return }
    device(for: id, tier)?.passedBy.add()
  }

  /// It is written, or refused, or gone.
  func endLeaving(of id: EntryID) {
    guard let tier, tier.parts[id].pointee.isLeaving else { return }
    tier.parts[id].pointee.isLeaving = false
    let bytes = Footprint(length: Int(entries[id].pointee.length)).bytes
    tier.books.devices[deviceNumber(of: id)].leavingBytes.subtract(bytes, ordering: .relaxed)
  }

  /// A client fetches it. Whether it had been brought up for a look-up, and this is its first fetch.
  @inline(__always)
  func noteFetch(of id: EntryID) -> Bool { tier != nil && endStaging(of: id, isFetched: true) }

  @discardableResult
  func endStaging(of id: EntryID, isFetched: Bool) -> Bool {
    guard let tier, tier.parts[id].pointee.isStaged else { return false }
    tier.parts[id].pointee.isStaged = false
    tier.books.stagedBytes.subtract(Footprint(length: Int(entries[id].pointee.length)).bytes, ordering: .relaxed)
    (isFetched ? tier.books.stagedFetched : tier.books.stagedWasted).add()
    return true
  }

  /// A look-up was answered yes.
  @inline(__always)
  func noteWanted(_ id: EntryID) {
    guard let tier, isAway(id), let place = tier.parts[id].pointee.place else { return }
    tier.books.devices[place.device].note(wanted: ValueRef(id, entries))
  }

  /// Its bytes leave memory; it stays, on its device, with all that was told of it.
  func leaveMemory(_ id: EntryID, ledger: inout Ledger) {
    endStaging(of: id, isFetched: false)
    tier?.books.demoted.add()
    ledger.leaveList(id)
    ledger.order.stepAside(id)
    ledger.quotas?.leave(id)
    ledger.releaseStorage(of: id)
    ledger.move(id, away: true)
    ledger.away += 1
  }
}
