import Base
import Testing

@testable import Server

/// Who gets a place for a handshake where there are fewer than clients.
struct HandshakePlacesTests {
  /// What cannot be copied, an expectation cannot look at.
  private final class Places {
    private var all: HandshakePlaces
    init(_ most: Int) { all = HandshakePlaces(most) }
    func enter(_ place: HandshakePlace) -> Bool { all.enter(place) }
    func line(_ place: HandshakePlace) { all.line(place, nil) }
    func leave(_ place: HandshakePlace) { all.leave(place) }
    func makeRoom(now: UInt64) { all.makeRoom(now: now) }
  }

  private static let second: UInt64 = 1_000_000_000

  private static func place(_ number: UInt32?, waitsSince: UInt64? = 0) -> HandshakePlace {
    let place = HandshakePlace(number.map { IPAddress(ipv4: $0) }) {}
    if let waitsSince { place.awaitClient(from: waitsSince) }
    return place
  }

  @Test func aPlaceIsThereForTheNextWhenItIsLeft() {
    let places = Places(2)
    let (first, second, third) = (Self.place(1), Self.place(1), Self.place(1))
    #expect(places.enter(first) && places.enter(second) && !places.enter(third))
    places.leave(first)
    places.leave(first)
    #expect(places.enter(third) && !places.enter(Self.place(1)), "it was left once")
  }

  @Test func whoHasManyGivesToWhoHasFew() {
    let places = Places(4)
    let greedy = [Self.place(1, waitsSince: nil), Self.place(1), Self.place(1), Self.place(1)]
    for place in greedy { #expect(places.enter(place)) }
    #expect(!places.enter(Self.place(1)), "not to itself")
    let other = Self.place(2)
    #expect(places.enter(other))
    #expect(greedy.map(\.isLost) == [false, true, false, false], "the oldest that waits for its client")
    #expect(places.enter(Self.place(2)))
    #expect(greedy.map(\.isLost) == [false, true, true, false])
    #expect(!places.enter(Self.place(2)) && !places.enter(Self.place(1)), "both have the same")
    // Of one that is lost nothing is left to leave.
    places.leave(greedy[1])
    #expect(!places.enter(Self.place(1)))
    #expect(places.enter(Self.place(nil)) && greedy[3].isLost && !other.isLost, "of two the older")
  }

  @Test func whoIsAtWorkIsNotDisturbed() {
    let places = Places(3)
    let working = (0..<3).map { _ in Self.place(1, waitsSince: nil) }
    for place in working { #expect(places.enter(place)) }
    #expect(!places.enter(Self.place(2)))
    places.makeRoom(now: .max)
    #expect(working.map(\.isLost) == [false, false, false])
  }

  @Test func theSlowGiveWayToThoseWhoWait() {
    let places = Places(2)
    let (slow, quick) = (Self.place(1, waitsSince: 5), Self.place(1, waitsSince: 6))
    #expect(places.enter(slow) && places.enter(quick))
    places.makeRoom(now: 100 * Self.second)
    #expect(!slow.isLost, "nobody waits")
    let late = Self.place(1, waitsSince: nil)
    #expect(!places.enter(late))
    places.line(late)
    places.makeRoom(now: 2 * Self.second)
    #expect(!slow.isLost)
    places.makeRoom(now: 2 * Self.second + 5)
    #expect(slow.isLost && !quick.isLost)
    places.makeRoom(now: 100 * Self.second)
    #expect(!quick.isLost, "the place is the waiter's, and nobody else waits")
    places.leave(late)
    #expect(places.enter(Self.place(1)))
  }

  @Test func aPlaceGoesToTheAddressWithTheFewest() {
    let places = Places(2)
    let working = (0..<2).map { _ in Self.place(1, waitsSince: nil) }
    for place in working { #expect(places.enter(place)) }
    let (own, other) = (Self.place(1, waitsSince: nil), Self.place(2, waitsSince: nil))
    places.line(own)
    places.line(other)
    places.leave(working[0])
    // It is the other's: of the one in front there is nothing to leave.
    places.leave(own)
    #expect(!places.enter(Self.place(1, waitsSince: nil)))
    places.leave(other)
    places.leave(own)
    #expect(places.enter(Self.place(1, waitsSince: nil)))
  }

  /// Bytes that drip in make nobody quick, and what the server takes makes nobody slow.
  @Test func waitsAddUp() {
    let place = Self.place(1, waitsSince: 100)
    place.clientCame(at: 150)
    #expect(place.waitsSince == nil)
    place.awaitClient(from: 1000)
    #expect(place.waitsSince == 950)
    place.clientCame(at: 1010)
    place.clientCame(at: 2000)
    place.awaitClient(from: 3000)
    #expect(place.waitsSince == 2940)
  }
}
