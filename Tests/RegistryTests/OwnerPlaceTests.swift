import Base
import Registry
import Testing

/// Places for owners are few: each is freed when its owner's last entry goes, in any way. A registry that lost places
/// would refuse engines after a while.
@Suite struct OwnerPlaceTests {
  /// More owners than places, one after the other.
  private static let rounds = 3 * Limits.ownersMax

  @Test func placesOfDeletedEntriesComeBack() throws {
    let registry = try Registry.make()
    for number in 0..<Self.rounds {
      guard registry.set("key", "h:\(number)") == .entered else { throw Lost(at: number) }
      #expect(registry.remove("key"))
    }
    expectRoom(in: registry)
  }

  @Test func placesOfReplacedOwnersComeBack() throws {
    let registry = try Registry.make()
    for number in 0..<Self.rounds {
      guard registry.set("key \(number % 10)", "h:\(number)") == .entered else { throw Lost(at: number) }
    }
    #expect(registry.snapshot().entries == 10)
    expectRoom(in: registry, beside: 10)
  }

  /// The budget is spent long before the places are.
  @Test func placesOfDroppedEntriesComeBack() throws {
    let registry = try Registry.make()
    let tail = String(repeating: "k", count: 1000)
    for number in 0..<Self.rounds {
      guard registry.set("\(number) \(tail)", "h:\(number)") == .entered else { throw Lost(at: number) }
    }
    let snapshot = registry.snapshot()
    #expect(snapshot.droppedTotal > Self.rounds / 2)
    #expect(snapshot.owners(.alive) == snapshot.entries)
    registry.checkInvariants()
  }

  /// A refused entry takes no place.
  @Test func refusedEntriesTakeNoPlace() throws {
    let registry = try Registry.make()
    let long = String(repeating: "k", count: Limits.registryKeyBytesMax + 1)
    for number in 0..<Self.rounds { #expect(registry.set(long, "h:\(number)") == .keyTooLong) }
    expectRoom(in: registry)
  }

  private struct Lost: Error {
    let at: Int
  }

  /// As many owners at once as there are places, and one more is refused.
  private func expectRoom(in registry: Registry, beside taken: Int = 0) {
    let entered = (0..<Limits.ownersMax - taken).count { registry.set("\($0)", "room:\($0)") == .entered }
    #expect(entered == Limits.ownersMax - taken)
    #expect(registry.set("one more", "room:more") == .tooManyOwners)
  }
}
