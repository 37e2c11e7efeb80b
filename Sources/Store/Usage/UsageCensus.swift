/// What records say of whose they are, to be compared with the books.
struct UsageCensus {
  private var held: [UsageGroup: [UInt8: UsageHoldings]] = [:]

  mutating func count(_ marks: UsageMarks, bytes: Int, isLeading: Bool, isAway: Bool) {
    for (group, place) in [(UsageGroup.model, marks.model), (.tag, marks.tag), (.client, marks.client)] {
      var holdings = held[group, default: [:]][place] ?? UsageHoldings()
      if isLeading, isAway { holdings.awayLeading += 1 }
      if isLeading, !isAway { holdings.leading += 1 }
      if isAway {
        holdings.awayChunks += 1
        holdings.awayBytes += bytes
      } else {
        holdings.chunks += 1
        holdings.bytes += bytes
      }
      held[group, default: [:]][place] = holdings
    }
  }

  func check(_ books: UsageBooks) {
    for (group, table) in [(UsageGroup.model, books.models), (.tag, books.tags), (.client, books.clients)] {
      for place in 0..<group.places {
        var booked = table.holdings[place]
        booked.connections = 0
        precondition(
          booked == held[group]?[UInt8(place)] ?? UsageHoldings(), "what is held of each model, tag and client adds up")
      }
    }
  }
}
