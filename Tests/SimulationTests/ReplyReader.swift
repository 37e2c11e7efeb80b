import Base
import Glibc
import Wire

/// Reads the replies to a batch and compares each with everything known.
struct ReplyReader {
  let client: Client
  let batch: Batch
  let socket: ClientSocket
  private(set) var isWithinReply = false
  private var received = 0
  private var random: SplitMix64

  init(client: Client, batch: Batch, socket: ClientSocket) {
    self.client = client
    self.batch = batch
    self.socket = socket
    random = SplitMix64(seed: client.random.next())
  }

  private var life: Life { client.life }
  private var generation: LMGeneration { client.generation }

  /// False when this client stops reading early.
  mutating func read(_ awaited: Awaited) async throws(ClientSocketEnd) -> Bool {
    guard let header = try await readHeader() else { return false }
    settle(awaited)
    switch awaited.question {
    case .health: expectEmpty(header, .success)
    case .nothing: expectEmpty(header, .fail)
    case .exist(let key):
      expectEmpty(header, header.code)
      key.wasAsked()
      Judgement(client: client, awaited: awaited, key: key).exists(header.code == .success)
    case .list:
      let judgement = ListJudgement(client: client, awaited: awaited)
      guard try await readBody(header.length) else { return false }
      if header.code == .success { judgement.names(UnsafeRawBufferPointer(start: client.memory, count: header.length)) }
    case .get(let key):
      let judgement = Judgement(client: client, awaited: awaited, key: key)
      key.wasFetched(at: awaited.askedAt, behind: awaited.asksAnswered, hit: header.code == .success)
      if header.code == .fail {
        expectEmpty(header, .fail)
        judgement.misses()
        break
      }
      let candidates = judgement.candidates(header)
      guard life.failure == nil, try await readBody(header.length) else { return false }
      judgement.holds(client.memory, candidates)
    }
    isWithinReply = false
    if case .health = awaited.question {} else { client.dataRepliesReceived += 1 }
    batch.repliesReceived += 1
    return true
  }

  private mutating func readHeader() async throws(ClientSocketEnd) -> LMReplyHeader? {
    await socket.rest(batch.receiving, &random)
    let count = generation.replyBytes
    let buffer = client.memory
    if batch.awaited.count == 1 {
      // As real clients do: one read, without a second try.
      let got = try await socket.receiveSome(into: buffer, max: count)
      if got != count { client.fail("\(got) bytes of a header of \(count) came alone") }
    } else {
      // A connection that ends between two replies does not end within one.
      var got = try await socket.receiveSome(into: buffer, max: count)
      isWithinReply = true
      while got < count { got += try await socket.receiveSome(into: buffer + got, max: count - got) }
    }
    isWithinReply = true
    received += count
    life.tick += 1
    do throws(LMWireError) {
      let bytes = UnsafeRawBufferPointer(start: buffer, count: count)
      let header = try LMCodec.decodeReply(bytes.bytes, generation: generation)
      client.note("reply", Int(header.code.rawValue), header.length)
      if header.length > Noise.valueBytesMax { client.fail("a reply of \(header.length) bytes") }
      return life.failure == nil ? header : nil
    } catch {
      client.fail("a reply header that is none: \(error)")
      return nil
    }
  }

  private mutating func readBody(_ length: Int) async throws(ClientSocketEnd) -> Bool {
    if let cut = batch.receiveCut, received + length > cut {
      let some = max(0, min(cut - received, length))
      try await socket.receive(into: client.memory, count: some, pace: batch.receiving, random: &random)
      return false
    }
    try await socket.receive(into: client.memory, count: length, pace: batch.receiving, random: &random)
    received += length
    return true
  }

  private func expectEmpty(_ header: LMReplyHeader, _ code: LMReplyHeader.Code) {
    let meta: ObjectMeta? = generation.carriesMeta ? .lmFiller : nil
    guard header != LMReplyHeader(code: code, length: 0, meta: meta) else { return }
    client.fail("\(header) where \(code) without a payload was due")
  }

  /// The server has passed all PUTs before this request.
  private func settle(_ awaited: Awaited) {
    guard awaited.putsBefore > client.settledPuts else { return }
    let isNothingDropped = life.drops == 0
    for put in client.puts[client.settledPuts..<awaited.putsBefore] {
      put.key.isSettled(put.version)
      if isNothingDropped { put.key.isPublished(put.version) }
    }
    client.settledPuts = awaited.putsBefore
  }
}
