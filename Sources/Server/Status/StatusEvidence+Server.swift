import Base
import Store
import Tier

extension StatusEvidence {
  /// What the server knows of itself at a moment.
  init(
    _ server: Server, _ numbers: ServerSnapshot, _ moment: StatusMoment,
    _ known: (history: StatusHistory, activeAt: UInt64?, headline: Headline.State?), models: [UsageFigures],
    clients: [UsageFigures]
  ) {
    isDraining = [.draining, .closing, .ended].contains(server.phase)
    stuckLoops = Pages.stuckLoops(of: server, now: moment.at)
    uptimeSeconds = Int(numbers.uptimeSeconds)
    silentSeconds = known.activeAt.map { Int((moment.at - min($0, moment.at)) / 1_000_000_000) }
    before = known.headline
    let start = known.history.moment(before: moment.at &- min(moment.at, Limits.statusWindowNanoseconds))
    let began = start.at > 0 ? start.at : numbers.identity.startedAt
    total = moment
    recent = moment.since(start)
    recentSeconds = max(1, Double(moment.at - min(began, moment.at)) / 1e9)
    budgetBytes = numbers.store.books.budgetBytes
    usedBytes = moment.usedBytes
    promisedBytes = numbers.store.books.leasedBytes
    valueBytes = models.reduce(0) { $0 + $1.holdings.bytes }
    chunks = models.reduce(0) { $0 + $1.holdings.chunks }
    connectionsMax = numbers.connectionsMax
    disks = (numbers.disk?.devices ?? []).map { device in
      Disk(
        path: device.path, state: device.status.state, reason: device.status.reason,
        sizeBytes: device.status.segments * device.status.segmentBytes,
        usedBytes: max(0, device.status.livingBytes), writtenBytes: device.bytesWritten)
    }
    self.clients = clients.filter(\.isNamed).map { row in
      Client(
        name: row.label, written: row[.puts], asked: row[.lookupsFound] + row[.fetchesFound] + row.missed,
        readOfOthers: row[.fetchedOthers], models: row.modelsWritten)
    }
    rooms = RoomCurve(numbers.store.policy)
    driver = numbers.identity.driver
    driverReason = numbers.identity.driverReason
  }
}
