import Base
import Setup
import Wire

/// `lmcache-server rm`: by DEL, or at the door of administration.
struct RemoveTool {
  let errand: Errand

  private var options: ToolOptions { errand.options }

  func run() async throws(ToolFailure) -> Int32 { try await options.asksAdmin ? removeByAdmin() : removeByName() }

  private func removeByName() async throws(ToolFailure) -> Int32 {
    let client = try await errand.client()
    try await client.send([[Array("DEL".utf8)] + options.words.map { Array($0.utf8) }])
    guard case .integer(let count) = try await client.reply(), (0...options.words.count).contains(count) else {
      throw client.conversation.nonsense("no reply to DEL")
    }
    try StandardOutput.write("\(count) removed\n")
    return count > 0 ? 0 : ToolFailure.Status.absent
  }

  // MARK: At the door of administration

  private func removeByAdmin() async throws(ToolFailure) -> Int32 {
    var removed = Removed()
    for query in queries {
      let one = try await remove(query)
      removed.add(one)
      if let complaint = one.complaint {
        try StandardOutput.write("\(removed.text), and there may be more\n")
        throw ToolFailure("\(errand.target.text): \(complaint)")
      }
    }
    try StandardOutput.write("\(removed.text)\n")
    return removed.chunks == 0 && !options.words.isEmpty ? ToolFailure.Status.absent : 0
  }

  private var queries: [String] {
    if let model = options.model { return ["model=\(Self.escaped(model))"] }
    if let tag = options.tag { return ["tag=\(Self.escaped(tag))"] }
    if options.removesAll { return ["all=yes"] }
    return options.words.map { "key=\(Self.escaped($0))" }
  }

  private func remove(_ query: String) async throws(ToolFailure) -> Removed {
    let answer = try await PageClient(errand: errand).ask(
      "DELETE /chunks?\(query)", authorization: errand.authorization)
    let said = JSONElement(answer.body)
    guard let said, let removed = Removed(said) else {
      throw Self.refusal(answer.status, said?["error"]?.string, errand)
    }
    return removed
  }

  private static func refusal(_ status: Int, _ said: String?, _ errand: Errand) -> ToolFailure {
    let words = said.map { ToolFailure.quoted(Array($0.utf8)) } ?? "status \(status)"
    let advice =
      switch status {
      case 401: "; name its file with --token-file"
      case 404: said == nil ? "; HOST:PORT has to be the server's door of --admin" : ""
      default: ""
      }
    return ToolFailure("\(errand.target.text) refused: \(words)\(advice)")
  }

  /// Every byte that a query could take for something else is written by its number.
  static func escaped(_ text: String) -> String {
    let digits = Array("0123456789ABCDEF".utf8)
    var escaped: [UInt8] = []
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
        UInt8(ascii: "/"), UInt8(ascii: "@"), UInt8(ascii: "="):
        escaped.append(byte)
      default: escaped += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      }
    }
    return String(decoding: escaped, as: UTF8.self)
  }
}

/// What went, as the door of administration tells it.
struct Removed {
  private(set) var chunks = 0.0
  private var bytes = 0.0
  private var onDiskOnly = 0.0
  /// Why that may not be everything.
  private(set) var complaint: String?

  init() {}

  /// Nil for an answer that tells of no removal.
  init?(_ said: JSONElement) {
    guard let chunks = said["chunks"]?.number, let bytes = said["bytes"]?.number,
      let onDiskOnly = said["on_disk_only"]?.number, let isComplete = said["complete"]?.bool
    else { return nil }
    (self.chunks, self.bytes, self.onDiskOnly) = (chunks, bytes, onDiskOnly)
    if !isComplete { complaint = ToolFailure.quoted(Array((said["error"]?.string ?? "not everything went").utf8)) }
  }

  mutating func add(_ other: Removed) {
    chunks += other.chunks
    bytes += other.bytes
    onDiskOnly += other.onDiskOnly
  }

  var text: String {
    let disk = onDiskOnly > 0 ? ", \(FigureText.count(onDiskOnly)) of them on disk only" : ""
    return "\(FigureText.count(chunks)) removed, \(FigureText.bytes(bytes))\(disk)"
  }
}
