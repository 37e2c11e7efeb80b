import Foundation
import Testing

/// Several connections on two loops use the same keys, of which half fit. A value read is always whole and not yet
/// replaced, and promised values are found.
@Suite
struct RESPHammerTests {
  @Test(arguments: IODriver.available)
  func everyValueIsWholeAndCurrent(driver: IODriver) throws {
    let server = try RunningServer(driver, ["--loops", "2"], memory: "24MiB")
    let book = HammerBook()
    let work = (0..<6).map { number in
      Background {
        var client = HammerClient(try server.resp(3), book, seed: UInt64(number))
        for _ in 0..<400 { try client.step() }
      }
    }
    for client in work { try client.wait() }
    #expect(book.shown > 300)
    #expect(try server.metrics().sum("lmcache_server_evictions_total") > 50)
    #expect(try server.metric("lmcache_server_leases_broken_total{cause=\"evicted\"}") == 0)
  }
}
