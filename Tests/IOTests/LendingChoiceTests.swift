import Testing

@testable import IO

/// `--zero-copy` gives the requested mode, or a reason.
struct LendingChoiceTests {
  @Test func itIsOffWhenAskedFor() {
    let choice = LendingChoice.make(.off)
    #expect(!choice.lends && choice.reason.contains("--zero-copy off"))
  }

  @Test func itIsOnWhereItWorks() {
    let choice = LendingChoice.make(.auto)
    #expect(choice.lends, "\(choice.reason)")
  }

  @Test func theDriverIsTold() throws {
    let choice = try DriverChoice.make(.auto)
    #expect(try choice.makeDriver(verbsMax: 8, lends: true).lends)
    #expect(try !choice.makeDriver(verbsMax: 8, lends: false).lends)
  }
}
