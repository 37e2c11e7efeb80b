import Base
import Glibc
import IO
import Simulation

/// How a client's connection ended.
enum ClientSocketEnd: Error {
  case peerEnded
  case failed(IOFailure)
}

/// A client's end of a connection: plain bytes, out and in, in pieces and with pauses.
final class ClientSocket: @unchecked Sendable {
  let descriptor: Int32
  private let loop: EventLoop
  private let inbound = UnsafeMutablePointer<iovec>.allocate(capacity: 1)
  private let nowhere = UnsafeMutablePointer<sockaddr>.allocate(capacity: 1)
  private let outbound = UnsafeMutablePointer<iovec>.allocate(capacity: 1)
  /// The longest time that this side left bytes unread.
  private(set) var longestRest: UInt64 = 0

  convenience init(world: SimulatedWorld, loop: EventLoop) {
    self.init(accepted: world.makeSocket(readsWhole: true), loop: loop)
  }

  /// The other end of a connection to a listener of the test.
  init(accepted: Int32, loop: EventLoop) {
    descriptor = accepted
    self.loop = loop
    nowhere.initialize(to: sockaddr())
  }

  deinit {
    inbound.deallocate()
    outbound.deallocate()
    nowhere.deallocate()
  }

  /// - Parameter port: the simulated kernel reads only the port of an address; without one it connects to the server.
  func connect(port: UInt16? = nil) async throws(ClientSocketEnd) {
    let addressBytes = port == nil ? 0 : socklen_t(MemoryLayout<sockaddr>.size)
    if let port { UnsafeMutableRawPointer(nowhere).storeBytes(of: port.bigEndian, toByteOffset: 2, as: UInt16.self) }
    do {
      try await loop.connect(descriptor, to: nowhere, addressBytes: addressBytes, deadline: EventLoop.never)
    } catch {
      throw .failed(error)
    }
  }

  func receiveSome(into target: UnsafeMutableRawPointer, max: Int) async throws(ClientSocketEnd) -> Int {
    inbound[0] = iovec(iov_base: target, iov_len: max)
    let count: Int
    do { count = try await loop.receive(descriptor, into: inbound, count: 1) } catch { throw .failed(error) }
    guard count > 0 else { throw .peerEnded }
    return count
  }

  func receive(
    into target: UnsafeMutableRawPointer, count: Int, pace: Pace, random: inout SplitMix64
  ) async throws(ClientSocketEnd) {
    var received = 0
    while received < count {
      await rest(pace, &random)
      let piece = min(count - received, pace.pieceBytesMax)
      received += try await receiveSome(into: target + received, max: piece)
    }
  }

  func rest(_ pace: Pace, _ random: inout SplitMix64) async {
    guard pace.restEvery > 0, random.pick(1...pace.restEvery) == 1 else { return }
    let rest = UInt64(random.pick(1...pace.restNanosecondsMax))
    longestRest = max(longestRest, rest)
    await loop.sleep(nanoseconds: rest)
  }

  func send(_ source: UnsafeRawPointer, count: Int) async throws(ClientSocketEnd) -> Int {
    outbound[0] = iovec(iov_base: UnsafeMutableRawPointer(mutating: source), iov_len: count)
    do { return try await loop.send(descriptor, from: outbound, count: 1) } catch { throw .failed(error) }
  }

  /// Sends nothing more, and reads on.
  func finishSending() { loop.driver.shutdown(descriptor, .send) }

  func shutdown() { loop.driver.shutdown(descriptor, .both) }

  func close() { loop.driver.close(descriptor) }
}
