import Base
import Foundation
import Testing
import Wire

@Suite
struct ProtocolTests {
  @Test(arguments: IODriver.available)
  func allGenerationsShareOnePort(driver: IODriver) throws {
    let server = try RunningServer(driver)
    let plain = try server.lm(.v0)
    let eight = try server.lm(.eightInts)
    let nine = try server.lm(.nineInts)
    let meta = ObjectMeta(format: 2, type: 5, shape: (2, 0, 256, 1024), location: 3)
    try plain.put("plain", [1])
    try nine.put("nine", [9, 9], meta: meta)
    try eight.put("eight", [8, 8, 8], meta: meta)
    #expect(try plain.exists("plain") && nine.exists("nine") && eight.exists("eight"))

    #expect(try plain.get("plain")?.bytes == [1])
    #expect(try plain.get("nine") == nil && !plain.exists("nine"))
    #expect(try nine.get("plain") == nil && !nine.exists("plain"))
    let seenByNine = try #require(try nine.get("nine"))
    #expect(seenByNine.meta == meta && seenByNine.bytes == [9, 9])
    let seenByEight = try #require(try eight.get("nine"))
    #expect(seenByEight.meta?.shape ?? (0, 0, 0, 0) == meta.shape && seenByEight.bytes == [9, 9])
    let written = try #require(try nine.get("eight"))
    #expect(written.meta == ObjectMeta(format: 2, type: 5, shape: (2, 0, 256, 1024), location: 0))

    #expect(try plain.list() == ["plain"])
    #expect(try nine.list() == ["eight", "nine"])
    for client in [plain, eight, nine] { #expect(try client.health()) }
  }

  @Test(arguments: IODriver.available)
  func pipelinedRequestsAreAnsweredInOrder(driver: IODriver) throws {
    let server = try RunningServer(driver)
    let client = try server.lm()
    let large = Payload.bytes(700_000, seed: 5)
    var requests: [UInt8] = []
    for round in 0..<30 {
      requests += client.request(.exist, "late \(round)")
      requests += client.request(.put, "late \(round)", length: 3, meta: LMPeer.meta) + [UInt8(round), 1, 2]
      requests += client.request(.exist, "late \(round)")
      requests += client.request(.get, "late \(round)")
      requests += client.request(.get, "nothing")
      requests += client.request(.put, "large", length: large.count, meta: LMPeer.meta) + large
      requests += client.request(.get, "large") + client.request(.health, "")
    }
    // Both sides would wait for each other if one thread first wrote all and then read all.
    let sending = Background { [requests] in try client.peer.send(requests) }
    for round in 0..<30 {
      #expect(try client.reply().code == .fail)
      #expect(try client.reply().code == .success)
      #expect(try client.value()?.bytes == [UInt8(round), 1, 2])
      #expect(try client.value() == nil)
      let isSame = Payload.isSame(try client.value()?.bytes ?? [], large)
      #expect(isSame)
      #expect(try client.reply().code == .success)
    }
    try sending.wait()
  }

  /// More requests than replies fit a buffer, with an invalid one among them.
  @Test(arguments: IODriver.available, LMGeneration.allCases)
  func manyQuestionsAtOnceAreAnsweredOneByOne(driver: IODriver, generation: LMGeneration) throws {
    let server = try RunningServer(driver)
    let client = try server.lm(generation)
    try client.putAndSee("there", [7])
    var requests: [UInt8] = []
    for number in 0..<300 {
      requests += client.request(.exist, number % 3 == 0 ? "there" : "nowhere")
      if number % 100 == 50 { requests += client.request(.get, "there") }
    }
    let sending = Background { [requests] in try client.peer.send(requests) }
    for number in 0..<300 {
      #expect(try client.reply().code == (number % 3 == 0 ? .success : .fail))
      if number % 100 == 50 { #expect(try client.value()?.bytes == [7]) }
    }
    try sending.wait()
  }

  @Test(arguments: IODriver.available)
  func aSlowReaderGetsTheOldBytesThroughAnOverwrite(driver: IODriver) throws {
    let server = try RunningServer(driver, memory: "256MiB")
    let old = Payload.bytes(32 << 20, seed: 1)
    let new = Payload.bytes(32 << 20, seed: 2)
    let writer = try server.lm()
    try writer.putAndSee("key", old)
    let reader = LMPeer(peer: try Peer(port: server.port, receiveBufferBytes: 65536), generation: .nineInts)
    try reader.peer.send(reader.request(.get, "key"))
    let header = try reader.reply()
    #expect(header.length == old.count)
    let first = try reader.peer.receive(100_000)
    try writer.putAndSee("key", new)
    // Room for few values, so the old one's pages would be reused if nothing pinned them.
    for index in 0..<12 { try writer.put("other \(index)", Payload.bytes(32 << 20, seed: 10 + UInt64(index))) }
    #expect(try writer.health())
    let isOld = Payload.isSame(first + (try reader.peer.receive(old.count - first.count)), old)
    #expect(isOld)
    try writer.putAndSee("key", new)
    let isNew = try reader.holds("key", new)
    #expect(isNew)
  }

  @Test(arguments: IODriver.available)
  func bodiesOfAnySizeComeBack(driver: IODriver) throws {
    let server = try RunningServer(driver, ["--lease", "0"], memory: "256MiB")
    let client = try server.lm()
    let around = [4096, 65536, 262_144, 1 << 20].flatMap { [$0 - 1, $0, $0 + 1] }
    for count in [0, 1, 2, 3909, 3910, 3911] + around + [64 << 20] {
      let bytes = Payload.bytes(count, seed: UInt64(count))
      try client.put("size \(count)", bytes)
      let isSame = try client.holds("size \(count)", bytes)
      #expect(isSame, "\(count) bytes")
    }
  }

  /// A key that a client may have cut is not used: two such keys could look the same.
  @Test(arguments: IODriver.available)
  func cutAndEmptyKeysAreReadAndNotUsed(driver: IODriver) throws {
    let server = try RunningServer(driver)
    let client = try server.lm()
    let cut = String(repeating: "é", count: 75)
    for (key, reason, requests) in [(cut, "truncated_key", 3.0), ("", "empty_key", 3.0)] {
      try client.put(key, Payload.bytes(100_000, seed: 1))
      #expect(try !client.exists(key))
      #expect(try client.get(key) == nil)
      #expect(try server.refusals(reason) == requests)
    }
    #expect(try client.list().isEmpty)
    let whole = String(repeating: "k", count: 150)
    try client.put(whole, [1])
    #expect(try client.get(whole)?.bytes == [1])
  }

  /// A client that has finished sending still reads its replies, late too, copied or lent.
  @Test(arguments: IODriver.available, [1, 16])
  func halfClosedClientsGetTheirAnswers(driver: IODriver, mebibytes: Int) throws {
    let server = try RunningServer(driver)
    let value = Payload.bytes(mebibytes << 20, seed: 1)
    let client = try server.lm()
    try client.put("key", value)
    try client.peer.send(client.request(.get, "key") + client.request(.health, ""))
    client.peer.finishSending()
    Thread.sleep(forTimeInterval: 0.1)
    let isSame = Payload.isSame(try client.value()?.bytes ?? [], value)
    #expect(isSame)
    #expect(try client.reply().code == .success)
    #expect(try client.peer.receiveToEnd().isEmpty)
    let web = try server.web()
    try web.send("GET /health HTTP/1.1")
    web.peer.finishSending()
    #expect(try web.answer().status == 200)
    #expect(try web.peer.receiveToEnd().isEmpty)
    #expect(try server.refusals("request_cut_short") == 0)
  }
}
