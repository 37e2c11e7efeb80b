/// What a SET asks for besides storing its value. All of it is decided in the moment of publishing.
package struct SetOptions: Sendable {
  package enum Condition: Sendable {
    case none
    /// NX
    case onlyIfAbsent
    /// XX
    case onlyIfPresent
  }

  package enum Deadline: Sendable {
    /// As SET without a word on time: it ends the time the name had.
    case never
    /// KEEPTTL
    case kept
    /// On the clock that `now` is from. A wall-clock time is for the caller to convert.
    case at(UInt64)
  }

  package var condition: Condition
  package var deadline: Deadline
  /// SET ... GET.
  package var wantsPrevious: Bool

  package init(condition: Condition = .none, deadline: Deadline = .never, wantsPrevious: Bool = false) {
    self.condition = condition
    self.deadline = deadline
    self.wantsPrevious = wantsPrevious
  }
}

/// What came of a SET.
package struct SetOutcome: ~Copyable {
  /// False when the condition was not met: the value is thrown away, the name is as it was.
  package let isStored: Bool
  /// What the name held before, if it was asked for.
  package var previous: NamedValue?

  init(isStored: Bool, previous: consuming NamedValue? = nil) {
    self.isStored = isStored
    self.previous = previous
  }
}
