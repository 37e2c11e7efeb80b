/// A ring of jobs that are ready to run. Grows and never shrinks, so that a steady state allocates nothing.
struct JobQueue: ~Copyable {
  private var storage: UnsafeMutableBufferPointer<UnownedJob>
  private var head = 0
  private(set) var count = 0

  init(capacity: Int = 1024) {
    precondition(capacity & (capacity - 1) == 0, "the ring is masked")
    storage = .allocate(capacity: capacity)
  }

  deinit { storage.deallocate() }

  mutating func append(_ job: UnownedJob) {
    if count == storage.count { grow() }
    (storage.baseAddress! + ((head + count) & (storage.count - 1))).initialize(to: job)
    count += 1
  }

  mutating func popFirst() -> UnownedJob? {
    guard count > 0 else { return nil }
    let job = (storage.baseAddress! + head).move()
    head = (head + 1) & (storage.count - 1)
    count -= 1
    return job
  }

  private mutating func grow() {
    let larger = UnsafeMutableBufferPointer<UnownedJob>.allocate(capacity: storage.count * 2)
    for index in 0..<count {
      (larger.baseAddress! + index).initialize(to: storage[(head + index) & (storage.count - 1)])
    }
    storage.deallocate()
    storage = larger
    head = 0
  }
}
