import Base
import IO
import Registry
import Server
import Setup
import Store
import TLS
import Tier

extension Limits {
  /// Descriptors that are not connections: rings, wake-ups, listeners, the log, and the reserve.
  static let ownDescriptors = 128
  /// A certificate that expires sooner should have been renewed by now.
  static let certificateWarningSeconds = 7 * 86_400
  /// How often that is told.
  static let certificateWarningPauseSeconds = 86_400

  /// What the rooms rely on.
  static func check() {
    checkBase()
    checkIO()
    checkTLS()
    checkStore()
    checkTier()
    checkRegistry()
    checkServer()
    checkSetup()
  }
}
