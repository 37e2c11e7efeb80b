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
        let failure = await ask(loop, host: host, port: port)
        if let failure { StandardError.write("\(host) port \(port): \(failure)") }
        exit(failure == nil ? 0 : 1)
      }
      loop.run()
    } catch {
      StandardError.write("\(error)")
    }
    return 1
  }

  /// What is wrong with the server, or nil.
  private static func ask(_ loop: EventLoop, host: String, port: UInt16) async -> String? {
    let deadline = loop.now + Limits.probeNanoseconds
    guard let address = ResolvedAddress(host: host, port: port) else { return "no such host" }
    let descriptor = socket(address.family, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { return String(cString: strerror(errno)) }
    do throws(IOFailure) {
      try await loop.connect(
        descriptor, to: address.pointer, addressBytes: address.byteCount, deadline: deadline)
      return try await exchange(loop, descriptor, deadline)
    } catch {
      return "no answer (\(error.reason))"
    }
  }

  private static func exchange(_ loop: EventLoop, _ descriptor: Int32, _ deadline: UInt64) async throws(IOFailure)
    -> String?
  {
    let generation = LMGeneration.nineInts
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: generation.requestBytes, alignment: 8)
    let regions = UnsafeMutablePointer<iovec>.allocate(capacity: 1)
    defer {
      buffer.deallocate()
      regions.deallocate()
    }
    var request = OutputRawSpan(buffer: buffer, initializedCount: 0)
    let key: [UInt8] = Array("probe".utf8)
    LMCodec.encodeRequest(
      .health, length: 0, meta: nil, key: key.span.bytes, generation: generation, into: &request)
    _ = request.finalize(for: buffer)
    var sent = 0
    while sent < buffer.count {
      regions.pointee = iovec(iov_base: buffer.baseAddress! + sent, iov_len: buffer.count - sent)
      sent += try await loop.send(descriptor, from: regions, count: 1, deadline: deadline)
    }
    var received = 0
    while received < generation.replyBytes {
      regions.pointee = iovec(iov_base: buffer.baseAddress! + received, iov_len: generation.replyBytes - received)
      let count = try await loop.receive(descriptor, into: regions, count: 1, deadline: deadline)
      if count == 0 { return "the connection was closed without an answer" }
      received += count
    }
    let reply = try? LMCodec.decodeReply(UnsafeRawBufferPointer(buffer).bytes, generation: generation)
    return reply?.code == .success ? nil : "not healthy"
  }
}
