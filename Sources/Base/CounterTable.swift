/// One counter for every case of a label.
package struct CounterTable<Label: CaseIterable & RawRepresentable<Int>>: ~Copyable, @unchecked Sendable {
  private let counters: UnsafeMutablePointer<Counter>
  private let count = Label.allCases.count

  package init() {
    counters = .allocate(capacity: count)
    for position in 0..<count { (counters + position).initialize(to: Counter()) }
  }

  deinit {
    counters.deinitialize(count: count)
    counters.deallocate()
  }

  package func add(_ label: Label, _ amount: Int = 1) {
    precondition(label.rawValue < count, "labels are numbered from 0 without a gap")
    counters[label.rawValue].add(amount)
  }

  package func value(_ label: Label) -> UInt64 { counters[label.rawValue].value }
}
