import Base
import Glibc

/// The clocks of server, client and machine at one moment.
struct Reading {
  private let server: UInt64?
  private let client: UInt64?
  private let machineSeconds: Double?
  private let residentBytes: Int?

  init(_ target: Target) {
    server = target.serverProcess.flatMap(Clock.processorNanoseconds)
    client = Clock.processorNanoseconds(of: getpid())
    machineSeconds = Kernel.busySeconds()
    residentBytes = target.serverProcess.flatMap(Kernel.residentBytes)
  }

  /// A round with the time spent since `before`; the caller fills in the rest.
  func round(since before: Reading) -> Round {
    var round = Round()
    round.serverSeconds = Self.elapsed(before.server, server)
    round.clientSeconds = Self.elapsed(before.client, client) ?? 0
    if let earlier = before.machineSeconds, let machineSeconds { round.machineSeconds = machineSeconds - earlier }
    round.serverResidentBytes = residentBytes
    return round
  }

  private static func elapsed(_ before: UInt64?, _ after: UInt64?) -> Double? {
    guard let before, let after, after >= before else { return nil }
    return Double(after - before) / 1e9
  }
}
