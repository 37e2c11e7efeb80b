import Base
import Store

extension Lane {
  /// EXPIRE and its kin. True when it applied. A deadline that has passed removes the name. For both halves of an
  /// object; it ends promises, for the client that sets it has said so.
  package func expire(name: RawSpan, at deadline: UInt64, if condition: ExpireCondition = .none, now: UInt64) -> Bool {
    let wanted = EntryDeadline.at(deadline)
    return look(name, now: now) { target, key in
      guard condition.allows(wanted, insteadOf: target.entry.deadline) else { return false }
      if wanted <= EntryDeadline.milliseconds(now) {
        key.remove(target.entry, .expired)
        counters.expired.add()
      } else {
        key.setDeadline(wanted, of: target.entry)
      }
      return true
    } ?? false
  }

  /// PERSIST. True when the name had a deadline.
  package func persist(name: RawSpan, now: UInt64) -> Bool {
    look(name, now: now) { target, key in
      defer { key.setDeadline(0, of: target.entry) }
      return target.entry.deadline != 0
    } ?? false
  }

  /// TTL, PTTL.
  package func timeToLive(name: RawSpan, now: UInt64) -> TimeToLive {
    look(name, now: now) { target, _ in
      let deadline = target.entry.deadline
      return deadline == 0 ? .unlimited : .milliseconds(Int(deadline - EntryDeadline.milliseconds(now)))
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

/// How long a name will be there.
package enum TimeToLive: Equatable, Sendable {
  case absent
  case unlimited
  case milliseconds(Int)
}

/// When EXPIRE applies.
package enum ExpireCondition: Sendable {
  case none
  /// NX
  case onlyIfUnlimited
  /// XX
  case onlyIfLimited
  /// GT
  case onlyIfLater
  /// LT
  case onlyIfSooner
}
