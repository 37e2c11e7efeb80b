/// The median of some numbers, with the least and the most.
package struct Spread: Equatable, Sendable {
  package let median: Double
  package let least: Double
  package let most: Double

  package init?(_ values: [Double]) {
    guard let least = values.min(), let most = values.max() else { return nil }
    let sorted = values.sorted()
    let middle = sorted.count / 2
    median = sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    self.least = least
    self.most = most
  }
}
