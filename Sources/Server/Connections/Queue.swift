/// First in, first out, for what cannot be copied. Takes memory when something is put in, grows and never shrinks, so that
/// a steady state allocates nothing.
struct Queue<Element: ~Copyable>: ~Copyable {
  private var storage: UnsafeMutableBufferPointer<Element>
  private var head = 0
  private(set) var count = 0
  /// What it has taken.
  var byteCount: Int { storage.count * MemoryLayout<Element>.stride }

  init() { storage = UnsafeMutableBufferPointer(start: nil, count: 0) }

  deinit {
    for index in 0..<count { place(index).deinitialize(count: 1) }
    storage.deallocate()
  }

  subscript(index: Int) -> Element {
    unsafeAddress {
      precondition(index < count)
      return UnsafePointer(place(index))
    }
    unsafeMutableAddress {
      precondition(index < count)
      return place(index)
    }
  }

  mutating func append(_ element: consuming Element) {
    if count == storage.count { grow() }
    place(count).initialize(to: element)
    count += 1
  }

  mutating func removeFirst() -> Element {
    precondition(count > 0)
    let element = place(0).move()
    head = (head + 1) & (storage.count - 1)
    count -= 1
    return element
  }

  mutating func removeAll() {
    while count > 0 { _ = removeFirst() }
  }

  /// Gives back what it has taken for many, as long as there are none.
  mutating func shrink(above capacity: Int) {
    guard count == 0, storage.count > capacity else { return }
    storage.deallocate()
    (storage, head) = (UnsafeMutableBufferPointer(start: nil, count: 0), 0)
  }

  private func place(_ index: Int) -> UnsafeMutablePointer<Element> {
    storage.baseAddress! + ((head + index) & (storage.count - 1))
  }

  private mutating func grow() {
    let larger = UnsafeMutableBufferPointer<Element>.allocate(capacity: max(4, storage.count * 2))
    for index in 0..<count { (larger.baseAddress! + index).initialize(to: place(index).move()) }
    storage.deallocate()
    storage = larger
    head = 0
  }
}
