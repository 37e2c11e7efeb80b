import Base
import Policy
import Store
import Tier

/// All that the headline and the hints are judged by: values, from which nothing but the verdict follows.
struct StatusEvidence {
  struct Disk {
    var path: String
    var state: DeviceStatus.State
    var reason: String
    var sizeBytes: Int
    var usedBytes = 0
    var writtenBytes: UInt64

    var hasRoom: Bool { usedBytes < sizeBytes / 100 * Limits.statusDiskFullPercent }
  }

  struct Client {
    var name: String
    var written: UInt64
    var asked: UInt64
    var readOfOthers: UInt64
    /// Of what it wrote, a bit for each.
    var models: UInt64
  }

  var isDraining = false
  var stuckLoops = 0
  var uptimeSeconds = 0
  /// Since a client stored or asked for something; nil if none ever did.
  var silentSeconds: Int?
  /// What was judged before.
  var before: Headline.State?

  /// Since the start, and within the window.
  var total = StatusMoment()
  var recent = StatusMoment()
  var recentSeconds = 1.0

  var budgetBytes = 0
  var usedBytes = 0
  var valueBytes = 0
  var promisedBytes = 0
  var chunks = 0
  var connectionsMax = 0
  var disks: [Disk] = []
  var clients: [Client] = []
  var rooms: RoomCurve?
  var driver = ""
  var driverReason = ""

  /// How far back memory reaches at the rate of the window; nil where nothing had to go.
  var holdsSeconds: Int? {
    guard recent[.evictions] > 0, recent[.writtenBytes] > 0, recentSeconds > 0 else { return nil }
    return Int(Double(valueBytes) * recentSeconds / Double(recent[.writtenBytes]))
  }
}

/// The share of uses that would be found with other amounts of memory, in quarters of what there is.
struct RoomCurve {
  let shares: [Double]

  /// Nil while too little was seen.
  init?(_ figures: PolicyFigures?) {
    guard let figures, figures.curve.count == Self.quarters else { return nil }
    var uses = figures.chunksStored
    for index in figures.uses.indices { uses += figures.uses[index] }
    guard uses >= Limits.hintCurveUsesMin else { return nil }
    shares = figures.curve
  }

  init(shares: [Double]) {
    precondition(shares.count == Self.quarters)
    self.shares = shares
  }

  private static let quarters = 8
  var now: Double { shares[3] }
  var doubled: Double { shares[7] }
  var gain: Double { doubled - now }
  /// How many times the room, for each share.
  static func times(_ index: Int) -> Double { Double(index + 1) / 4 }
}
