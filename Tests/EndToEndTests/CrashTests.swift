import Base
import Foundation
import Testing

/// A server with a disk is killed at random moments, again and again, under clients that store, replace, delete and flush.
/// Whatever it finds on the disk at its next start, a client gets only bytes that were valid, or a miss.
///
/// LONG_TESTS=1 kills more often; CRASH_ROUNDS and CRASH_SEED choose how often and where the choices begin.
@Suite
struct CrashTests {
  private static let environment = ProcessInfo.processInfo.environment
  private static let seed = environment["CRASH_SEED"].flatMap { UInt64($0) } ?? UInt64.random(in: 0...UInt64.max)
  private static let rounds =
    environment["CRASH_ROUNDS"].flatMap { Int($0) } ?? (environment["LONG_TESTS"] == nil ? 4 : 100)
  private static let clientCount: UInt64 = 4

  @Test(arguments: IODriver.available)
  func aKilledServerComesBackWithWhatIsValid(driver: IODriver) throws {
    try Self.live(driver, rots: false)
  }

  /// And where the drive has changed what was written, with what is left.
  @Test(arguments: IODriver.available)
  func noChangedByteReachesAClient(driver: IODriver) throws {
    try Self.live(driver, rots: true)
  }

  private static func live(_ driver: IODriver, rots: Bool) throws {
    let directory = FileManager.default.temporaryDirectory.appending(path: "lmcache-e2e-\(UUID().uuidString)").path()
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: directory) }
    var life = CrashLife(driver, directory, seed: seed, rots: rots)
    var (foundAgain, spoilt) = (0, 0)
    do {
      var count = 0
      while count < rounds || (foundAgain == 0 || rots && spoilt == 0) && count < 10 * rounds {
        count += 1
        try life.run(clientCount: clientCount)
        foundAgain += life.foundAtStart
        spoilt += life.spoilt
      }
    } catch {
      throw HarnessFailure("CRASH_SEED=\(seed), life \(life.number): \(error)")
    }
    #expect(life.book.foundCount > 0)
    #expect(foundAgain > 0, "no restart found anything: this proves nothing")
    #expect(!rots || spoilt > 0, "nothing was spoilt: this proves nothing")
  }
}
