import Base
import CLinux
import Glibc

/// Reports which of a lane's connections are ready.
struct Poller: ~Copyable {
  private let epoll: Int32
  private let events: UnsafeMutableBufferPointer<epoll_event>

  init() throws(Failure) {
    epoll = epoll_create1(Int32(EPOLL_CLOEXEC))
    guard epoll >= 0 else { throw Failure("epoll", code: errno) }
    events = .allocate(capacity: Limits.benchEventsPerWait)
  }

  deinit {
    close(epoll)
    events.deallocate()
  }

  func add(_ descriptor: Int32, index: Int) { control(EPOLL_CTL_ADD, descriptor, index, wantsSpace: false) }

  /// `wantsSpace`: report room to send as well.
  func watch(_ descriptor: Int32, index: Int, wantsSpace: Bool) {
    control(EPOLL_CTL_MOD, descriptor, index, wantsSpace: wantsSpace)
  }

  /// The number of ready connections; `index(_:)` names them. Zero on timeout.
  func wait(nanoseconds: UInt64) -> Int {
    var time = timespec(tv_sec: Int(nanoseconds / 1_000_000_000), tv_nsec: Int(nanoseconds % 1_000_000_000))
    let count = epoll_pwait2(epoll, events.baseAddress, Int32(events.count), &time, nil)
    precondition(count >= 0 || errno == EINTR, "epoll_pwait2 failed with errno \(errno)")
    return Int(max(0, count))
  }

  func index(_ position: Int) -> Int { Int(events[position].data.u64) }

  private func control(_ verb: Int32, _ descriptor: Int32, _ index: Int, wantsSpace: Bool) {
    let wanted = EPOLLIN.rawValue | (wantsSpace ? EPOLLOUT.rawValue : 0)
    var event = epoll_event(events: wanted, data: epoll_data_t(u64: UInt64(index)))
    let result = epoll_ctl(epoll, verb, descriptor, &event)
    precondition(result == 0, "epoll_ctl failed with errno \(errno)")
  }
}
