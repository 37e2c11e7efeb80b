import Glibc

/// A lane's kernel thread. It runs a round whenever the gate opens, until the last one.
struct LaneThread {
  private final class Body {
    let lane: Lane
    let gate: RoundGate
    let plan: RoundPlan

    init(_ lane: Lane, _ gate: RoundGate, _ plan: RoundPlan) {
      self.lane = lane
      self.gate = gate
      self.plan = plan
    }
  }

  private let handle: pthread_t

  /// With a real-time priority it runs as soon as a reply arrives, ahead of all normal threads.
  init(_ lane: Lane, _ gate: RoundGate, _ plan: RoundPlan, isRealTime: Bool) throws(Failure) {
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    defer { pthread_attr_destroy(&attributes) }
    if isRealTime {
      var priority = sched_param(sched_priority: 10)
      pthread_attr_setinheritsched(&attributes, Int32(PTHREAD_EXPLICIT_SCHED))
      pthread_attr_setschedpolicy(&attributes, SCHED_FIFO)
      pthread_attr_setschedparam(&attributes, &priority)
    }
    var handle = pthread_t()
    let body = Unmanaged.passRetained(Body(lane, gate, plan))
    let code = pthread_create(&handle, &attributes, Self.enter, body.toOpaque())
    if code != 0 { body.release() }
    guard code != EPERM else {
      throw Failure("a real-time thread needs root or CAP_SYS_NICE; --no-realtime goes without")
    }
    guard code == 0 else { throw Failure("thread", code: code) }
    self.handle = handle
  }

  func join() { pthread_join(handle, nil) }

  private static let enter: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { opaque in
    let body = Unmanaged<Body>.fromOpaque(opaque!).takeRetainedValue()
    // Arrivals are due to the microsecond; by default the kernel wakes a thread up to 50 µs late.
    Kernel.setTimerSlack(nanoseconds: 1)
    var number = 0
    while true {
      let order = body.gate.waitForOrder(after: number)
      guard !order.isLast else { return nil }
      number = order.number
      if body.lane.failure == nil { body.lane.run(body.plan.span, after: body.plan.earlierNanoseconds) }
      body.gate.arrive()
    }
  }
}
