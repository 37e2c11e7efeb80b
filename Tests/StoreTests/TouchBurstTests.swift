import Base
import Testing

@testable import Policy
@testable import Store

/// What a client touches in one walk belongs together.
@Suite struct TouchBurstTests {
  /// Entries by number, each with a part of its own.
  private final class Client {
    var burst = TouchBurst(asker: Asker(identity: 1, connection: 7))
    private var walks = WalkNumbers(lane: 0, of: 2)
    private var parts: [EntryID: Entry.StripePart] = [:]

    func touch(_ id: EntryID, _ step: PromptStep, at now: UInt64 = second) -> Touch {
      var part = parts[id] ?? Entry.StripePart(kind: .plain)
      defer { parts[id] = part }
      let touch = burst.follow(EntryRef(id: id, generation: 1), &part, step: step, now: now, walks: &walks)
      #expect(part.touchedAt == touch.at && touch.step == step && touch.stream == burst.asker.stream)
      return touch
    }

    /// Whether it begins a walk.
    func begins(_ id: EntryID, _ step: PromptStep, at now: UInt64 = second) -> Bool {
      let walk = burst.walk
      let touch = touch(id, step, at: now)
      #expect((burst.walk != walk) == (touch.predecessor == .none))
      return burst.walk != walk
    }
  }

  @Test func oneWalkFromTheLookUpToTheLastChunkStored() {
    let client = Client()
    #expect(client.begins(1, .ask))
    for id in EntryID(2)...3 { #expect(client.touch(id, .ask).predecessor.id == id - 1) }
    client.burst.noteMiss()
    #expect(client.begins(1, .fetch), "an engine looks up and fetches in two walks")
    for id in EntryID(2)...3 { #expect(client.touch(id, .fetch).predecessor.id == id - 1) }
    for id in EntryID(4)...6 { #expect(client.touch(id, .store).predecessor.id == id - 1) }
    #expect(client.begins(7, .ask), "what is looked up behind what was stored is another one")
  }

  @Test func fromTheFrontAgainIsAnotherWalk() {
    let client = Client()
    for _ in 0..<3 {
      #expect(client.begins(1, .fetch))
      #expect(!client.begins(2, .fetch))
    }
  }

  /// An object has two names, each looked up and fetched.
  @Test func bothNamesOfAnObjectAreOneChunk() {
    let client = Client()
    #expect(client.begins(1, .ask))
    let again = client.touch(1, .ask)
    #expect(again.predecessor.id == 1)
    #expect(client.touch(2, .ask).predecessor.id == 1)
  }

  @Test func aLookUpThatFindsNothingEndsTheWalk() {
    let client = Client()
    _ = client.touch(1, .store)
    _ = client.touch(2, .store)
    client.burst.noteMiss()
    #expect(client.begins(3, .store))
  }

  @Test func whatComesLaterIsMoreRecent() {
    let client = Client()
    #expect(client.touch(1, .store).isWithinWalk)
    #expect(client.touch(2, .store, at: second + Limits.burstNanoseconds - 1).isWithinWalk)
    let late = client.touch(3, .store, at: second + Limits.burstNanoseconds)
    #expect(!late.isWithinWalk && late.predecessor.id == 2)
    #expect(client.touch(4, .store, at: second + Limits.burstNanoseconds + 1).isWithinWalk)
  }

  @Test func twoLanesNeverGiveOneNumber() {
    var lanes = (0..<3).map { WalkNumbers(lane: $0, of: 3) }
    var seen: Set<UInt32> = [0]
    for _ in 0..<100 {
      for lane in lanes.indices {
        let number = lanes[lane].next()
        #expect(seen.insert(number).inserted)
      }
    }
  }

  /// Connections of a host that fans out are one stream; those of others are each one.
  @Test func aStreamIsWhereRequestsComeInOrder() {
    let alone = (0..<3).map { Asker(identity: 5, connection: $0).stream }
    #expect(Set(alone).count == 3)
    let fanned = (0..<3).map { Asker(identity: 5, connection: $0, fansOut: true).stream }
    #expect(Set(fanned).count == 1 && Set(alone).isDisjoint(with: fanned))
    for identity in 0..<200 {
      let asker = Asker(identity: UInt64(identity), connection: identity * 977, fansOut: identity % 2 == 0)
      #expect(Int(asker.stream) < Asker.streams)
    }
    #expect(Asker.streams <= PolicyLimits.streams)
  }
}
