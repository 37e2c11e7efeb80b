import Glibc
import Testing

@testable import IO

/// `--io` gives the requested driver, or a reason.
@Suite
struct DriverChoiceTests {
  @Test
  func epollIsTakenWhenAskedFor() throws {
    let choice = try DriverChoice.make(.epoll)
    #expect(choice.kind == .epoll)
    #expect(choice.reason.contains("--io epoll"))
    #expect(try choice.makeDriver(verbsMax: 8).kind == .epoll)
  }

  @Test(.enabled(if: realDrivers.contains(.uring), "io_uring is refused here"))
  func uringIsTakenWhenItWorks() throws {
    for wish in [DriverChoice.Wish.uring, .auto] {
      let choice = try DriverChoice.make(wish)
      #expect(choice.kind == .uring)
      #expect(try choice.makeDriver(verbsMax: 8).kind == .uring)
    }
  }

  @Test(.enabled(if: !realDrivers.contains(.uring), "io_uring works here"))
  func aRefusalOfUringIsExplained() throws {
    #expect(throws: DriverRefusal.self) { try DriverChoice.make(.uring) }
    #expect(try DriverChoice.make(.auto).reason.hasPrefix("io_uring refused: "))
  }

  @Test
  func wishesAreSpelledAsOnTheCommandLine() {
    #expect(DriverChoice.Wish.allCases.map(\.rawValue) == ["auto", "uring", "epoll"])
    #expect(DriverChoice.Wish(rawValue: "kqueue") == nil)
  }

  @Test
  func aRefusalNamesTheCallAndTheCause() {
    let refusal = DriverRefusal(what: "io_uring_setup", errno: EPERM)
    #expect(refusal.description.hasPrefix("io_uring_setup: not permitted here"))
    #expect(refusal.description.hasSuffix("(errno 1)"))
    #expect(DriverRefusal(what: "x", errno: ENOSYS).description.contains("seccomp"))
  }
}
