/// Why a body that was announced is not kept.
package enum DropReason: Int, CaseIterable, Sendable {
  /// The client went away in the middle: not our choice, and the old value stays.
  case connectionLost
  /// It could never fit.
  case tooLarge
  case tooManyBodies
  /// Everything else is leased, pinned or arriving.
  case noMemory
  /// Bodies in flight held their share, and this one had to give way to others.
  case inFlightLimit
  /// It was slow, or begun last, and its pages were needed.
  case condemned
  case waitedTooLong
  /// No byte came for too long.
  case silent
  case shutdown
  /// Too many keys differ in nothing but the rank: no engine has so many ranks.
  case tooManySisters
  /// Others of its client's address held what one address may.
  case addressLimit
  /// What its quota holds is read, promised or arriving, or it is larger than all of it.
  case quota

  /// A stable name for metrics.
  package var label: StaticString {
    switch self {
    case .connectionLost: "connection_lost"
    case .tooLarge: "too_large"
    case .tooManyBodies: "too_many_bodies"
    case .noMemory: "no_memory"
    case .inFlightLimit: "in_flight_limit"
    case .condemned: "condemned"
    case .waitedTooLong: "waited_too_long"
    case .silent: "silent"
    case .shutdown: "shutdown"
    case .tooManySisters: "too_many_sisters"
    case .addressLimit: "address_limit"
    case .quota: "quota"
    }
  }
}
