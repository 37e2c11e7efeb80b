import Base
import Testing

@testable import IO

/// The rings keep their order while they wrap and grow.
@Suite(.patience)
struct QueueTests {
  @Test
  func jobsStayInOrderWhileTheRingWrapsAndGrows() {
    let collector = Collector()
    let order = Shared<[Int]>([])
    for number in 0..<100 {
      collector.start { order.change { $0.append(number) } }
    }
    let jobs = collector.takeAll()
    #expect(jobs.count == 100)

    var queue = Ring<UnownedJob>(capacity: 4)
    func runFirst() { queue.popFirst()!.runSynchronously(on: collector.asUnownedTaskExecutor()) }
    for (number, job) in jobs.enumerated() {
      queue.append(job)
      // Pops move the head, so that growth happens at every position of it.
      if number % 3 == 2 { runFirst() }
    }
    #expect(queue.count == 67)
    while queue.count > 0 { runFirst() }
    #expect(queue.popFirst() == nil)
    #expect(order.value == Array(0..<100))
  }
}

/// Keeps jobs instead of running them.
private final class Collector: TaskExecutor {
  private let jobs = Guarded<[UnownedJob]>([])
  func enqueue(_ job: consuming ExecutorJob) {
    let unowned = UnownedJob(job)
    jobs.withLock { $0.append(unowned) }
  }
  func start(_ body: @escaping @Sendable () async -> Void) { Task(executorPreference: self) { await body() } }
  func takeAll() -> [UnownedJob] { jobs.withLock { $0 } }
}
