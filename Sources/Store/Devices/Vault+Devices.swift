import Base
import Synchronization

/// What the store knows of copies on devices. What is known of one entry's takes the table of its stripe.
extension Vault {
  /// Whether only a device has the value.
  @inline(__always)
  func isAway(_ id: EntryID, in table: StripeTable) -> Bool {
    guard let part = table.disk(id) else { return false }
    return part.pointee.hasPlace && entries.storage(of: id).pointee.bytes == 0
  }

  /// The entry goes for good, and its copy with it.
  func forgetCopy(of id: EntryID, in table: StripeTable) {
    guard let disk, let part = table.disk(id) else { return }
    if let place = part.pointee.place, !part.pointee.isBuried { disk.devices[place.device].note(buried: place) }
    endStaging(of: id, isFetched: false, in: table)
    endLeaving(of: id, in: table)
    part.pointee = DiskPart()
    disk.noteChange(ofKey: entries[id].pointee.hash)
  }

  /// Its device does not have it any more: it need not be told, and the key may be found there again.
  func loseCopy(of id: EntryID, in table: StripeTable) {
    guard let part = table.disk(id) else { return }
    endStaging(of: id, isFetched: false, in: table)
    endLeaving(of: id, in: table)
    part.pointee = DiskPart()
  }

  /// What the entry says of its bytes has changed: its copy is not found again by another process. Where the bytes are in
  /// memory they are written anew.
  func noteChange(of id: EntryID, in table: StripeTable) {
    guard let disk, let part = table.disk(id) else { return }
    if part.pointee.isBeingWritten { part.pointee.hasChanged = true }
    part.pointee.isRefused = false
    guard let place = part.pointee.place, !part.pointee.isBuried else { return }
    disk.devices[place.device].note(buried: place)
    if isAway(id, in: table) {
      part.pointee.isBuried = true
    } else {
      part.pointee.place = nil
      offer(id)
    }
  }

  /// A value that no device has.
  func offer(_ id: EntryID) {
    guard let disk, disk.offering == .stored, isWorthWriting(id) else { return }
    device(for: id, disk)?.note(stored: ValueRef(id, entries))
  }

  /// The same key goes to the same device in every process: of two records of it the later one is known for later.
  func deviceNumber(of id: EntryID) -> Int {
    guard let count = disk?.devices.count, count > 1 else { return 0 }
    return Int(entries.key(of: id).withUnsafeBytes { KeyHash.hash($0, seed: 0) } >> 32) % count
  }

  private func device(for id: EntryID, _ disk: DiskBooks) -> DeviceNews? {
    let device = disk.devices[deviceNumber(of: id)]
    return device.isWriting ? device : nil
  }

  func isWorthWriting(_ id: EntryID) -> Bool {
    !entries[id].pointee.isKept && entries.storage(of: id).pointee.bytes > 0
  }

  /// Its turn to be evicted has come. True when a device is to write it before.
  func waitsForDevice(_ id: EntryID, in table: StripeTable) -> Bool {
    guard let disk, let part = table.disk(id) else { return false }
    guard !part.pointee.hasPlace, !part.pointee.isRefused, isWorthWriting(id),
      let device = device(for: id, disk)
    else { return false }
    if part.pointee.isLeaving || part.pointee.isBeingWritten { return true }
    let bytes = entries.storage(of: id).pointee.bytes
    // A device that hangs does not take the others' share.
    let bytesMax = configuration.budgetBytes / Limits.leavingShare / disk.devices.count
    let waiting = device.leavingBytes.load(ordering: .relaxed)
    // One may wait whatever its length.
    guard waiting == 0 || waiting + bytes <= bytesMax, device.note(leaving: ValueRef(id, entries)) else { return false }
    part.pointee.isLeaving = true
    device.leavingBytes.add(bytes, ordering: .relaxed)
    return true
  }

  /// It is evicted without a copy. Where its device would have written it, that was too slow.
  func noteUnwritten(_ id: EntryID, in table: StripeTable) {
    guard let disk, table.disk(id)?.pointee.isRefused == false, isWorthWriting(id) else { return }
    device(for: id, disk)?.passedBy.add()
  }

  /// It is written, or refused, or gone.
  func endLeaving(of id: EntryID, in table: StripeTable) {
    guard let disk, let part = table.disk(id), part.pointee.isLeaving else { return }
    part.pointee.isLeaving = false
    let bytes = Footprint(length: Int(entries[id].pointee.length)).bytes
    disk.devices[deviceNumber(of: id)].leavingBytes.subtract(bytes, ordering: .relaxed)
  }

  /// A client fetches it. Whether it had been brought up for a look-up, and this is its first fetch.
  @inline(__always)
  func noteFetch(of id: EntryID, in table: StripeTable) -> Bool {
    disk != nil && endStaging(of: id, isFetched: true, in: table)
  }

  @discardableResult
  func endStaging(of id: EntryID, isFetched: Bool, in table: StripeTable) -> Bool {
    guard let disk, let part = table.disk(id), part.pointee.isStaged else { return false }
    part.pointee.isStaged = false
    disk.stagedBytes.subtract(Footprint(length: Int(entries[id].pointee.length)).bytes, ordering: .relaxed)
    (isFetched ? disk.stagedFetched : disk.stagedWasted).add()
    return true
  }

  /// A look-up was answered yes.
  @inline(__always)
  func noteWanted(_ id: EntryID, in table: StripeTable) {
    guard let disk, isAway(id, in: table), let place = table.disk(id)?.pointee.place else { return }
    disk.devices[place.device].note(wanted: ValueRef(id, entries))
  }

  /// Its bytes leave memory; it stays, on its device, with all that was told of it.
  func leaveMemory(_ id: EntryID, in table: StripeTable, ledger: inout Ledger) {
    endStaging(of: id, isFetched: false, in: table)
    disk?.demoted.add()
    ledger.leaveList(id)
    ledger.order.stepAside(id)
    ledger.quotas?.leave(id)
    ledger.releaseStorage(of: id)
    ledger.move(id, away: true)
    ledger.away += 1
  }
}
