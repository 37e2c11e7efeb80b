import Base
import Glibc
import IO
import Registry
import Store
import Wire

/// One client of the registry: the part of Redis that engines use to tell each other who has which chunk.
///
/// All requests that have arrived are answered before anything is sent, so that the replies to a pipeline leave together.
final class RegistrySession {
  let connection: Connection
  let registry: Registry
  let sharing: Sharing
  var encoder = RESPReplyEncoder(version: .two)
  var isQuitting = false
  var burst: TouchBurst

  private var decoder = RESPRequestDecoder(gatheredBytesMax: Limits.registryArgumentBytesMax)
  /// An owner's address on its way from the registry to a reply.
  let ownerText = UnsafeMutableRawBufferPointer.allocate(byteCount: Limits.ownerBytesMax, alignment: 8)

  let clientID: Int
  private let client: IPAddress?
  /// The owner last named here, and whether it may be connected to: a client names itself over and over.
  private var lastOwner: [UInt8] = []
  private var lastIsVouchedFor = false
  private var booking: Booking

  init(connection: Connection, registry: Registry, sharing: Sharing) {
    self.connection = connection
    self.registry = registry
    self.sharing = sharing
    clientID = connection.worker.server.nextClientID()
    client = connection.transport.peerAddress
    burst = TouchBurst(asker: connection.worker.server.asker(ofHost: connection.transport.peer?.hostHash ?? 0))
    booking = Booking(store: connection.worker.store)
    connection.inbox.keptBytes = Limits.registryBufferBytes
    lastOwner.reserveCapacity(Limits.ownerBytesMax)
  }

  deinit { ownerText.deallocate() }

  var worker: Worker { connection.worker }
  var loop: EventLoop { connection.worker.loop }
  var metrics: RegistryMetrics { worker.registryMetrics }

  func run() async throws(SessionEnd) {
    while true {
      let missing = try await answerAll()
      try await connection.flush()
      if isQuitting { return }
      guard connection.inbox.makeRoom(missing) else { throw SessionEnd(Refusal.budgetSpent) }
      try book()
      guard try await receive() else {
        if !connection.inbox.isEmpty { throw SessionEnd(Refusal.requestCutShort) }
        return
      }
    }
  }

  /// Answers what is there; how many bytes the next request wants at least.
  private func answerAll() async throws(SessionEnd) -> Int {
    while !connection.inbox.isEmpty, !isQuitting {
      var bytes = connection.inbox.bytes.mutableBytes
      switch decoder.decode(&bytes) {
      case .request(let consumed):
        try await answer()
        connection.consume(consumed)
      case .nothing(let consumed): connection.consume(consumed)
      case .needMore(let missing): return missing
      case .body:
        // Nothing that belongs here is so long, and it would have to be received to its end.
        try await reply(64) { encoder.error("ERR this registry takes no such long argument", into: &$0) }
        try await connection.flush()
        throw SessionEnd(.registryArgumentTooLong)
      case .malformed(let error):
        try await reply(128) { encoder.protocolError(error, into: &$0) }
        try await connection.flush()
        throw SessionEnd(error)
      }
    }
    return 1
  }

  // MARK: Arguments

  var argumentCount: Int { decoder.argumentCount }

  func argument(_ index: Int) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(rebasing: connection.inbound[decoder.argument(index)])
  }

  /// Upper or lower case, as Redis has it.
  func argument(_ index: Int, is name: StaticString) -> Bool {
    let own = argument(index)
    guard own.count == name.utf8CodeUnitCount else { return false }
    return own.isEmpty || strncasecmp(own.baseAddress!, UnsafeRawPointer(name.utf8Start), own.count) == 0
  }

  func isVouchedFor(_ owner: UnsafeRawBufferPointer) -> Bool {
    let isLast = lastOwner.withUnsafeBytes {
      $0.count == owner.count && memcmp($0.baseAddress!, owner.baseAddress!, $0.count) == 0
    }
    if isLast { return lastIsVouchedFor }
    lastOwner.removeAll(keepingCapacity: true)
    lastOwner.append(contentsOf: owner.prefix(Limits.ownerBytesMax + 1))
    let address = HostAndPort(String(decoding: owner, as: UTF8.self))
    lastIsVouchedFor = address.map { sharing.vouches(for: $0, namedBy: client) } ?? false
    return lastIsVouchedFor
  }

  // MARK: Replies

  /// Appends a reply of at most so many bytes.
  func reply(_ bytesMax: Int, _ write: (inout OutputRawSpan) -> Void) async throws(SessionEnd) {
    if connection.outbox.textBytes + bytesMax > Limits.registryBufferBytes { try await connection.flush() }
    connection.outbox.write(room: bytesMax, write)
  }

  private func receive() async throws(SessionEnd) -> Bool {
    do {
      return try await connection.receiveRequest(options: .unhurried)
    } catch {
      throw SessionEnd(receiving: error)
    }
  }

  /// Books what the request that is read takes beside the buffers. What the budget has no room for ends the session.
  private func book() throws(SessionEnd) {
    guard !connection.outbox.isOverdrawn, booking.change(to: decoder.placeBytes) else {
      throw SessionEnd(Refusal.budgetSpent)
    }
  }
}
