/// The operations of one connection, oldest first: answered ones leave at the front, new ones join at the back.
/// Positions only grow.
struct JobRing: ~Copyable {
  private let jobs: UnsafeMutablePointer<Job>
  private let mask: Int
  private(set) var oldest = 0
  private(set) var end = 0

  init(capacity wanted: Int) {
    var capacity = 1
    while capacity < wanted { capacity *= 2 }
    jobs = .allocate(capacity: capacity)
    jobs.initialize(repeating: Job(.exist, key: 0, due: 0), count: capacity)
    mask = capacity - 1
  }

  deinit { jobs.deallocate() }

  var isEmpty: Bool { oldest == end }

  subscript(position: Int) -> Job { jobs[position & mask] }

  mutating func append(_ job: Job) {
    precondition(end - oldest <= mask, "a connection has room for what it is given")
    jobs[end & mask] = job
    end += 1
  }

  mutating func removeOldest() -> Job {
    precondition(!isEmpty, "an answer belongs to a request")
    oldest += 1
    return jobs[(oldest - 1) & mask]
  }
}
