/// Whether prompts come so mixed on their streams that what is stored cannot be told apart: a client that stores one after the
/// other looks up the first chunk of what it stores, and then stores the rest with nothing in between.
struct Mixture: Sendable {
  /// What a stream did last.
  private enum Event {
    static let none: UInt8 = 0
    /// It looked up or fetched.
    static let reads: UInt8 = 1
    /// It stored what had not been looked up.
    static let goesOn: UInt8 = 2
    /// It stored a chunk that had been looked up, as the first of its prompt. So many directly one behind the other are so much
    /// more: prompts that store no more than that, or prompts that come in turn.
    static let begins: UInt8 = 3
  }

  private var events = [UInt8](repeating: Event.none, count: PolicyLimits.streams)
  /// Of the prompts that went on, those of which it is not known which one it was. The latest ones count most.
  private var share: Float = 0
  private(set) var isGreat = false

  static let bytes = PolicyLimits.streams

  mutating func noteRead(on stream: UInt16) { events[Int(stream)] = Event.reads }

  /// A chunk is stored; is it one that a look-up did not find?
  mutating func noteStore(on stream: UInt16, isKnown: Bool) {
    let before = events[Int(stream)]
    guard !isKnown else {
      events[Int(stream)] = before < Event.begins ? Event.begins : min(before, .max - 1) + 1
      return
    }
    events[Int(stream)] = Event.goesOn
    switch before {
    case Event.none, Event.goesOn: break
    case Event.reads: count(isMixed: true)
    case Event.begins: count(isMixed: false)
    default: for _ in Event.begins..<min(before, Event.begins + PolicyLimits.mixedAtOnceMax) { count(isMixed: true) }
    }
  }

  private mutating func count(isMixed: Bool) {
    share += ((isMixed ? 1 : 0) - share) / PolicyLimits.mixturePrompts
    isGreat = share > (isGreat ? PolicyLimits.mixtureMax / 2 : PolicyLimits.mixtureMax)
  }
}
