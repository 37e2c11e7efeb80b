import Base
import IO
import Registry
import Simulation
import Testing

@testable import Server

/// Owners that come and go, in virtual time.
@Suite struct OwnerCheckTests {
  private static let second: UInt64 = 1_000_000_000

  private struct Scene {
    let quiet: QuietServer
    let registry: Registry
    var world: SimulatedWorld { quiet.world }

    init(checkSeconds: UInt64?) throws {
      registry = try Registry(budgetBytes: 1 << 20, hashSeed: 1)
      var sharing = Sharing()
      sharing.registry = registry
      sharing.checkNanoseconds = checkSeconds.map { $0 * OwnerCheckTests.second }
      quiet = try QuietServer(sharing: sharing)
      quiet.server.start()
    }

    func enter(_ key: String, _ owner: String, isVouchedFor: Bool = true) {
      let (key, owner) = (Array(key.utf8), Array(owner.utf8))
      _ = registry.set(key: key.span.bytes, owner: owner.span.bytes, isVouchedFor: isVouchedFor)
    }

    func finding(_ key: String) -> Registry.Finding {
      let room = UnsafeMutableRawBufferPointer.allocate(byteCount: Limits.ownerBytesMax, alignment: 1)
      defer { room.deallocate() }
      let key = Array(key.utf8)
      return registry.find(key: key.span.bytes, into: room)
    }

    func isShown(_ key: String) -> Bool {
      if case .found = finding(key) { return true }
      return false
    }

    func pass(seconds: UInt64) { _ = world.run(until: { false }, nanosecondsMax: seconds * OwnerCheckTests.second) }
  }

  @Test func anOwnerThatGoesIsHiddenAndShownWhenItReturns() throws {
    let scene = try Scene(checkSeconds: 5)
    let engine = scene.world.makeListener(port: 8200)
    scene.enter("k", "10.0.0.1:8200")
    scene.enter("other", "10.0.0.1:8201")
    _ = scene.world.makeListener(port: 8201)
    scene.pass(seconds: 30)
    #expect(scene.isShown("k"))
    scene.world.loops[0].driver.shutdown(engine, .both)
    scene.pass(seconds: 9)
    #expect(scene.isShown("k"), "too soon to say")
    scene.pass(seconds: 8)
    #expect(scene.finding("k") == .hidden)
    #expect(scene.isShown("other"), "its neighbour is there")
    _ = scene.world.makeListener(port: 8200)
    scene.pass(seconds: 6)
    #expect(scene.isShown("k"))
  }

  @Test func nobodyKnocksWhereNobodyIsVouchedFor() throws {
    let scene = try Scene(checkSeconds: 1)
    scene.enter("k", "10.0.0.1:8200", isVouchedFor: false)
    scene.pass(seconds: 60)
    #expect(scene.isShown("k"), "a failed check would have hidden it")
    #expect(scene.quiet.server.workers[0].registryMetrics.checks.value(.unreachable) == 0)
  }

  @Test func checksCanBeOff() throws {
    let scene = try Scene(checkSeconds: nil)
    scene.enter("k", "10.0.0.1:8200")
    scene.pass(seconds: 60)
    #expect(scene.isShown("k"))
  }

  @Test func theServerEndsInTheMiddleOfARound() throws {
    let scene = try Scene(checkSeconds: 1)
    for number in 0..<200 { scene.enter("k\(number)", "10.0.0.1:\(9000 + number)") }
    scene.pass(seconds: 1)
    scene.quiet.server.drain()
    #expect(scene.world.run(until: { scene.quiet.server.phase == .ended }, nanosecondsMax: 30 * Self.second))
  }
}
