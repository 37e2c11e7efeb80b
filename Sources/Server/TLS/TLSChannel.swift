import Base
import Glibc
import IO
import TLS

/// The bytes of a TLS connection between its descriptor and those who speak by it: ciphertext in bounded memory on one side,
/// the regions of a transfer on the other. One task may receive while another sends.
final class TLSChannel {
  let session: TLSSession
  let descriptor: Int32
  var workspace: TLSWorkspace
  private let buffers: TLSBuffers
  private var isInboundWide = false
  var isOutboundWide = false
  /// All that arrived was asked for what it says.
  private var isDry = false
  /// A verb sends from the outbound pipe.
  var isSending = false
  /// What waits is to end.
  private var isAborted = false
  /// Of what is said, so much is in the outbound pipe, and the session was not told that it is taken.
  var untold = 0

  /// - Parameter session: over these buffers.
  init(_ session: TLSSession, over buffers: TLSBuffers, _ descriptor: Int32, _ workspace: TLSWorkspace) {
    self.session = session
    self.buffers = buffers
    self.descriptor = descriptor
    self.workspace = workspace
  }

  var outboundRegion: UnsafeMutablePointer<iovec> { buffers.outboundRegion }

  /// To be used on another loop: only while no verb waits, and before much has moved.
  func move(to other: TLSWorkspace) {
    precondition(!isInboundWide && !isOutboundWide, "wide buffers stay with their worker")
    workspace = other
  }

  // MARK: Receiving

  func receive(
    on loop: EventLoop, into regions: UnsafeMutablePointer<iovec>, count: Int, options: ReceiveOptions, deadline: UInt64
  ) async throws(IOFailure) -> Int {
    // What is dropped has to be decrypted all the same.
    let options = options.subtracting(.discard)
    while true {
      if !isDry {
        let said = try await decrypt(on: loop, into: regions, count: count, deadline: deadline)
        narrowInbound()
        if let said { return said }
      }
      widenInbound(for: UnsafeMutableBufferPointer(start: regions, count: count).byteCount(ofFirst: count))
      let room = session.inbound.room
      buffers.inboundRegion.pointee = iovec(iov_base: room.baseAddress!, iov_len: room.count)
      let arrived: Int
      do {
        arrived = try await loop.receive(
          descriptor, into: buffers.inboundRegion, count: 1, options: options, deadline: deadline)
      } catch {
        narrowInbound()
        throw error
      }
      guard arrived > 0 else {
        // Most clients just go, and what is said here tells itself where it ends.
        workspace.metrics.cutEnds.add()
        narrowInbound()
        return 0
      }
      session.inbound.arrived(arrived)
      isDry = false
    }
  }

  /// What has arrived says so many bytes, and 0 for its end; nil when more has to arrive.
  private func decrypt(
    on loop: EventLoop, into regions: UnsafeMutablePointer<iovec>, count: Int, deadline: UInt64
  ) async throws(IOFailure) -> Int? {
    var stuckFrom: UInt64?
    while true {
      var (position, offset, total) = (0, 0, 0)
      var reading = TLSReading.bytes(0)
      while position < count {
        let region = regions[position]
        guard offset < region.iov_len else {
          (position, offset) = (position + 1, 0)
          continue
        }
        reading = session.read(
          into: UnsafeMutableRawBufferPointer(start: region.iov_base! + offset, count: region.iov_len - offset))
        guard case .bytes(let said) = reading else { break }
        (offset, total) = (offset + said, total + said)
      }
      isDry = reading == .needsBytes
      if total > 0 { return total }
      switch reading {
      case .bytes, .needsBytes: return nil
      case .ended: return 0
      case .failed:
        workspace.metrics.brokenRecords.add()
        sendAlone(on: loop)
        throw .other(errno: EPROTO)
      case .needsRoom:
        // New keys are to be confirmed, while the client takes nothing. What else is being sent has its own deadline.
        if isAborted { throw .peerGone }
        if isSending { stuckFrom = nil }
        stuckFrom = stuckFrom ?? loop.now
        guard loop.now < min(deadline, stuckFrom! + Limits.tlsRoomPatienceNanoseconds) else { throw .timedOut }
        sendAlone(on: loop)
        await loop.sleep(until: min(deadline, loop.now + Limits.tlsRoomPauseNanoseconds))
      }
    }
  }

  // MARK: Wide buffers

  private func widenInbound(for bytes: Int) {
    guard !isInboundWide, bytes >= Limits.tlsWideFromBytes, let wide = workspace.wideBuffers.borrow() else { return }
    _ = session.inbound.use(wide)
    isInboundWide = true
  }

  private func narrowInbound() {
    guard isInboundWide, session.inbound.isEmpty else { return }
    workspace.wideBuffers.giveBack(session.inbound.use(buffers.inbound))
    isInboundWide = false
  }

  func widenOutbound(for bytes: Int) {
    guard !isOutboundWide, bytes >= Limits.tlsWideFromBytes, let wide = workspace.wideBuffers.borrow() else { return }
    _ = session.outbound.use(wide)
    isOutboundWide = true
  }

  func narrowOutbound() {
    guard isOutboundWide, session.outbound.isEmpty else { return }
    workspace.wideBuffers.giveBack(session.outbound.use(buffers.outbound))
    isOutboundWide = false
  }

  /// Says that nothing more is said, as far as the kernel takes it.
  func end(on loop: EventLoop) {
    session.end()
    sendAlone(on: loop)
  }

  /// What waits for the client to take something ends.
  func abort() { isAborted = true }

  /// The connection closes: nothing in the pipes matters any more.
  func close(on loop: EventLoop) {
    if session.outbound.isEmpty { end(on: loop) }
    session.inbound.consume(session.inbound.count)
    session.outbound.consume(session.outbound.count)
    narrowInbound()
    narrowOutbound()
  }
}

/// The memory of a TLS connection's pipes, for as long as it lives.
final class TLSBuffers {
  let inbound: UnsafeMutableRawBufferPointer
  let outbound: UnsafeMutableRawBufferPointer
  let inboundRegion: UnsafeMutablePointer<iovec>
  let outboundRegion: UnsafeMutablePointer<iovec>
  private let memory: UnsafeMutableRawPointer

  init() {
    let pipes = Limits.tlsInboundBytes + Limits.tlsOutboundBytes
    memory = .allocate(byteCount: pipes + 2 * MemoryLayout<iovec>.stride, alignment: 16)
    inbound = UnsafeMutableRawBufferPointer(start: memory, count: Limits.tlsInboundBytes)
    outbound = UnsafeMutableRawBufferPointer(start: memory + Limits.tlsInboundBytes, count: Limits.tlsOutboundBytes)
    inboundRegion = (memory + pipes).bindMemory(to: iovec.self, capacity: 2)
    outboundRegion = inboundRegion + 1
    inboundRegion.initialize(repeating: iovec(), count: 2)
  }

  deinit { memory.deallocate() }
}
