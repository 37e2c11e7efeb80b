import Glibc
import Synchronization

/// A trap kills the whole process; this prints the seeds of the running lives, so that they can be repeated.
enum CrashReport {
  static let threadsMax = 4
  /// The seed that each thread runs, plus 1; 0 is none.
  static let seeds = Seeds()

  final class Seeds: Sendable {
    let first = Atomic<UInt64>(0)
    let second = Atomic<UInt64>(0)
    let third = Atomic<UInt64>(0)
    let fourth = Atomic<UInt64>(0)
  }

  static func enter(_ seed: UInt64, thread: Int) { store(seed + 1, thread) }
  static func leave(thread: Int) { store(0, thread) }

  private static func store(_ value: UInt64, _ thread: Int) {
    switch thread {
    case 0: seeds.first.store(value, ordering: .relaxed)
    case 1: seeds.second.store(value, ordering: .relaxed)
    case 2: seeds.third.store(value, ordering: .relaxed)
    default: seeds.fourth.store(value, ordering: .relaxed)
    }
  }

  static func install() {
    _ = seeds
    for number in [SIGILL, SIGTRAP, SIGSEGV, SIGBUS, SIGABRT] {
      signal(number) { number in
        for seed in [
          CrashReport.seeds.first.load(ordering: .relaxed), CrashReport.seeds.second.load(ordering: .relaxed),
          CrashReport.seeds.third.load(ordering: .relaxed), CrashReport.seeds.fourth.load(ordering: .relaxed),
        ] where seed != 0 {
          // A signal handler may not do this in general, but the process is lost anyway.
          let line = "SIMULATION: crashed in a life with SIMULATION_SEED=\(seed - 1), or one beside it\n"
          line.withCString { _ = write(STDERR_FILENO, $0, strlen($0)) }
        }
        signal(number, SIG_DFL)
        raise(number)
      }
    }
  }
}
