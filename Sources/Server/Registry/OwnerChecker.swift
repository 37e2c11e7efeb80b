import Base
import IO
import Registry

/// Looks after the owners that the registry names: entries of an engine that is gone are poison, because an engine that is
/// sent there gets an exception instead of a miss. Off the way of requests, and only where connections are allowed.
final class OwnerChecker: @unchecked Sendable {
  private let worker: Worker
  private let registry: Registry
  private let everyNanoseconds: UInt64
  private var owners: [CheckableOwner] = []
  private var position = 0

  private var loop: EventLoop { worker.loop }

  init(worker: Worker, registry: Registry, everyNanoseconds: UInt64) {
    self.worker = worker
    self.registry = registry
    self.everyNanoseconds = everyNanoseconds
  }

  func run() async {
    while await rest() {
      owners = registry.checkableOwners()
      position = 0
      await withDiscardingTaskGroup { group in
        for _ in 0..<min(Limits.ownerChecksAtOnce, owners.count) { group.addTask { await self.checkOnward() } }
      }
    }
  }

  /// In short sleeps, for the server's end waits for it. False at the end.
  private func rest() async -> Bool {
    let wake = loop.now + everyNanoseconds
    while loop.now < wake {
      if worker.isClosing { return false }
      await loop.sleep(nanoseconds: min(wake - loop.now, Limits.housekeepingNanoseconds))
    }
    return !worker.isClosing
  }

  private func checkOnward() async {
    while position < owners.count, !worker.isClosing {
      let owner = owners[position]
      position += 1
      guard let isReachable = await answers(owner) else { continue }
      worker.registryMetrics.checks.add(isReachable ? .reachable : .unreachable)
      guard let change = registry.note(owner, isReachable: isReachable, now: loop.now) else { continue }
      let text = change == .hidden ? "an owner is gone: its entries are hidden" : "an owner is back"
      // The clients that register say who the owners are, and how many.
      worker.limiter.write(
        .info, reason: "owner", now: loop.now, to: worker.server.log, "\(text)", ["owner": .bytes(owner.address)])
    }
  }

  /// Whether it accepts a connection; nil when this side lacks what it takes to know.
  private func answers(_ owner: CheckableOwner) async -> Bool? {
    guard let address = HostAndPort(String(decoding: owner.address, as: UTF8.self)), IPAddress(address.host) != nil
    else { return nil }
    do throws(OutboundConnection.Failure) {
      _ = try await OutboundConnection(to: address, on: loop, deadline: loop.now + Limits.ownerCheckNanoseconds)
      return true
    } catch {
      switch error {
      case .noSuchHost, .noDescriptor, .io(.outOfDescriptors), .io(.outOfMemory): return nil
      case .io: return false
      }
    }
  }
}
