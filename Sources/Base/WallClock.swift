/// What calendars show: for clients that speak of points in time. Nothing of ours is measured by it, for it may jump.
package enum WallClock {
  package static func microseconds() -> Int { Int(LogTimestamp.now() / 1000) }
  package static func milliseconds() -> Int { microseconds() / 1000 }
  package static func seconds() -> Int { microseconds() / 1_000_000 }
}
