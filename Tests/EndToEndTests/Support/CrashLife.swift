import Base
import Foundation

/// The lives of a server on one directory, one after the other.
struct CrashLife {
  /// How a life ends.
  private enum End: CaseIterable {
    /// As soon as it listens, while it may still read its disk.
    case young
    /// Amid its clients' requests.
    case busy
    /// When its clients have been silent for so long that nothing may be undone.
    case rested
    /// By SIGTERM, amid its clients' requests.
    case drained
  }

  let book = CrashBook()
  private(set) var number = 0
  /// What the last life found of those before it, before it stored anything.
  private(set) var foundAtStart = 0
  /// Blocks that were changed after the last life.
  private(set) var spoilt = 0

  private let driver: IODriver
  private let directory: String
  private let rots: Bool
  private var random: SplitMix64

  init(_ driver: IODriver, _ directory: String, seed: UInt64, rots: Bool) {
    (self.driver, self.directory, self.rots) = (driver, directory, rots)
    random = SplitMix64(seed: seed)
  }

  mutating func run(clientCount: UInt64) throws {
    let end = End.allCases[random.pick(0...End.allCases.count - 1)]
    let server = try start()
    foundAtStart = 0
    if end != .young || random.chance(perMille: 500) { try look(server) }
    let isEnding = Flag()
    var work = (0..<(end == .young ? 0 : clientCount)).map { _ in
      let seed = random.next()
      return Background { [book] in try Self.load(server, book, seed: seed, until: isEnding) }
    }
    if end != .young { usleep(UInt32(random.pick(100_000...2_500_000))) }
    isEnding.set()
    if end == .rested {
      for client in work { try client.wait() }
      work = []
      usleep(UInt32(CrashBook.windowNanoseconds / 1000) + 100_000)
    }
    let moment = book.now
    server.child.signal(end == .drained ? SIGTERM : SIGKILL)
    let how = try server.child.wait()
    guard how == (end == .drained ? .exited(0) : .signalled(SIGKILL)) else {
      throw HarnessFailure("it ended otherwise: \(how) \(server.log)")
    }
    for client in work { try client.wait() }
    let doesRot = rots && random.chance(perMille: 700)
    book.endLife(end == .drained ? .drained : .killed(at: moment), thenRot: doesRot)
    spoilt = 0
    if doesRot {
      var rot = Rot(seed: random.next())
      spoilt = try rot.spoil(directory, blocks: random.pick(1...40))
    }
    number += 1
  }

  private mutating func start() throws -> RunningServer {
    let modes = ["auto", "all", "evicted"]
    var flags = [
      "--loops", "2", "--allow-flush", "--disk", directory, "--disk-size", "64MiB", "--disk-write-rate", "1GiB",
      "--disk-grace", "5", "--disk-write", modes[random.pick(0...modes.count - 1)],
    ]
    // What cannot be read any more would end the test of what can.
    if rots { flags.append("--disk-format") }
    return try RunningServer(driver, flags, memory: "24MiB")
  }

  /// Looks at all keys, from two sides at once.
  private mutating func look(_ server: RunningServer) throws {
    let before = book.foundCount
    let work = (0..<2).map { _ in
      let seed = random.next()
      return Background { [book] in
        var client = try CrashClient(server, book, seed: seed)
        try client.lookAtAll()
      }
    }
    for client in work { try client.wait() }
    foundAtStart = book.foundCount - before
  }

  /// A client's work. That its connection breaks is no failure when the server has been told to end.
  private static func load(_ server: RunningServer, _ book: CrashBook, seed: UInt64, until isEnding: Flag) throws {
    do {
      var client = try CrashClient(server, book, seed: seed)
      while !isEnding.isSet { try client.step() }
    } catch let violation as CrashClient.Violation {
      throw violation
    } catch {
      guard isEnding.isSet else { throw error }
    }
  }
}
