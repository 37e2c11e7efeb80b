import Base
import Synchronization

/// What the announcer did. Written by its loop only, read by any thread.
package final class AnnouncerMetrics: Sendable {
  package let published = Counter()
  package let withdrawn = Counter()
  /// Times that everything was announced: at each connection, and when news was lost.
  package let complete = Counter()
  package let overflows = Counter()
  package let failures = Counter()
  package let isConnected = Atomic<Bool>(false)
}
