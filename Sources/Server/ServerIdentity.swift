import Base

/// Which server this is, in every life of it.
package struct ServerIdentity: Sendable {
  package let version: String
  /// Drawn anew at each start: a client that sees another one knows that the memory was lost in between.
  package let bootID: String
  /// On the loops' clock.
  package let startedAt: UInt64
  package let driver: String
  package let driverReason: String

  package init(version: String, bootID: String, startedAt: UInt64, driver: String, driverReason: String) {
    self.version = version
    self.bootID = bootID
    self.startedAt = startedAt
    self.driver = driver
    self.driverReason = driverReason
  }
}
