import Foundation
import Testing
import Wire

@Suite
struct DrainTests {
  /// A connection with a PUT under way ends when that PUT ends, not at the time limit of the drain.
  @Test(arguments: IODriver.available)
  func aSessionEndsWithTheRequestThatWasUnderWay(driver: IODriver) throws {
    let server = try RunningServer(driver, memory: "256MiB")
    try server.lm().putAndSee("key", Payload.bytes(64 << 20, seed: 1))
    let mute = LMPeer(peer: try Peer(port: server.port, receiveBufferBytes: 65536), generation: .nineInts)
    try mute.peer.send(mute.request(.get, "key"))
    _ = try mute.reply()
    let sender = try server.lm()
    let value = Payload.bytes(1 << 20, seed: 2)
    try sender.peer.send(sender.request(.put, "other", length: value.count, meta: LMPeer.meta))
    try sender.peer.send(value[..<1000])
    try eventually("the body is under way") { try server.metric("lmcache_server_in_flight_bodies") == 1 }
    server.child.signal(SIGTERM)
    try eventually("it drains") { try server.status(of: "/readyz") == 503 }
    try sender.peer.send(value[1000...] + sender.request(.exist, "other"))
    #expect(try sender.reply().code == .success, "what follows at once is answered too")
    #expect(try sender.peer.isClosedSilently())
    #expect(try server.status(of: "/readyz") == 503, "another is still under way")
    mute.peer.close()
    #expect(try server.child.wait() == .exited(0))
  }
}
