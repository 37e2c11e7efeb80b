import Base
import Foundation
import Testing
import Wire

@Suite
struct MemoryTests {
  private static let readers = 500
  /// The process's memory beside its budget grows with its threads: their number must not depend on the machine.
  private static let loops = ["--loops", "2"]

  /// Bodies that hang must not keep others from being stored. Thirty-two may be in flight; each further one waits until
  /// a hanging body gives way, which takes the server's time limit.
  @Test(arguments: IODriver.available, [false, true])
  func besideTwoHundredHalfSentBodiesAnotherIsStored(driver: IODriver, trickle: Bool) throws {
    let server = try RunningServer(driver, memory: "512MiB")
    let half = Payload.bytes(8 << 20, seed: 1)
    var senders: [LMPeer] = []
    for index in 0..<200 {
      let sender = try server.lm()
      try sender.peer.send(sender.request(.put, "half \(index)", length: 16 << 20, meta: LMPeer.meta))
      try sender.peer.send(half)
      senders.append(sender)
    }
    let trickling = senders
    let isOver = Flag()
    let trickler = Background {
      while trickle, !isOver.isSet {
        for sender in trickling { try sender.peer.send([7]) }
        usleep(100_000)
      }
    }
    // On a busy machine the halves are still arriving now. While none of them is slow, the newest body gives way.
    try eventually("those that hang are as many as have room") {
      try server.metric("lmcache_server_in_flight_bodies") <= 32
    }
    let client = try server.lm()
    for index in 0..<10 {
      let value = Payload.bytes(16 << 20, seed: 100 + UInt64(index))
      try client.put("whole \(index)", value)
      #expect(try client.exists("whole \(index)"))
      let isSame = try client.holds("whole \(index)", value)
      #expect(isSame)
    }
    isOver.set()
    try trickler.wait()
    let metrics = try server.metrics()
    #expect(metrics.sum("lmcache_server_dropped_puts_total") > 0)
    #expect((metrics.value(of: "lmcache_server_in_flight_bytes") ?? .infinity) <= Double(256 << 20))
    for sender in senders { sender.peer.close() }
    try eventually("the bodies are gone") { try server.metric("lmcache_server_in_flight_bodies") == 0 }
  }

  /// Five times the budget in values of every size: the process stays within the budget and its fixed needs.
  @Test(arguments: IODriver.available)
  func theProcessStaysWithinItsBudget(driver: IODriver) throws {
    let budget = 256 << 20
    let server = try RunningServer(driver, Self.loops + ["--lease", "0"], memory: "256MiB")
    var random = SplitMix64(seed: 11)
    let clients = try (0..<4).map { _ in try server.lm() }
    let noise = Payload.bytes(64 << 20, seed: 1)
    var sent = 0
    var number = 0
    while sent < 5 * budget {
      let count = 4096 << random.pick(0...14)
      let client = clients[number % clients.count]
      try client.peer.send(client.request(.put, "key \(number)", length: count, meta: LMPeer.meta))
      try client.peer.send(noise[..<count])
      sent += count
      number += 1
      if number % 10 == 0 { _ = try clients[0].get("key \(number / 2)") }
    }
    for client in clients { #expect(try client.health()) }
    let status = ProcessStatus(pid: server.child.pid)
    let most = try status.residentBytesMax()
    print("measured: \(driver) resident at most \(most >> 20) MiB of a budget of \(budget >> 20) MiB")
    #expect(most <= budget + 64 << 20, "\(most >> 20) MiB")
    let metrics = try server.metrics()
    #expect(metrics.sum("lmcache_server_evictions_total") > 0)
    #expect((metrics.value(of: "lmcache_server_memory_used_bytes_high_water") ?? .infinity) <= Double(budget))
    #expect((metrics.value(of: "lmcache_server_memory_used_bytes") ?? 0) > Double(budget) * 0.7)
    try clients[0].put("too large", Payload.bytes(300 << 20, seed: 1))
    #expect(try !clients[0].exists("too large"))
    #expect(try server.drops("too_large") == 1)
    #expect(try status.residentBytesMax() <= budget + 64 << 20)
  }

  /// Unread replies stay in the kernel, which charges them to the same memory limit.
  @Test(
    .enabled(if: Descriptors.share >= readers, "\(readers) connections need a higher limit of open files (ulimit -n)"),
    arguments: IODriver.available)
  func repliesThatNobodyReadsDoNotAddUp(driver: IODriver) throws {
    let server = try RunningServer(driver)
    try server.lm().putAndSee("key", Payload.bytes(4 << 20, seed: 1))
    let mute = try (0..<Self.readers).map { _ in
      LMPeer(peer: try Peer(port: server.port, receiveBufferBytes: 4096), generation: .nineInts)
    }
    for peer in mute { try peer.peer.send(peer.request(.get, "key")) }
    var sent = 0.0
    // Many quiet checks: on a busy machine a server may stall for one.
    var quietLooks = 0
    try eventually("all of them wait") {
      usleep(300_000)
      let before = sent
      sent = try server.metric("lmcache_server_sent_bytes_total")
      quietLooks = sent > 0 && sent - before < Double(64 << 10) ? quietLooks + 1 : 0
      return quietLooks == 8
    }
    print("measured: \(driver) \(Int(sent) >> 20) MiB in the sockets of \(Self.readers) clients that do not read")
    // The first 128 have 512 KiB each, later ones share: 151 MiB together. With 512 KiB each it would be 250.
    #expect(sent > Double(64 << 20) && sent < Double(200 << 20))
    #expect(try server.lm().health())
  }

  /// Lists lie outside the pages, and unread ones stay: all of them share one bound.
  @Test(arguments: IODriver.available)
  func listsThatNobodyReadsDoNotAddUp(driver: IODriver) throws {
    let budget = 64 << 20
    let server = try RunningServer(driver, Self.loops + ["--lease", "0"])
    let client = try server.lm()
    let padding = String(repeating: "k", count: 140)
    for block in 0..<100 {
      var requests: [UInt8] = []
      for index in 0..<1000 {
        requests += LMPeer.request(.put, "\(padding) \(block * 1000 + index)", meta: LMPeer.meta)
      }
      try client.peer.send(requests)
    }
    #expect(try client.list().count == 100_000)
    let mute = try (0..<30).map { _ in
      LMPeer(peer: try Peer(port: server.port, receiveBufferBytes: 4096), generation: .nineInts)
    }
    for peer in mute { try peer.peer.send(peer.request(.list, "")) }
    let codes = try mute.map { try $0.reply().code }
    #expect(codes.contains(.success) && codes.contains(.fail))
    #expect(
      try server.metric("lmcache_server_requests_total{command=\"list\",outcome=\"too_large\",protocol=\"lm\"}") > 0)
    let most = try ProcessStatus(pid: server.child.pid).residentBytesMax()
    print("measured: \(driver) resident at most \(most >> 20) MiB beside 30 lists that nobody reads")
    // Lists may take 64 MiB and the process some more; thirty of them without a bound take more than 400.
    #expect(most <= budget + 128 << 20, "\(most >> 20) MiB")
    for peer in mute { peer.peer.close() }
    try eventually("there is room for a list again") {
      try client.peer.send(client.request(.list, ""))
      return try client.value() != nil
    }
    #expect(try client.list().count == 100_000, "nothing went because somebody looked")
  }
}
