import Base
import IO
import Registry
import Server
import Setup
import Store
import Testing

/// What the program checks at its start.
@Suite
struct LimitTests {
  @Test func theRelationsHold() {
    Limits.checkBase()
    Limits.checkIO()
    Limits.checkStore()
    Limits.checkRegistry()
    Limits.checkServer()
    Limits.checkSetup()
  }
}
