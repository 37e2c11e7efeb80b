import Base
import Glibc
import IO
import Server
import Store

Limits.check()
TerminationSignals.block()
let args = CommandLine.arguments
let port = UInt16(args[2])!
let choice = try! DriverChoice.make(DriverChoice.Wish(rawValue: args.count > 4 ? args[4] : "auto")!)
let loopCount = args.count > 5 ? Int(args[5])! : 1
let loops = try! (0..<loopCount).map {
  EventLoop(index: $0, driver: try choice.makeDriver(verbsMax: 1 << 16), verbsMax: 1 << 16)
}
let store = try! Store(StoreConfiguration(budgetBytes: Int(args[3])! << 20, hashSeed: 42, laneCount: loopCount))
let listener = try! ListeningSocket.open(host: args[1], port: port)
let server = Server(
  store: store, loops: loops, listener: listener, connectionsMax: 20000,
  identity: ServerIdentity(
    version: "0.1.0", bootID: "x", startedAt: MonotonicClock.now(), driver: choice.kind.rawValue,
    driverReason: choice.reason), log: Log())
print("up", choice.kind, choice.reason)
ServerProcess(server: server, store: store, loops: loops).run()
