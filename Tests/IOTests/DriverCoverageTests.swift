import Foundation
import Testing

@testable import IO

/// Without io_uring half of these tests do not run: that must not pass unnoticed.
@Suite struct DriverCoverageTests {
  @Test func bothDriversAreTested() {
    let isAllowed = ProcessInfo.processInfo.environment["TESTS_WITHOUT_URING"] == "1"
    #expect(
      realDrivers == [.uring, .epoll] || isAllowed,
      "io_uring does not run: \(uringRefusal ?? ""). TESTS_WITHOUT_URING=1 allows a machine without it")
  }
}
