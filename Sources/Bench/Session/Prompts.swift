/// The prompts of a session in the order of their arrival: their lengths and their chunks. A chunk's number stands for
/// it and for all chunks before it, as an engine's hash does.
struct Prompts: Sendable {
  private(set) var tokens: [Int] = []
  /// Nanoseconds from the first arrival.
  private(set) var dues: [UInt64] = []
  /// The user of each prompt; a user's prompts come one after the other. Nil if users are not known.
  private(set) var users: [Int]? = nil
  private var starts: [Int] = [0]
  private var chunks: [Int] = []

  var count: Int { tokens.count }

  func chunkCount(of prompt: Int) -> Int { starts[prompt + 1] - starts[prompt] }

  func chunk(_ index: Int, of prompt: Int) -> Int { chunks[starts[prompt] + index] }

  mutating func append(tokens count: Int, chunks added: some Sequence<Int>, due: UInt64, user: Int? = nil) {
    tokens.append(count)
    dues.append(due)
    chunks.append(contentsOf: added)
    starts.append(chunks.count)
    if let user { users = (users ?? []) + [user] }
  }

  var distinctChunks: Int { Set(chunks).count }

  /// The same prompts at other times.
  mutating func reschedule(_ due: (Int) -> UInt64) {
    for index in dues.indices { dues[index] = due(index) }
  }
}
