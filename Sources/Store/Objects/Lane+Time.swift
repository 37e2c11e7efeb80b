import Base

extension Lane {
  /// EXPIRE and its kin. True when it applied. A deadline that has passed removes the name. For both halves of an
  /// object; it ends leases, for whoever sets it has said so.
  package func expire(name: RawSpan, at deadline: UInt64, if condition: ExpireCondition = .none, now: UInt64) -> Bool {
    let wanted = Entry.deadline(at: deadline)
    return look(name, now: now) { sight, table in
      let entry = table[sight.id]
      guard condition.allows(wanted, insteadOf: entry.pointee.deadline) else { return false }
      if wanted <= Entry.milliseconds(now) {
        removeEntry(sight.id, vault.entries[sight.id].pointee.hash, .expired, in: &table)
        counters.expired.add()
      } else {
        entry.pointee.deadline = wanted
        table.mayExpire = true
      }
      return true
    } ?? false
  }

  /// PERSIST. True when the name had a deadline.
  package func persist(name: RawSpan, now: UInt64) -> Bool {
    look(name, now: now) { sight, table in
      let entry = table[sight.id]
      defer { entry.pointee.deadline = 0 }
      return entry.pointee.deadline != 0
    } ?? false
  }

  /// TTL, PTTL.
  package func timeToLive(name: RawSpan, now: UInt64) -> TimeToLive {
    look(name, now: now) { sight, table in
      let deadline = table[sight.id].pointee.deadline
      return deadline == 0 ? .unlimited : .milliseconds(Int(deadline - Entry.milliseconds(now)))
    } ?? .absent
  }
}

extension ExpireCondition {
  /// 0 is no deadline, which is later than any.
  fileprivate func allows(_ wanted: UInt64, insteadOf held: UInt64) -> Bool {
    switch self {
    case .none: true
    case .onlyIfUnlimited: held == 0
    case .onlyIfLimited: held != 0
    case .onlyIfLater: held != 0 && wanted > held
    case .onlyIfSooner: held == 0 || wanted < held
    }
  }
}
