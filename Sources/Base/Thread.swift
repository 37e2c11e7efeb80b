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

  /// The system gives no thread: too many are there, or no memory for another.
  package struct Failure: Error, CustomStringConvertible {
    package let name: String
    package let errno: Int32

    package var description: String {
      "no thread for \(name): \(String(cString: strerror(errno))) (errno \(errno))"
    }
  }

  private let handle: pthread_t

  /// For tests and tools, which cannot go on without it.
  package init(name: String, _ run: @escaping @Sendable () -> Void) {
    do {
      self = try Thread.start(name: name, run)
    } catch {
      preconditionFailure("\(error)")
    }
  }

  private init(handle: pthread_t) { self.handle = handle }

  package static func start(name: String, _ run: @escaping @Sendable () -> Void) throws(Failure) -> Thread {
    let body = Unmanaged.passRetained(Body(name: name, run: run))
    var handle = pthread_t()
    let errno = pthread_create(&handle, nil, Thread.enter, body.toOpaque())
    guard errno == 0 else {
      body.release()
      throw Failure(name: name, errno: errno)
    }
    return Thread(handle: handle)
  }

  package func join() { pthread_join(handle, nil) }

  /// For a thread that is never joined.
  package func detach() { pthread_detach(handle) }

  private static let enter: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { opaque in
    let body = Unmanaged<Body>.fromOpaque(opaque!).takeRetainedValue()
    // The kernel keeps 15 bytes of a thread's name.
    pthread_setname_np(pthread_self(), String(body.name.prefix(15)))
    body.run()
    return nil
  }
}
