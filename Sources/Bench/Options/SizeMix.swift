/// The sizes of a case's values, each with its share of the keys.
package struct SizeMix: Equatable, Sendable {
  package struct Share: Equatable, Sendable {
    package let bytes: Int
    package let weight: Int

    package init(bytes: Int, weight: Int) {
      self.bytes = bytes
      self.weight = weight
    }
  }

  package let shares: [Share]

  package init(_ shares: [Share]) {
    precondition(!shares.isEmpty, "a mix holds a size")
    self.shares = shares
  }

  package init(bytes: Int) { self.init([Share(bytes: bytes, weight: 1)]) }

  package var totalWeight: Int { shares.reduce(0) { $0 + $1.weight } }
  package var largest: Int { shares.map(\.bytes).max()! }
  package var mean: Double { shares.reduce(0) { $0 + Double($1.bytes * $1.weight) } / Double(totalWeight) }
}
