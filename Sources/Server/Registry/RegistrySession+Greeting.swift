import Base
import Registry
import Wire

/// What clients say before and beside the point: redis-py on every connection, people with redis-cli.
extension RegistrySession {
  func answerGreeting() async throws(SessionEnd) {
    if argument(0, is: "PING") {
      try await ping()
    } else if argument(0, is: "ECHO") {
      guard argumentCount == 2 else { return try await refuseArity("echo") }
      try await ping()
    } else if argument(0, is: "HELLO") {
      try await hello()
    } else if argument(0, is: "SELECT") {
      guard argumentCount == 2 else { return try await refuseArity("select") }
      // Engines use the first; there is no other.
      guard argument(1, is: "0") else { return try await refuse("ERR DB index is out of range") }
      try await reply(16) { encoder.simple("OK", into: &$0) }
    } else if argument(0, is: "CLIENT") {
      try await client()
    } else if argument(0, is: "QUIT") {
      isQuitting = true
      try await reply(16) { encoder.simple("OK", into: &$0) }
    } else if argument(0, is: "INFO") {
      try await text(RegistryInfo.text(registry.snapshot(), version: worker.server.identity.version))
    } else if argument(0, is: "DBSIZE") {
      let entries = registry.snapshot().entries
      try await reply(RESPReplyEncoder.headBytesMax) { encoder.integer(entries, into: &$0) }
    } else if argument(0, is: "COMMAND") {
      try await reply(16) { encoder.array(0, into: &$0) }
    } else {
      let name = UnsafeRawBufferPointer(rebasing: argument(0).prefix(Limits.registryNameShownMax))
      try await reply(96 + name.count) {
        encoder.error("ERR unknown command '", quoting: name.bytes, "': this port is a lookup registry", into: &$0)
      }
    }
  }

  private func ping() async throws(SessionEnd) {
    guard argumentCount <= 2 else { return try await refuseArity("ping") }
    guard argumentCount == 2 else { return try await reply(16) { encoder.simple("PONG", into: &$0) } }
    let message = argument(1)
    guard message.count <= Limits.registryKeyBytesMax else { return try await refuse("ERR the message is too long") }
    try await reply(RESPReplyEncoder.headBytesMax + message.count) { encoder.bulk(message.bytes, into: &$0) }
  }

  /// Passwords are accepted and not asked for, as by a Redis whose default user has none.
  private func hello() async throws(SessionEnd) {
    if argumentCount > 1 {
      if argument(1, is: "2") {
        encoder.version = .two
      } else if argument(1, is: "3") {
        encoder.version = .three
      } else {
        return try await refuse("NOPROTO unsupported protocol version")
      }
    }
    try await reply(RESPGreeting.bytesMax) {
      RESPGreeting.write(encoder, clientID: clientID, into: &$0)
    }
  }

  private func client() async throws(SessionEnd) {
    guard argumentCount >= 2 else { return try await refuseArity("client") }
    if argument(1, is: "ID") {
      try await reply(RESPReplyEncoder.headBytesMax) { encoder.integer(clientID, into: &$0) }
    } else if argument(1, is: "GETNAME") {
      try await reply(16) { encoder.null(into: &$0) }
    } else if argument(1, is: "SETINFO") || argument(1, is: "SETNAME") {
      try await reply(16) { encoder.simple("OK", into: &$0) }
    } else {
      let name = UnsafeRawBufferPointer(rebasing: argument(1).prefix(Limits.registryNameShownMax))
      try await reply(96 + name.count) {
        encoder.error("ERR unknown subcommand '", quoting: name.bytes, "'. Try CLIENT HELP.", into: &$0)
      }
    }
  }

  private func text(_ lines: String) async throws(SessionEnd) {
    let bytes = Array(lines.utf8)
    try await reply(RESPReplyEncoder.headBytesMax + bytes.count) { output in
      encoder.verbatimHead(bytes.count, into: &output)
      for byte in bytes { output.append(byte) }
      encoder.lineEnd(into: &output)
    }
  }
}

/// What INFO says: little, but in Redis's form.
enum RegistryInfo {
  static func text(_ snapshot: RegistrySnapshot, version: String) -> String {
    """
    # Server\r
    redis_version:\(RESPGreeting.redisVersion)\r
    lmcache_server_version:\(version)\r
    redis_mode:standalone\r
    \r
    # Memory\r
    used_memory:\(snapshot.usedBytes)\r
    maxmemory:\(snapshot.budgetBytes)\r
    \r
    # Stats\r
    evicted_keys:\(snapshot.droppedTotal)\r
    \r
    # Replication\r
    role:master\r
    connected_slaves:0\r
    \r
    # Keyspace\r
    db0:keys=\(snapshot.entries),expires=0,avg_ttl=0\r

    """
  }
}
