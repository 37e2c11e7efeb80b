import Base
import IO
import Registry
import Server
import Setup
import Store
import TLS
import Testing
import Tier

/// What the program checks at its start.
@Suite
struct LimitTests {
  @Test func theRelationsHold() {
    Limits.checkBase()
    Limits.checkIO()
    Limits.checkTLS()
    Limits.checkStore()
    Limits.checkTier()
    Limits.checkRegistry()
    Limits.checkServer()
    Limits.checkSetup()
  }
}
