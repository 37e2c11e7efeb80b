import Base
import Testing

@testable import IO

/// The drivers that this machine's kernel allows. The list is printed for scripts/test.sh.
let realDrivers: [DriverKind] = {
  let drivers: [DriverKind] = uringRefusal == nil ? [.uring, .epoll] : [.epoll]
  print("DRIVERS: IOTests ran over \(drivers.map { "\($0)" }.joined(separator: ", "))")
  return drivers
}()

/// Why io_uring does not work here, or nil.
let uringRefusal: String? = {
  do {
    _ = try DriverChoice.make(.uring)
    return nil
  } catch {
    return "\(error)"
  }
}()

func makeDriver(_ kind: DriverKind, verbsMax: Int = 4096, lends: Bool = true) throws -> any Driver {
  kind == .uring ? try UringDriver(verbsMax: verbsMax, lends: lends) : try EpollDriver(lends: lends)
}

/// A loop on its own thread for the duration of one test.
func onLoop<Value: Sendable>(
  _ kind: DriverKind, verbsMax: Int = 4096,
  _ body: @escaping @Sendable (EventLoop) async throws -> Value
) async throws -> Value {
  try await onLoop(over: makeDriver(kind, verbsMax: verbsMax), verbsMax: verbsMax, body)
}

func onLoop<Value: Sendable>(
  over driver: any Driver, verbsMax: Int = 4096,
  _ body: @escaping @Sendable (EventLoop) async throws -> Value
) async throws -> Value {
  let running = RunningLoop(EventLoop(index: 0, driver: driver, verbsMax: verbsMax))
  defer { running.end() }
  return try await running.value(of: body)
}

/// A loop that turns on its own thread until it is ended.
struct RunningLoop: Sendable {
  let loop: EventLoop
  private let thread: Thread

  init(_ loop: EventLoop) {
    self.loop = loop
    thread = Thread(name: "loop under test") { loop.run() }
  }

  init(_ kind: DriverKind) throws {
    self.init(EventLoop(index: 0, driver: try makeDriver(kind), verbsMax: 4096))
  }

  /// Runs one root task on the loop and returns its result.
  func value<Value: Sendable>(
    of body: @escaping @Sendable (EventLoop) async throws -> Value
  ) async throws -> Value {
    try await withCheckedThrowingContinuation { outcome in
      loop.startRoot { [loop] in
        do { outcome.resume(returning: try await body(loop)) } catch { outcome.resume(throwing: error) }
      }
    }
  }

  func end() {
    loop.stop()
    thread.join()
  }
}

extension EventLoop {
  /// Returns when all ready tasks have run: the driver has their operations then.
  func settle() async {
    await bulkTurn(bytes: Limits.bulkBytesPerTurn)
  }
}
