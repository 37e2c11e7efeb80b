import Base

/// The store as RESP clients see it: by names. A name is a key of a plain value, or of one half of an object.
/// What a name means is said in proto/objects.md.
extension Lane {
  /// GET. A served metadata is a promise like a positive `exists`; where none can be given, it is not served.
  package func find(name: RawSpan, now: UInt64, burst: inout TouchBurst) -> NamedValue? {
    fatalError("not yet")
  }

  /// EXISTS. True when the name is there and will be until its lease ends.
  package func exists(name: RawSpan, now: UInt64, burst: inout TouchBurst) -> Bool {
    fatalError("not yet")
  }

  /// STRLEN, TYPE, and whatever asks without meaning to read: no lease, no touch.
  package func length(name: RawSpan, now: UInt64) -> Int? {
    fatalError("not yet")
  }

  /// TOUCH. True when the name is there; no lease.
  package func touch(name: RawSpan, now: UInt64, burst: inout TouchBurst) -> Bool {
    fatalError("not yet")
  }

  /// DEL, UNLINK. Both halves of an object go together, and its lease with them. Readers finish.
  package func remove(name: RawSpan, now: UInt64) -> Bool {
    fatalError("not yet")
  }

  /// Announces a value: the same reservation as an `lm` PUT's, ended by `publish(now:burst:options:)`.
  /// Nil: receive the body and throw it away (counted here, by reason); what the name held stays, because the client
  /// is told.
  package func begin(name: RawSpan, length: Int, now: UInt64) -> Reservation? {
    fatalError("not yet")
  }
}

extension Reservation {
  /// SET. Condition, previous value and deadline are looked at in the moment in which the value becomes visible.
  package consuming func publish(now: UInt64, burst: inout TouchBurst, options: SetOptions) -> SetOutcome {
    fatalError("not yet")
  }
}
