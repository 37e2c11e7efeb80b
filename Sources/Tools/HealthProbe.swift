import IO
import Base
import Wire

/// `lmcache-server probe`: one HEALTH request, as the chart's probe script sends it. Exit status 0 for a healthy server.
struct HealthProbe {
  let errand: Errand

  func run() async throws(ToolFailure) -> Int32 {
    let name = "\(errand.target.host) port \(errand.target.port)"
    do {
      guard let complaint = try await exchange() else { return 0 }
      StandardOutput.complain("\(name): \(complaint)")
    } catch {
      StandardOutput.complain("\(name): no answer (\(error.message))")
    }
    // To a probe, who cannot be reached is as bad as who is not well.
    return ToolFailure.Status.absent
  }

  /// What is wrong with the server, or nil.
  private func exchange() async throws(ToolFailure) -> String? {
    let deadline = errand.loop.now + Limits.probeNanoseconds
    let conversation = Conversation(try await errand.connection(by: deadline), deadline: deadline)
    try await conversation.send(request)
    let reply = try await conversation.bytes(Self.generation.replyBytes)
    let header = try? LMCodec.decodeReply(reply.span.bytes, generation: Self.generation)
    return header?.code == .success ? nil : "not healthy"
  }

  private static let generation = LMGeneration.nineInts

  private var request: [UInt8] {
    [UInt8](unsafeUninitializedCapacity: Self.generation.requestBytes) { buffer, count in
      let raw = UnsafeMutableRawBufferPointer(buffer)
      var output = OutputRawSpan(buffer: raw, initializedCount: 0)
      let key: [UInt8] = Array("probe".utf8)
      LMCodec.encodeRequest(
        .health, length: 0, meta: nil, key: key.span.bytes, generation: Self.generation, into: &output)
      count = output.finalize(for: raw)
    }
  }
}
