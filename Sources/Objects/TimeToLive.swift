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
