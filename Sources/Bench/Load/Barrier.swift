import Glibc

/// Where main and the workers of a target meet at both ends of a round. Lives as long as the process.
struct Barrier: @unchecked Sendable {
  private let barrier = UnsafeMutablePointer<pthread_barrier_t>.allocate(capacity: 1)

  init(parties: Int) { pthread_barrier_init(barrier, nil, UInt32(parties)) }

  func wait() { pthread_barrier_wait(barrier) }
}
