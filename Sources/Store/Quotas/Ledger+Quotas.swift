import Base

extension Ledger {
  /// Why a body gets no such bytes of its quota. The whole value is known: one that could never fit takes nothing.
  func quotaRefusal(_ id: EntryID, _ bytes: Int, of whole: Footprint) -> Growth? {
    let quota = entries[id].pointee.quota
    guard quota != 0 else { return nil }
    if quotas?.mayHold(whole.bytes, inQuotaOf: id) == false { return .overQuota(quota, isForGood: true) }
    return quotas?.hasRoom(for: bytes, inQuotaOf: id) == false ? .overQuota(quota, isForGood: false) : nil
  }

  /// The coldest value of a quota; whether it can go shows under its stripe's lock.
  func victim(ofQuota number: UInt8) -> Candidate? {
    guard let id = quotas?.oldest(number) else { return nil }
    return Candidate(
      ref: EntryRef(id: id, generation: entries[id].pointee.generation), hash: entries[id].pointee.hash,
      isInTurn: false, mayBeFresh: true, isChoice: order.learns, isOfQuota: true)
  }

  /// A value that cannot go now, being read or promised, is in use: its turn comes last.
  mutating func passOver(_ ref: EntryRef) {
    if isListed(ref) { quotas?.use(ref.id, after: 0) }
  }
}
