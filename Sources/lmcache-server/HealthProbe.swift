import Base
import Glibc
import IO
import Wire

/// `lmcache-server probe`: one HEALTH request, as the chart's probe script sends it. Exit status 0 for a healthy server.
enum HealthProbe {
  static func run(host: String, port: UInt16) -> Int32 {
    alarm(Limits.probeAlarmSeconds)
    do {
      let driver = try EpollDriver()
      let loop = EventLoop(index: 0, driver: driver, verbsMax: 8)
      loop.startRoot {
        let failure = await ask(loop, HostAndPort(host: host, port: port))
        if let failure { StandardDescriptors.complain("\(host) port \(port): \(failure)") }
        exit(failure == nil ? 0 : 1)
      }
      loop.run()
    } catch {
      StandardDescriptors.complain("\(error)")
    }
    return 1
  }

  /// What is wrong with the server, or nil.
  private static func ask(_ loop: EventLoop, _ target: HostAndPort) async -> String? {
    let deadline = loop.now + Limits.probeNanoseconds
    do throws(OutboundConnection.Failure) {
      return try await exchange(OutboundConnection(to: target, on: loop, deadline: deadline), deadline)
    } catch {
      return error == .noSuchHost ? "no such host" : "no answer (\(error.reason))"
    }
  }

  private static func exchange(
    _ connection: OutboundConnection, _ deadline: UInt64
  ) async throws(OutboundConnection.Failure) -> String? {
    let generation = LMGeneration.nineInts
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: generation.requestBytes, alignment: 8)
    defer { buffer.deallocate() }
    var request = OutputRawSpan(buffer: buffer, initializedCount: 0)
    let key: [UInt8] = Array("probe".utf8)
    LMCodec.encodeRequest(
      .health, length: 0, meta: nil, key: key.span.bytes, generation: generation, into: &request)
    _ = request.finalize(for: buffer)
    try await connection.send(UnsafeRawBufferPointer(buffer), deadline: deadline)
    var received = 0
    while received < generation.replyBytes {
      let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[received..<generation.replyBytes])
      let count = try await connection.receive(into: rest, deadline: deadline)
      if count == 0 { return "the connection was closed without an answer" }
      received += count
    }
    let reply = try? LMCodec.decodeReply(UnsafeRawBufferPointer(buffer).bytes, generation: generation)
    return reply?.code == .success ? nil : "not healthy"
  }
}
