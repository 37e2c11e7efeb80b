import Testing

@testable import Store

/// Whatever a client and a device do, and in which order: what is read is true.
@Suite struct DeviceModelTests {
  @Test(arguments: [DiskBooks.Offering.stored, .leaving], [EvictionPolicy.lru, .returns])
  func whatIsReadIsTrue(offering: DiskBooks.Offering, policy: EvictionPolicy) throws {
    var (broughtUp, foundAgain) = (0, 0)
    for seed in 0..<UInt64(8) {
      var model = try DeviceModel(seed: seed, offering: offering, policy: policy)
      do {
        for step in 0..<600 {
          try model.step()
          if step % 5 == 0 { model.check() }
        }
        try model.end()
      } catch let violation as DeviceModel.Violation {
        Issue.record("seed \(seed): \(violation.what)")
      }
      broughtUp += model.broughtUp
      foundAgain += model.foundAgain
    }
    // What waits for its turn is seldom written before it is replaced.
    let least = offering == .stored ? 100 : 20
    #expect(broughtUp > least && foundAgain > least / 5, "\(broughtUp), \(foundAgain): this proves little")
  }
}
