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
  /// Less than the 5 s that charts give a probe, so that its complaint is heard.
  static let probeNanoseconds: UInt64 = 4_000_000_000
  /// Looking a name up has no deadline of its own; this ends a probe whatever it waits for.
  static let probeAlarmSeconds: UInt32 = 5

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
