import Base
import Testing

@testable import Server

/// Who gets a place for a handshake where there are fewer than clients.
struct HandshakePlacesTests {
  /// What cannot be copied, an expectation cannot look at.
  private final class Places {
    private var all: HandshakePlaces
    init(_ most: Int, line: Int = 100) { all = HandshakePlaces(most, line: line) }
    var looks: Int { all.looks }
    func enter(_ place: HandshakePlace) -> Bool { all.enter(place) }
    func line(_ place: HandshakePlace) -> Bool { all.line(place) }
    func leave(_ place: HandshakePlace) { all.leave(place) }
    func makeRoom(now: UInt64) { all.makeRoom(now: now, atMost: 32) }
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
    #expect(places.line(late))
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
    #expect(places.line(own) && places.line(other))
    places.leave(working[0])
    #expect(own.state == .waiting && other.state == .held)
    places.leave(other)
    #expect(own.state == .held)
    places.leave(own)
    #expect(places.enter(Self.place(1, waitsSince: nil)))
  }

  /// To find who comes next costs the same however many wait, of one address or of as many.
  @Test(arguments: [1, 300, 20_000])
  func aCrowdIsNotSearched(addresses: UInt32) {
    let crowd = 20_000
    let places = Places(256, line: crowd)
    let all = (0..<UInt32(256 + crowd)).map { Self.place($0 % addresses, waitsSince: nil) }
    var admitted = 0
    for place in all {
      place.wake = { admitted += 1 }
      if !places.enter(place) { #expect(places.line(place)) }
    }
    let before = places.looks
    for place in all {
      #expect(place.state == .held, "they come in the order in which they came")
      places.leave(place)
    }
    #expect(admitted == crowd)
    #expect(places.looks - before <= 4 * crowd, "\(places.looks - before) looks for \(crowd) clients")
    #expect(places.enter(Self.place(1)), "nobody is left")
  }

  /// Nor is it searched for whom a full line loses.
  @Test(arguments: [1, 2_000])
  func aFullLineIsNotSearched(addresses: UInt32) {
    let places = Places(256, line: 8_000)
    var keep: [HandshakePlace] = []
    for number in 0..<UInt32(256 + 8_000) {
      let place = Self.place(number % addresses, waitsSince: nil)
      if !places.enter(place) { #expect(places.line(place)) }
      keep.append(place)
    }
    let before = places.looks
    var isIn = 0
    for number in 0..<UInt32(4_000) {
      let place = Self.place(10_000 + number, waitsSince: nil)
      #expect(!places.enter(place))
      if places.line(place) { isIn += 1 }
      keep.append(place)
    }
    #expect(isIn == 4_000)
    // A newcomer also looks at those that have places, of which there are 256 whatever happens.
    #expect(places.looks - before <= (256 + 4) * 4_000 + 8_000, "\(places.looks - before) looks")
  }

  @Test func aFullLineTurnsAwayTheNewestOfTheMost() {
    let places = Places(1, line: 4)
    #expect(places.enter(Self.place(9, waitsSince: nil)))
    let (greedy, others) = ((0..<4).map { _ in Self.place(1) }, (0..<2).map { _ in Self.place(2) })
    var woken = 0
    for place in greedy {
      place.wake = { woken += 1 }
      #expect(places.line(place))
    }
    let more = Self.place(1)
    #expect(!places.line(more) && more.state == .turnedAway, "not for its own")
    for place in others { #expect(places.line(place)) }
    #expect(greedy.map(\.state) == [.waiting, .waiting, .turnedAway, .turnedAway] && woken == 2)
    #expect(!places.line(Self.place(2)) && !places.line(Self.place(1)), "both have the same")
    let third = Self.place(3)
    #expect(places.line(third) && greedy[1].state == .turnedAway)
    // Of those that were turned away nothing is left to leave.
    for place in greedy[1...] + [more] { places.leave(place) }
    #expect(!places.line(Self.place(3)))
  }

  @Test func whoWaitsNoLongerIsPassedBy() {
    let places = Places(1, line: 3)
    let (working, quitter, patient) = (Self.place(1), Self.place(1), Self.place(1))
    #expect(places.enter(working) && places.line(quitter) && places.line(patient))
    places.leave(quitter)
    places.leave(quitter)
    places.leave(working)
    #expect(patient.state == .held && quitter.state == .outside)
    places.leave(patient)
    #expect(places.enter(quitter), "nobody has a place")
  }

  /// What comes after a turn of it is not late for a crowd of the slow.
  @Test func theSlowGiveWayAFewAtATime() {
    let places = Places(256, line: 256)
    let slow = (0..<256).map { _ in Self.place(1) }
    let waiting = (0..<256).map { _ in Self.place(1, waitsSince: nil) }
    for place in slow { #expect(places.enter(place)) }
    for place in waiting { #expect(places.line(place)) }
    for round in 1...8 {
      places.makeRoom(now: 100 * Self.second)
      #expect(slow.count { $0.isLost } == 32 * round)
      #expect(waiting.count { $0.state == .held } == 32 * round)
    }
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
