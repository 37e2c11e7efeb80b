import Wire
import Base
import Setup

/// `lmcache-server get`: the bytes of a value, as they come.
struct GetTool {
  let errand: Errand

  func run() async throws(ToolFailure) -> Int32 {
    guard errand.options.output != nil || !StandardOutput.isTerminal else {
      throw ToolFailure(
        "a value is bytes, which a terminal takes for commands; add -o FILE, or | od -A d -t x1",
        exitCode: ToolFailure.Status.usage)
    }
    let key = errand.options.words[0]
    let client = try await errand.client()
    try await client.send([[Array("GET".utf8), Array(key.utf8)]])
    switch try await client.reply() {
    case .none:
      throw ToolFailure(
        "\(LogEscape.line(Array(key.utf8))): not there; lmcache-server ls \(errand.target.text) shows names,"
          + " those of a chunk end in kv_bytes and metadata", exitCode: ToolFailure.Status.absent)
    case .bytes(let count) where count <= Limits.valueBytesMax:
      try await take(count, from: client)
      return 0
    default: throw client.conversation.nonsense("no reply to GET")
    }
  }

  private func take(_ count: Int, from client: RESPClient) async throws(ToolFailure) {
    let seconds = UInt64(count / Limits.toolBytesPerSecondMin)
    client.conversation.deadline = errand.deadline + seconds * 1_000_000_000
    let output = try OutputFile(errand.options.output)
    try await client.conversation.pass(count) { (part) throws(ToolFailure) in try output.write(part) }
    try await client.end()
    try output.finish()
  }
}
