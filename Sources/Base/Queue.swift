/// First in, first out, also for what cannot be copied. Takes memory when something is put in, grows and never shrinks by
/// itself, so that a steady state allocates nothing.
package struct Queue<Element: ~Copyable>: ~Copyable {
  @usableFromInline var storage: UnsafeMutableBufferPointer<Element>
  @usableFromInline var head = 0
  @usableFromInline var used = 0

  @inlinable package var count: Int { used }
  /// The memory that it has taken.
  @inlinable package var byteCount: Int { storage.count * MemoryLayout<Element>.stride }

  @inlinable
  package init() { storage = UnsafeMutableBufferPointer(start: nil, count: 0) }

  /// Takes memory for so many at once.
  @inlinable
  package init(capacity: Int) {
    precondition(capacity > 0 && capacity & (capacity - 1) == 0, "places are found with a mask")
    storage = .allocate(capacity: capacity)
  }

  @inlinable
  deinit {
    for index in 0..<used { place(index).deinitialize(count: 1) }
    storage.deallocate()
  }

  @inlinable
  package subscript(index: Int) -> Element {
    unsafeAddress {
      precondition(index < used)
      return UnsafePointer(place(index))
    }
    unsafeMutableAddress {
      precondition(index < used)
      return place(index)
    }
  }

  @inlinable
  package mutating func append(_ element: consuming Element) {
    if used == storage.count { grow() }
    place(used).initialize(to: element)
    used += 1
  }

  @inlinable
  package mutating func removeFirst() -> Element {
    precondition(used > 0)
    let element = place(0).move()
    head = (head + 1) & (storage.count - 1)
    used -= 1
    return element
  }

  @inlinable
  package mutating func popFirst() -> Element? {
    guard used > 0 else { return nil }
    return removeFirst()
  }

  @inlinable
  package mutating func removeAll() {
    while used > 0 { _ = removeFirst() }
  }

  /// Gives back the memory that was taken for more than this, as long as the queue is empty.
  @inlinable
  package mutating func shrink(above capacity: Int) {
    guard used == 0, storage.count > capacity else { return }
    storage.deallocate()
    (storage, head) = (UnsafeMutableBufferPointer(start: nil, count: 0), 0)
  }

  @inlinable
  func place(_ index: Int) -> UnsafeMutablePointer<Element> {
    storage.baseAddress! + ((head + index) & (storage.count - 1))
  }

  @inlinable
  mutating func grow() {
    let larger = UnsafeMutableBufferPointer<Element>.allocate(capacity: max(4, storage.count * 2))
    for index in 0..<used { (larger.baseAddress! + index).initialize(to: place(index).move()) }
    storage.deallocate()
    storage = larger
    head = 0
  }
}
