import Base
import Foundation
import IO
import Simulation
import Wire

/// All other clients: probes over HTTP, and peers that send nonsense.
final class WebClient: @unchecked Sendable {
  private let life: Life
  private let number: Int
  private var random: SplitMix64
  private var isTalkingNonsense = false
  private let memory = UnsafeMutableRawPointer.allocate(byteCount: 65_536, alignment: 8)

  init(life: Life, number: Int) {
    self.life = life
    self.number = number
    random = SplitMix64(seed: life.seed &* 31 &+ UInt64(number))
  }

  deinit { memory.deallocate() }

  func run() async {
    for _ in 0..<random.pick(1...4) where life.failure == nil && !life.isDraining {
      await life.clientLoop.sleep(nanoseconds: UInt64(random.pick(1...200_000_000)))
      let socket = ClientSocket(world: life.world, loop: life.clientLoop)
      do throws(ClientSocketEnd) {
        try await socket.connect()
        isTalkingNonsense = random.chance(perMille: 400)
        if isTalkingNonsense { try await talkNonsense(socket) } else { try await probe(socket) }
      } catch {
        judge(socket, error)
      }
      socket.close()
    }
  }

  private func judge(_ socket: ClientSocket, _ end: ClientSocketEnd) {
    // A server that closes with nonsense still under way resets the connection, and its last reply is lost.
    if isTalkingNonsense, case .failed(.peerGone) = end { return }
    if life.isDraining || life.world.isHarmed(socket.descriptor) { return }
    life.fail("web client \(number): the server ended the connection: \(end)")
  }

  // MARK: Probes

  private func probe(_ socket: ClientSocket) async throws(ClientSocketEnd) {
    let pages = ["/readyz", "/health", "/livez", "/metrics", "/nothing"]
    let requests = random.pick(1...3)
    for request in 1...requests {
      let page = pages.randomElement(using: &random)!
      let closing = request == requests && random.chance(perMille: 500)
      let wasDraining = life.isDraining
      let head = "GET \(page) HTTP/1.1\r\nHost: x\r\n\(closing ? "Connection: close\r\n" : "")\r\n"
      try await send(Array(head.utf8), on: socket)
      let (status, isLast) = try await readAnswer(socket)
      life.note("page", who: number, status)
      let due = page == "/nothing" ? 404 : 200
      if status != due, !(life.isDraining && page == "/readyz" && status == 503) {
        life.fail("web client \(number): \(page) answered \(status)")
      }
      if wasDraining, page == "/readyz", status == 200 { life.fail("web client \(number): ready while draining") }
      if closing, !isLast { life.fail("web client \(number): asked to close, it is kept") }
      // A reserve connection serves one page, and says so.
      if isLast { return try await expectEnd(socket) }
    }
  }

  /// Reads one answer and nothing behind it: its status, and whether it is the last.
  private func readAnswer(_ socket: ClientSocket) async throws(ClientSocketEnd) -> (status: Int, isLast: Bool) {
    var count = 0
    while true {
      count += try await socket.receiveSome(into: memory + count, max: 65_536 - count)
      let text = String(decoding: UnsafeRawBufferPointer(start: memory, count: count), as: UTF8.self)
      guard let end = text.range(of: "\r\n\r\n"), let length = field("Content-Length: ", in: text) else { continue }
      let bodyBytes = text[end.upperBound...].utf8.count
      if bodyBytes > length { life.fail("web client \(number): bytes behind an answer") }
      if bodyBytes >= length { return (field("HTTP/1.1 ", in: text) ?? 0, text.contains("Connection: close\r\n")) }
    }
  }

  private func field(_ name: String, in text: String) -> Int? {
    guard let found = text.range(of: name) else { return nil }
    return Int(text[found.upperBound...].prefix { $0.isNumber })
  }

  // MARK: Nonsense

  private func talkNonsense(_ socket: ClientSocket) async throws(ClientSocketEnd) {
    let generation = LMGeneration.allCases.randomElement(using: &random)!
    let batch = Batch()
    var repliesDue = 0
    switch random.pick(0...5) {
    case 0: batch.append([0x16, 0x03, 0x01, 0x02, 0x00])
    case 1: batch.append([0xFF, 0x00, 0x80])
    case 2: batch.append(Array("POST / example.org\r\n".utf8))
    case 3: batch.append([1, 0, 7, 0])
    case 4:
      batch.append(.get, key: Array("name".utf8), generation)
      batch.bytes[4] = 1
    default:
      batch.append(.health, key: Array("name".utf8), generation)
      repliesDue = generation.replyBytes
      batch.append(Array(repeating: 9, count: generation.requestBytes))
    }
    life.note("nonsense", who: number, batch.count)
    try await send(Array(UnsafeRawBufferPointer(start: batch.bytes.baseAddress!, count: batch.count)), on: socket)
    if repliesDue > 0 { try await socket.receive(into: memory, count: repliesDue, pace: Pace(), random: &random) }
    try await expectEnd(socket)
  }

  /// The server closes, and sends nothing more.
  private func expectEnd(_ socket: ClientSocket) async throws(ClientSocketEnd) {
    do {
      let count = try await socket.receiveSome(into: memory, max: 65_536)
      life.fail("web client \(number): \(count) bytes where the end was due")
    } catch {
      life.note("ended", who: number)
    }
  }

  private func send(_ bytes: [UInt8], on socket: ClientSocket) async throws(ClientSocketEnd) {
    let batch = Batch()
    batch.append(bytes)
    let pace = Pace(pieceBytesMax: random.chance(perMille: 300) ? 1 : Int.max)
    var sent = 0
    while sent < bytes.count {
      let piece = min(pace.pieceBytesMax, bytes.count - sent)
      sent += try await socket.send(batch.bytes.baseAddress! + sent, count: piece)
    }
  }
}
