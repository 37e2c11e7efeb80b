import Testing

@testable import Base

/// A line that is left from any place.
struct WaitingLineTests {
  private final class Person {
    let number: Int
    lazy var link = WaitingLine<Person>.Link(self)
    init(_ number: Int) { self.number = number }
  }

  @Test func whoeverLeavesTheOthersStay() {
    for leaver in 0..<4 {
      let people = (0..<4).map(Person.init)
      var chain = WaitingLine<Person>()
      for person in people { chain.append(person.link) }
      chain.remove(people[leaver].link)
      chain.append(people[leaver].link)
      var order: [Int] = []
      #expect(chain.last === people[leaver] && chain.count == 4)
      while let first = chain.first {
        order.append(first.number)
        chain.remove(first.link)
      }
      #expect(order == (0..<4).filter { $0 != leaver } + [leaver])
      #expect(chain.count == 0 && chain.first == nil && chain.last == nil)
    }
  }
}
