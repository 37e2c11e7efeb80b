/// Which driver the server runs on, and why.
package struct DriverChoice: Sendable {
  /// What `--io` says.
  package enum Wish: String, Sendable, CaseIterable {
    case auto, uring, epoll
  }

  package let kind: DriverKind
  package let reason: String

  /// Tries io_uring for real and falls back to epoll, unless the wish forbids either.
  package static func make(_ wish: Wish) throws(DriverRefusal) -> DriverChoice {
    if wish == .epoll { return DriverChoice(kind: .epoll, reason: "asked for by --io epoll") }
    do {
      try UringProbe.run()
    } catch {
      if wish == .uring { throw error }
      return DriverChoice(kind: .epoll, reason: "io_uring refused: \(error)")
    }
    return DriverChoice(kind: .uring, reason: wish == .uring ? "asked for by --io uring" : "io_uring works here")
  }

  package func makeDriver(verbsMax: Int, lends: Bool = true) throws(DriverRefusal) -> any Driver {
    kind == .uring ? try UringDriver(verbsMax: verbsMax, lends: lends) : try EpollDriver(lends: lends)
  }
}
