import Glibc

/// A plain kernel thread with a name, joined by its owner.
package struct Thread: Sendable {
  private final class Body {
    let name: String
    let run: @Sendable () -> Void
    init(name: String, run: @escaping @Sendable () -> Void) {
      self.name = name
      self.run = run
    }
  }

  private let handle: pthread_t

  package init(name: String, _ run: @escaping @Sendable () -> Void) {
    let body = Unmanaged.passRetained(Body(name: name, run: run))
    var handle = pthread_t()
    let failure = pthread_create(&handle, nil, Thread.enter, body.toOpaque())
    precondition(failure == 0, "pthread_create failed with \(failure)")
    self.handle = handle
  }

  package func join() { pthread_join(handle, nil) }

  /// For a thread that nobody waits for.
  package func detach() { pthread_detach(handle) }

  private static let enter: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { opaque in
    let body = Unmanaged<Body>.fromOpaque(opaque!).takeRetainedValue()
    // The kernel keeps 15 bytes of a thread's name.
    pthread_setname_np(pthread_self(), String(body.name.prefix(15)))
    body.run()
    return nil
  }
}
