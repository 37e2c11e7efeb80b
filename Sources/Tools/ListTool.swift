import IO
import Wire
import Base
import Setup

/// `lmcache-server ls`: names by SCAN, a step at a time; no more than a step is held.
struct ListTool {
  let errand: Errand

  func run() async throws(ToolFailure) -> Int32 {
    let client = try await errand.client()
    let pattern = errand.options.words.first.map { [Array("MATCH".utf8), Array($0.utf8)] } ?? []
    var cursors = CursorWatch()
    var cursor = Array("0".utf8)
    repeat {
      client.conversation.deadline = errand.deadline
      let request =
        [Array("SCAN".utf8), cursor] + pattern + [Array("COUNT".utf8), Array("\(Limits.toolScanCount)".utf8)]
      try await client.send([request])
      let names: [[UInt8]]
      (cursor, names) = try await step(client)
      guard cursors.goesOn(cursor, found: names.count) else {
        throw client.conversation.nonsense("its SCAN goes in circles")
      }
      try await write(names, client)
    } while cursor != Array("0".utf8)
    return 0
  }

  private func step(_ client: RESPClient) async throws(ToolFailure) -> (cursor: [UInt8], names: [[UInt8]]) {
    let conversation = client.conversation
    guard case .array(2) = try await client.reply(), case .bytes(let digits) = try await client.reply(), digits > 0
    else {
      throw conversation.nonsense("no reply to SCAN")
    }
    // The longest cursor has 20 digits.
    let cursor = try await client.string(digits, max: 20)
    guard case .array(let count) = try await client.reply(), count <= Limits.toolScanNamesMax else {
      throw conversation.nonsense("no list of names")
    }
    var names: [[UInt8]] = []
    var bytes = 0
    for _ in 0..<count {
      guard case .bytes(let length) = try await client.reply() else { throw conversation.nonsense("no name") }
      bytes += length
      guard bytes <= Limits.toolScanBytesMax else { throw conversation.nonsense("a list without an end") }
      names.append(try await client.string(length, max: Limits.toolNameBytesMax))
    }
    return (cursor, names)
  }

  private func write(_ names: [[UInt8]], _ client: RESPClient) async throws(ToolFailure) {
    guard !names.isEmpty else { return }
    let sizes = errand.options.isLong ? try await sizes(of: names, client) : []
    var lines: [UInt8] = []
    for (index, name) in names.enumerated() {
      if errand.options.endsWithNull {
        lines += name + [0]
      } else {
        let size = sizes.isEmpty ? "" : FigureText.padded("\(sizes[index])", 11) + "  "
        lines += "\(size)\(LogEscape.line(name))\n".utf8
      }
      if lines.count >= Limits.toolWriteBytes {
        try StandardOutput.write(lines)
        lines = []
      }
    }
    try StandardOutput.write(lines)
  }

  private func sizes(of names: [[UInt8]], _ client: RESPClient) async throws(ToolFailure) -> [Int] {
    try await client.send(names.map { [Array("STRLEN".utf8), $0] })
    var sizes: [Int] = []
    for _ in names {
      guard case .integer(let size) = try await client.reply() else {
        throw client.conversation.nonsense("no reply to STRLEN")
      }
      sizes.append(size)
    }
    return sizes
  }
}

/// Whether a scan comes to an end: one whose cursors come again never does.
struct CursorWatch {
  private var remembered: [UInt8] = []
  private var steps = 0
  private var stepsUntilNext = 1
  private var vainSteps = 0

  /// False where the cursor was there before, or nothing has been found for too long.
  mutating func goesOn(_ cursor: [UInt8], found: Int) -> Bool {
    vainSteps = found == 0 ? vainSteps + 1 : 0
    guard cursor != remembered, vainSteps <= Limits.toolVainStepsMax else { return false }
    steps += 1
    // Ever later cursors are remembered, so that one of any circle is in the end.
    if steps == stepsUntilNext {
      (remembered, steps, stepsUntilNext) = (cursor, 0, stepsUntilNext * 2)
    }
    return true
  }
}
