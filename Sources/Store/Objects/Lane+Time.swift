import Base

extension Lane {
  /// EXPIRE and its kin. True when it applied. A deadline that has passed removes the name. For both halves of an
  /// object; it ends leases, for whoever sets it has said so.
  package func expire(name: RawSpan, at deadline: UInt64, if condition: ExpireCondition = .none, now: UInt64) -> Bool {
    fatalError("not yet")
  }

  /// PERSIST. True when the name had a deadline.
  package func persist(name: RawSpan, now: UInt64) -> Bool {
    fatalError("not yet")
  }

  /// TTL, PTTL.
  package func timeToLive(name: RawSpan, now: UInt64) -> TimeToLive {
    fatalError("not yet")
  }
}
