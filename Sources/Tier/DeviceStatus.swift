import Base

/// How a device does, for other threads.
package struct DeviceStatus: Sendable, Equatable {
  package enum State: String, Sendable, CaseIterable {
    case starting
    /// Another process has the directory.
    case waiting
    /// What it holds is being looked for.
    case loading
    case serving
    /// What it holds can be read, nothing is written.
    case readOnly = "read_only"
    case off
  }

  package var state = State.starting
  /// Why it is not serving, in a line.
  package var reason = ""
  package var segments = 0
  package var segmentsFree = 0
  package var segmentsLoaded = 0
  package var segmentBytes = 0
  package var records = 0
  package var livingBytes = 0
  package var allocatedBytes = 0

  /// Nothing is wrong with it.
  package var isWell: Bool { state != .off && state != .readOnly }
  /// It knows what it holds, or will not come to know it for now.
  package var isLoaded: Bool { state == .serving || state == .readOnly || state == .off || state == .waiting }
}
