import Base
import Foundation
import Testing
import Wire

/// Readers on the same host may keep lent pages, which are charged to the server's container even after their
/// connection is closed. A container with the default budget survives this.
@Suite(.serialized)
struct LentMemoryTests {
  private static let limitBytes = 700 << 20
  private static let valueBytes = 2 << 20
  private static let unreadBytes = 100 << 10
  /// Enough bytes to identify a value.
  private static let headBytes = 4096

  /// How a reader keeps lent pages.
  private enum Reader {
    /// It ends its side, and the server closes; the rest of the reply stays in the reader's queue.
    case halfClosed
    /// The same with a small buffer: most of the rest stays in the server's socket, which no process owns any more.
    case orphaned
    /// It stays connected, and takes a few bytes now and then.
    case trickling

    /// Readers that the server closes come first: they alone keep more than there is room for.
    init(_ number: Int, of count: Int) {
      self = number < count * 3 / 5 ? .halfClosed : number < count * 4 / 5 ? .orphaned : .trickling
    }
  }

  private struct Held {
    let peer: Peer
    var missing: ArraySlice<UInt8>

    mutating func read(_ count: Int) throws {
      let isSame = Payload.isSame(try peer.receive(count), Array(missing.prefix(count)))
      #expect(isSame, "others wrote where the reply lay")
      missing = missing.dropFirst(count)
    }
  }

  /// Many times more than fits beside the budget, if nothing bounded it. Values differ by their start in one noise.
  private func attack(_ driver: IODriver, readers: Int, keys: Int) throws {
    let cgroup = try Cgroup(.memory)
    defer { cgroup.remove() }
    try cgroup.limitMemory(bytes: Self.limitBytes)
    let server = try RunningServer(driver, ["--lease", "0", "--loops", "2"], memory: nil, shell: cgroup.entering)
    let writer = try server.lm()
    let noise = Payload.bytes(Self.valueBytes + readers << 6, seed: 1)
    func value(_ number: Int) -> ArraySlice<UInt8> { noise[number << 6..<number << 6 + Self.valueBytes] }
    func store(_ key: String, _ number: Int) throws {
      try writer.peer.send(writer.request(.put, key, length: Self.valueBytes, meta: LMPeer.meta))
      try writer.peer.send(value(number))
    }
    // All of the budget is in use, so readers' pages come on top of it.
    let budget = Int(try server.metric("lmcache_server_memory_budget_bytes"))
    for number in 0..<budget / Self.valueBytes { try store("fill \(number)", 0) }
    #expect(try writer.health())

    var held: [Held] = []
    for number in 0..<readers {
      let key = "key \(number % keys)"
      try store(key, number)
      guard try writer.exists(key) else { continue }
      // If all memory is pinned a PUT may be dropped, and an older value of this shape stays.
      let versions = stride(from: number, through: 0, by: -keys).map(value)
      held.append(try hold(key, versions, Reader(number, of: readers), server))
      if number % 20 == 0 {
        for index in held.indices where held[index].missing.count > 1 << 20 { try held[index].read(1) }
      }
    }
    #expect(held.count > readers * 3 / 4)
    // Replaces all lent values: only the readers keep their old pages now.
    for number in 0..<keys { try store("key \(number)", number) }
    #expect(try writer.health() && server.isRunning)
    #expect(try server.metric("lmcache_server_lending_pauses_total") >= 1, "it was put to the proof")
    #expect(try cgroup.memoryFailures() == 0, "the limit was never met")
    print(
      "measured: \(driver) at most \(try cgroup.memoryBytesMax() >> 20) of \(Self.limitBytes >> 20) MiB beside \(held.count) readers"
    )
    for index in held.indices { try held[index].read(held[index].missing.count) }
    held = []
    try eventually("values are lent again") {
      let before = try server.metric("lmcache_server_lent_bytes_total")
      try store("again", 3)
      let isSame = try writer.holds("again", Array(value(3)))
      #expect(isSame)
      return try server.metric("lmcache_server_lent_bytes_total") > before
    }
    #expect(server.log.contains("large values are copied for now"))
    #expect(try server.stop() == .exited(0))
  }

  private func hold(_ key: String, _ versions: [ArraySlice<UInt8>], _ reader: Reader, _ server: RunningServer) throws
    -> Held
  {
    let small: Int32 = 64 << 10
    let peer = LMPeer(
      peer: try Peer(port: server.port, receiveBufferBytes: reader == .orphaned ? small : nil), generation: .nineInts)
    try peer.peer.send(peer.request(.get, key))
    #expect(try peer.reply().length == Self.valueBytes)
    let head = try peer.peer.receive(Self.headBytes)
    let value = try #require(versions.first { $0.prefix(Self.headBytes).elementsEqual(head) })
    var held = Held(peer: peer.peer, missing: value.dropFirst(Self.headBytes))
    switch reader {
    case .halfClosed:
      try held.read(held.missing.count - Self.unreadBytes)
      peer.peer.finishSending()
    case .orphaned:
      try held.read(held.missing.count - 2 * Self.unreadBytes)
      peer.peer.finishSending()
    case .trickling:
      try held.read(Self.unreadBytes)
    }
    return held
  }

  /// Thousands of connections take the memory that those readers left: the store gives way, and they are served.
  @Test(
    .enabled(if: ProcessInfo.processInfo.environment["LONG_TESTS"] != nil, "LONG_TESTS=1 runs them"),
    .enabled(if: Cgroup.isPossible(.memory), "making a memory cgroup needs root and a writable hierarchy"),
    .enabled(if: Descriptors.share >= 1000, "a crowd needs a higher limit of open files (ulimit -n)"),
    arguments: IODriver.available)
  func aCrowdBesideReadersThatKeepPages(driver: IODriver) throws {
    let cgroup = try Cgroup(.memory)
    defer { cgroup.remove() }
    try cgroup.limitMemory(bytes: Self.limitBytes)
    let server = try RunningServer(driver, ["--lease", "0", "--loops", "2"], memory: nil, shell: cgroup.entering)
    let writer = try server.lm()
    let noise = Payload.bytes(Self.valueBytes + 1000 << 6, seed: 1)
    func value(_ number: Int) -> ArraySlice<UInt8> { noise[number << 6..<number << 6 + Self.valueBytes] }
    func store(_ number: Int) throws {
      try writer.peer.send(writer.request(.put, "key \(number)", length: Self.valueBytes, meta: LMPeer.meta))
      try writer.peer.send(value(number))
    }
    for number in 0..<200 { try store(number) }
    #expect(try writer.exists("key 199"))
    var held = try (0..<200).map { try hold("key \($0)", [value($0)], .halfClosed, server) }
    for number in 200..<500 { try store(number) }
    #expect(try writer.health())
    let crowd = try (0..<8000).map { _ in
      let client = try server.lm()
      #expect(try client.health())
      return client
    }
    #expect(try server.metric("lmcache_server_evictions_total{for=\"system\"}") > 0, "it was put to the proof")
    print("measured: \(driver) at most \(try cgroup.memoryBytesMax() >> 20) MiB beside \(crowd.count) connections")
    for index in held.indices { try held[index].read(held[index].missing.count) }
    for client in crowd { client.peer.close() }
    try store(777)
    let isSame = try writer.holds("key 777", Array(value(777)))
    #expect(isSame)
    #expect(try server.stop() == .exited(0))
  }

  @Test(
    .enabled(if: Cgroup.isPossible(.memory), "making a memory cgroup needs root and a writable hierarchy"),
    arguments: IODriver.available)
  func readersThatKeepPagesDoNotEndTheServer(driver: IODriver) throws {
    try attack(driver, readers: 300, keys: 4)
  }

  @Test(
    .enabled(if: ProcessInfo.processInfo.environment["LONG_TESTS"] != nil, "LONG_TESTS=1 runs them"),
    .enabled(if: Cgroup.isPossible(.memory), "making a memory cgroup needs root and a writable hierarchy"),
    arguments: IODriver.available, [8, 160])
  func manyReadersThatKeepPagesDoNotEndTheServer(driver: IODriver, keys: Int) throws {
    try attack(driver, readers: 900, keys: keys)
  }
}
