/// First in, first out. Grows and never shrinks, so that a steady state allocates nothing.
struct Ring<Element>: ~Copyable {
  private var storage: UnsafeMutableBufferPointer<Element>
  private var head = 0
  private(set) var count = 0

  init(capacity: Int = 256) {
    precondition(capacity & (capacity - 1) == 0, "the ring is masked")
    storage = .allocate(capacity: capacity)
  }

  deinit {
    for index in 0..<count { place(index).deinitialize(count: 1) }
    storage.deallocate()
  }

  var first: Element? { count > 0 ? place(0).pointee : nil }

  mutating func append(_ element: Element) {
    if count == storage.count { grow() }
    place(count).initialize(to: element)
    count += 1
  }

  mutating func popFirst() -> Element? {
    guard count > 0 else { return nil }
    let element = place(0).move()
    head = (head + 1) & (storage.count - 1)
    count -= 1
    return element
  }

  private func place(_ index: Int) -> UnsafeMutablePointer<Element> {
    storage.baseAddress! + ((head + index) & (storage.count - 1))
  }

  private mutating func grow() {
    let larger = UnsafeMutableBufferPointer<Element>.allocate(capacity: storage.count * 2)
    for index in 0..<count { (larger.baseAddress! + index).initialize(to: place(index).move()) }
    storage.deallocate()
    storage = larger
    head = 0
  }
}
