import Base
import Glibc
import IO
import Server
import Store

/// A server on real threads: one a loop, one that populates memory ahead of use, one that waits for signals.
struct ServerProcess {
  let server: Server
  let store: Store
  let loops: [EventLoop]

  /// Runs until the server has drained. Signals must be blocked already, so that only their thread sees them.
  func run() {
    let store = store
    let populating = Thread(name: "populate") {
      while store.waitForPopulationWork() {
        while store.populateAhead() {}
      }
    }
    let server = server
    _ = Thread(name: "signals") { TerminationSignals.wait(first: { server.drain() }) }
    server.start()
    let threads = loops.map { loop in
      Thread(name: "loop-\(loop.index)") { loop.run() }
    }
    for thread in threads { thread.join() }
    store.stopPopulation()
    populating.join()
  }
}
