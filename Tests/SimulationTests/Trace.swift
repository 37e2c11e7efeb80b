import Glibc

/// The events of a life as a running hash; printed on request.
struct Trace {
  private(set) var hash: UInt64 = 0xCBF2_9CE4_8422_2325
  private(set) var events = 0
  let isAloud: Bool

  mutating func note(_ event: StaticString, who: Int, at time: UInt64, _ first: Int = 0, _ second: Int = 0) {
    events += 1
    mix(UInt64(event.utf8CodeUnitCount) << 8 | UInt64(event.utf8Start[0]))
    mix(time)
    mix(UInt64(truncatingIfNeeded: who))
    mix(UInt64(truncatingIfNeeded: first))
    mix(UInt64(truncatingIfNeeded: second))
    if isAloud { print("\(time / 1000) us  client \(who)  \(event) \(first) \(second)") }
  }

  private mutating func mix(_ value: UInt64) {
    hash = (hash ^ value) &* 0x9E37_79B9_7F4A_7C15
    hash ^= hash >> 29
  }
}
