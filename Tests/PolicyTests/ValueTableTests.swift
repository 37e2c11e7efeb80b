import Base
import Testing

@testable import Policy

@Suite struct ValueTableTests {
  private let rare = ChunkClass(reuses: 0, distance: 0, new: 9, length: 50)
  private let common = ChunkClass(reuses: 3, distance: 2, new: 0, length: 50)

  @Test func binsFollowEachOther() {
    #expect(AgeBin.containing(0) == 0 && AgeBin.containing(0.99) == 0)
    for bin in 1..<AgeBin.count {
      #expect(AgeBin.containing(AgeBin.start(bin)) == bin)
      #expect(AgeBin.containing(AgeBin.start(bin) * 1.99) == bin)
      #expect(AgeBin.start(bin - 1) + AgeBin.width(bin - 1) == AgeBin.start(bin))
    }
    #expect(AgeBin.containing(.infinity) == AgeBin.count - 1)
  }

  @Test func classesAreToldApart() {
    var numbers: Set<UInt8> = []
    for reuses in 0...12 {
      for distance in 0...4 {
        for new in 0...8 {
          for length in [1, 3, 10, 50, 100] {
            let one = ChunkClass(reuses: reuses, distance: distance, new: new, length: length)
            numbers.insert(one.number)
            #expect(one.distance == min(distance, 2))
            #expect(one.reuses == [0, 1, 2, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5][reuses])
          }
        }
      }
    }
    #expect(numbers.count == ChunkClass.count && Int(numbers.max()!) == ChunkClass.count - 1)
  }

  /// Then it is the order of last use.
  @Test func whereNothingWasLearntAgeAloneCounts() {
    let table = ValueTable()
    var last = Float.infinity
    for ticks in stride(from: Float(0), to: 5000, by: 0.5) {
      let value = table.value(rare, ticks: ticks)
      #expect(value <= last && value > 0 && table.value(common, ticks: ticks) == value)
      last = value
    }
  }

  @Test func whatReturnsMoreOftenIsWorthMore() {
    var returns = Returns()
    for number in 0..<1000 {
      returns.close(common, ticks: 20, returned: number % 2 == 0)
      returns.close(rare, ticks: 20, returned: number % 50 == 0)
    }
    let table = ValueTable(returns)
    for ticks in stride(from: Float(0), to: 20, by: 1) {
      #expect(table.value(common, ticks: ticks) > 2 * table.value(rare, ticks: ticks))
    }
  }

  /// What returns after a pause is worth keeping through it.
  @Test func aReturnThatIsStillToComeCounts() {
    var returns = Returns()
    for _ in 0..<1000 {
      returns.close(common, ticks: 30, returned: true)
      returns.close(rare, ticks: 2, returned: true)
      for _ in 0..<9 { returns.close(rare, ticks: 40, returned: false) }
    }
    let table = ValueTable(returns)
    #expect(table.value(common, ticks: 20) > table.value(common, ticks: 0))
    #expect(table.value(rare, ticks: 10) < table.value(common, ticks: 10))
  }

  /// Up to its end: what comes back soon is not worth less because few live beyond the bin that it is in.
  @Test(arguments: [40, 50, 55] as [Float])
  func whatIsAboutToReturnIsWorthMost(ticks: Float) {
    var returns = Returns()
    for number in 0..<ChunkClass.count {
      for _ in 0..<20 { returns.close(ChunkClass(number: UInt8(number)), ticks: ticks, returned: true) }
    }
    let table = ValueTable(returns)
    #expect(table.value(common, ticks: ticks - 2) > 1.5 * table.value(common, ticks: 0))
  }

  /// It was asked for by prompts under way at once.
  @Test func whatReturnsAtOnceTellsNothing() {
    var returns = Returns()
    for _ in 0..<1000 { returns.close(common, ticks: 1, returned: true) }
    #expect(returns.events.allSatisfy { $0 == 0 } && returns.exposure.contains { $0 > 0 })
  }

  @Test func whatWasLearntFades() {
    var returns = Returns()
    for _ in 0..<100 { returns.close(common, ticks: 3, returned: true) }
    let before = returns.events.reduce(0, +)
    returns.fade()
    #expect(returns.events.reduce(0, +) == before / 2)
  }

  /// What differs between few returns of many classes is chance.
  @Test(arguments: 1...5 as ClosedRange<UInt64>)
  func classesThatAreAlikeReturnAlike(seed: UInt64) {
    var (returns, random) = (Returns(), SplitMix64(seed: seed))
    for number in 0..<ChunkClass.count {
      for _ in 0..<40 {
        returns.close(ChunkClass(number: UInt8(number)), ticks: 20, returned: random.chance(perMille: 250))
      }
    }
    let rates = Self.rates(returns, ticks: 20) { _ in true }
    #expect(rates.max()! < 1.6 * rates.min()! && ValueTable(returns).areAlike)
  }

  /// Nor does one that is nothing like them tell how far the others differ.
  @Test(arguments: 1...5 as ClosedRange<UInt64>)
  func oneThatDiffersTellsNothingOfTheOthers(seed: UInt64) {
    var (returns, random) = (Returns(), SplitMix64(seed: seed))
    for number in 0..<ChunkClass.count {
      let part = ChunkClass(number: UInt8(number))
      let isOther = part.reuses == 5
      for _ in 0..<40 {
        returns.close(part, ticks: isOther ? 4 : 20, returned: isOther || random.chance(perMille: 250))
      }
    }
    let alike = Self.rates(returns, ticks: 20) { $0.reuses < 5 }
    #expect(alike.max()! < 1.6 * alike.min()!)
    let other = Self.rates(returns, ticks: 4) { $0.reuses == 5 }
    #expect(other.min()! > 5 * alike.max()!)
  }

  private static func rates(_ returns: Returns, ticks: Float, _ isMeant: (ChunkClass) -> Bool) -> [Float] {
    let full = Rates(returns).full
    let parts = (0..<ChunkClass.count).map { ChunkClass(number: UInt8($0)) }.filter(isMeant)
    return parts.map { full[$0.row + AgeBin.containing(ticks)] }
  }

  /// Of half of the classes each second chunk comes back, of the others one of so many.
  private static func halves(oneOf share: Int) -> Returns {
    var returns = Returns()
    for number in 0..<ChunkClass.count {
      for chunk in 0..<60 {
        let isReturned = chunk % (number % 2 == 0 ? 2 : share) == 0
        returns.close(ChunkClass(number: UInt8(number)), ticks: 20, returned: isReturned)
      }
    }
    return returns
  }

  @Test func whereClassesAreAlikeAgeAloneCounts() {
    let table = ValueTable(Self.halves(oneOf: 3))
    #expect(table.areAlike && !ValueTable().areAlike)
    for ticks in stride(from: Float(0), to: 5000, by: 7) {
      #expect(table.value(rare, ticks: ticks) == table.value(common, ticks: ticks))
    }
    #expect(!ValueTable(Self.halves(oneOf: 15)).areAlike)
  }

  /// Prompts that are asked for in turn, again and again: the order of last use would find none of them.
  @Test func whereClassesAreAlikeAReturnThatIsStillToComeCounts() {
    var returns = Returns()
    for number in 0..<ChunkClass.count {
      for _ in 0..<20 { returns.close(ChunkClass(number: UInt8(number)), ticks: 40, returned: true) }
    }
    let table = ValueTable(returns)
    #expect(table.areAlike && table.value(common, ticks: 33) > 2 * table.value(rare, ticks: 1))
  }

  /// Few returns do not tell that classes are alike.
  @Test func whatLooksAlikeBeforeMuchWasSeenIsLearntOn() {
    var returns = Returns()
    for number in 0..<ChunkClass.count { returns.close(ChunkClass(number: UInt8(number)), ticks: 20, returned: true) }
    #expect(returns.eventCount == Float(ChunkClass.count) && !ValueTable(returns).areAlike)
  }

  /// A class that brings ten times as much as the others is known by as few.
  @Test(arguments: 1...5 as ClosedRange<UInt64>)
  func aClassThatDiffersIsToldByFewReturns(seed: UInt64) {
    var (returns, random) = (Returns(), SplitMix64(seed: seed))
    for number in 0..<ChunkClass.count {
      let part = ChunkClass(number: UInt8(number))
      for _ in 0..<40 {
        returns.close(part, ticks: 20, returned: random.chance(perMille: part.reuses == 3 ? 500 : 50))
      }
    }
    let table = ValueTable(returns)
    #expect(table.value(common, ticks: 18) > 5 * table.value(rare, ticks: 18))
  }
}
