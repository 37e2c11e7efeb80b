import Base
import IO
import Server
import Simulation
import Wire

/// A simulated engine: it stores, asks and reads on one connection at a time, and checks everything.
final class Client: @unchecked Sendable {
  let life: Life
  let number: Int
  var random: SplitMix64
  private(set) var generation = LMGeneration.nineInts
  private(set) var doing = "begins"
  /// Room for one value.
  let memory = UnsafeMutableRawPointer.allocate(byteCount: Noise.valueBytesMax + 1, alignment: 8)

  // The connection.
  private(set) var socket: ClientSocket?
  /// Its PUTs in order, read by the server or not.
  private(set) var puts: [(key: KeyRecord, version: Int)] = []
  /// How many of them the server has passed: a later request was answered.
  var settledPuts = 0
  /// Replies to anything but HEALTH, the only request that a reserve connection answers.
  var dataRepliesReceived = 0
  private var outOfDescriptorsBefore = 0
  private var stopsItself = false

  init(life: Life, number: Int) {
    self.life = life
    self.number = number
    random = SplitMix64(seed: life.seed &* 31 &+ UInt64(number))
    generation = drawGeneration()
  }

  /// Generations may not see each other's values: large lives keep to one, so that most values are read.
  private func drawGeneration() -> LMGeneration {
    life.plan.isLarge ? .nineInts : LMGeneration.allCases.randomElement(using: &random)!
  }

  deinit { memory.deallocate() }

  var loop: EventLoop { life.clientLoop }

  func run() async {
    await loop.sleep(nanoseconds: UInt64(random.pick(1...3_000_000)))
    for _ in 0..<life.plan.batches where life.failure == nil {
      guard await connectIfNeeded() else { break }
      await exchange(makeBatch())
      if socket != nil, random.chance(perMille: 60) { disconnect() }
      if random.chance(perMille: 200) { await pause() }
    }
    disconnect()
    doing = "is done"
  }

  func note(_ event: StaticString, _ first: Int = 0, _ second: Int = 0) {
    life.note(event, who: number, first, second)
  }

  func fail(_ complaint: String) { life.fail("client \(number), \(generation): \(complaint)") }

  private func pause() async {
    doing = "rests"
    let longest = [1_000_000, 100_000_000, 2_000_000_000, 12_000_000_000].randomElement(using: &random)!
    await loop.sleep(nanoseconds: UInt64(random.pick(1...longest)))
  }

  // MARK: The connection

  private func connectIfNeeded() async -> Bool {
    guard socket == nil else { return true }
    guard !life.isDraining else { return false }
    if random.chance(perMille: 250) { generation = drawGeneration() }
    let fresh = ClientSocket(world: life.world, loop: loop)
    outOfDescriptorsBefore = life.world.outOfDescriptorsCount
    doing = "connects"
    do {
      try await fresh.connect()
    } catch {
      if !life.isDraining { fail("the server refused the connection") }
      fresh.close()
      return false
    }
    note("connected")
    (socket, puts, settledPuts, dataRepliesReceived, stopsItself) = (fresh, [], 0, 0, false)
    return true
  }

  func disconnect() {
    guard let old = socket else { return }
    note("disconnects")
    old.close()
    socket = nil
    forgetUnsettledKeys()
  }

  /// The server may process the rest of an ended connection at any later time, which would break the order of versions.
  /// Such keys are not written again.
  private func forgetUnsettledKeys() {
    for put in puts.dropFirst(settledPuts) where put.key.versions[put.version - 1].completedAt != nil {
      guard let slot = life.slots.firstIndex(of: put.key.number) else { continue }
      life.renewKey(ofSlot: slot)
    }
  }

  // MARK: One exchange

  private func exchange(_ batch: Batch) async {
    let socket = socket!
    puts += batch.puts.map { ($0.key, $0.version) }
    async let sendEnd = sendAll(batch, on: socket)
    let end = await receiveAll(batch, on: socket)
    batch.isOver = end != nil || stopsItself
    doing = "waits for its own sending"
    _ = await sendEnd
    if let end { judge(end, batch) }
    if end == nil, batch.halfCloses, !stopsItself { await expectEnd(batch, on: socket) }
    if end != nil || stopsItself || batch.halfCloses { disconnect() }
  }

  /// All requests are answered, and the server knows that no more will come.
  private func expectEnd(_ batch: Batch, on socket: ClientSocket) async {
    guard life.failure == nil else { return }
    doing = "waits for the end behind its own"
    life.halfCloses += 1
    do {
      let count = try await socket.receiveSome(into: memory, max: 1)
      fail("\(count) bytes behind the last reply")
    } catch {
      judge(ReceiveEnd(end: error, isWithinReply: false), batch, isDue: true)
    }
  }

  private func sendAll(_ batch: Batch, on socket: ClientSocket) async {
    var random = SplitMix64(seed: self.random.next())
    let end = min(batch.sendCut ?? batch.count, batch.count)
    var sent = 0
    do throws(ClientSocketEnd) {
      while sent < end, life.failure == nil {
        await socket.rest(batch.sending, &random)
        let piece = min(end - sent, batch.sending.pieceBytesMax, await unheld(batch, from: sent))
        // Other clients may see the value before this side learns that its last byte is sent.
        life.tick += 1
        complete(batch, in: sent + 1...sent + piece, at: life.tick)
        let taken = try await socket.send(batch.bytes.baseAddress! + sent, count: piece)
        if taken < piece { complete(batch, in: sent + taken + 1...sent + piece, at: nil) }
        sent += taken
      }
    } catch {
      note("send ended", sent)
      // The receiving half still reads what has arrived, and judges the end. If only this side failed, it shuts the
      // socket down, because the rest would never be answered.
      if case .failed(.outOfMemory) = error { socket.shutdown() }
      return
    }
    guard sent == end, batch.sendCut == nil else {
      stopsItself = stopsItself || batch.sendCut != nil
      return socket.shutdown()
    }
    if batch.halfCloses { socket.finishSending() }
    note("sent", sent)
  }

  /// The number of bytes to send now. A client may hold the end of a body until its earlier requests are answered.
  private func unheld(_ batch: Batch, from sent: Int) async -> Int {
    guard batch.holdsBodies, let put = batch.puts.first(where: { $0.end > sent }) else { return .max }
    if sent < put.end - 1 { return put.end - 1 - sent }
    while batch.repliesReceived < put.awaitedBefore, !batch.isOver, life.failure == nil {
      await loop.sleep(nanoseconds: 10_000_000)
    }
    return 1
  }

  private func complete(_ batch: Batch, in range: ClosedRange<Int>, at tick: Int?) {
    for put in batch.puts where range.contains(put.end) { put.key.complete(put.version, at: tick) }
  }

  /// The end of the connection, if it came before all replies.
  private func receiveAll(_ batch: Batch, on socket: ClientSocket) async -> ReceiveEnd? {
    var receiver = ReplyReader(client: self, batch: batch, socket: socket)
    do throws(ClientSocketEnd) {
      for position in batch.awaited.indices where life.failure == nil {
        doing = "waits for reply \(position) of \(batch.awaited.count): \(batch.awaited[position].question.name)"
        guard try await receiver.read(batch.awaited[position]) else {
          stopsItself = true
          socket.shutdown()
          break
        }
      }
      return nil
    } catch {
      note("ended by the server", receiver.isWithinReply ? 1 : 0)
      socket.shutdown()
      return ReceiveEnd(end: error, isWithinReply: receiver.isWithinReply)
    }
  }

  struct ReceiveEnd {
    var end: ClientSocketEnd
    var isWithinReply: Bool
  }

  /// The server may end a connection only for a reason.
  private func judge(_ end: ReceiveEnd, _ batch: Batch, isDue: Bool = false) {
    if isDue, case .peerEnded = end.end { return }
    guard !stopsItself, batch.sendCut == nil, !life.world.isHarmed(socket!.descriptor) else { return }
    if socket!.longestRest >= Limits.sendStallNanoseconds { return }
    // A slow reader ends where what it pins is in a writer's way.
    if end.isWithinReply, life.server.workers.contains(where: { $0.metrics.refusals.value(.pinsWanted) > 0 }) { return }
    if life.isDraining {
      // A reply that has begun is finished, unless the drain is over or more requests were under way.
      if case .peerEnded = end.end, end.isWithinReply, !life.isPastDrain { fail("a drain cut a reply short") }
      return
    }
    let mayBeReserve =
      life.plan.connectionsMax < 64 || life.world.outOfDescriptorsCount > outOfDescriptorsBefore
    if dataRepliesReceived == 0, mayBeReserve { return }
    fail("the server ended the connection: \(end)")
  }
}
