import Base
import Server
import Testing

@Suite
struct SessionLimitsTests {
  @Test
  func theRelationsHold() { Limits.checkSessions() }
}
