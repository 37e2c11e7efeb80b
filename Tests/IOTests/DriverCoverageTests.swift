import Foundation
import Testing

@testable import IO

/// Half of these tests would be gone where io_uring does not run: that must not pass unseen.
@Suite struct DriverCoverageTests {
  @Test func bothDriversAreTested() {
    let isAllowed = ProcessInfo.processInfo.environment["TESTS_WITHOUT_URING"] == "1"
    #expect(
      realDrivers == [.uring, .epoll] || isAllowed,
      "io_uring does not run: \(uringRefusal ?? ""). TESTS_WITHOUT_URING=1 allows a machine without it")
  }
}
