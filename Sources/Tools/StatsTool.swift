import Setup
import Base
import Wire

/// `lmcache-server stats`: one screen of what a server holds and does.
struct StatsTool {
  let errand: Errand

  func run() async throws(ToolFailure) -> Int32 {
    if errand.options.isJSON {
      let page = try await PageClient(errand: errand).get("/stats")
      let figures = try Self.figures(page, errand)
      try StandardOutput.write(page)
      return figures.isWell ? 0 : ToolFailure.Status.absent
    }
    let figures = try await Self.look(errand)
    let lines = StatsScreen.lines(of: figures, at: errand.target.text)
    try StandardOutput.write(lines.map { $0 + "\n" }.joined())
    return figures.isWell ? 0 : ToolFailure.Status.absent
  }

  /// What a server says at the moment; of disks, also what only its metrics have.
  static func look(_ errand: Errand) async throws(ToolFailure) -> ServerFigures {
    let pages = PageClient(errand: errand)
    var figures = try figures(try await pages.get("/stats"), errand)
    guard !figures.disks.isEmpty else { return figures }
    let metrics = DiskMetrics(try await pages.get("/metrics"))
    for index in figures.disks.indices {
      figures.disks[index].written = metrics.written[figures.disks[index].path]
      figures.disks[index].read = metrics.read[figures.disks[index].path]
    }
    return figures
  }

  private static func figures(_ page: [UInt8], _ errand: Errand) throws(ToolFailure) -> ServerFigures {
    guard let figures = JSONElement(page).flatMap(ServerFigures.init) else {
      throw ToolFailure("\(errand.target.text): its page /stats is not that of an lmcache-server; check the port")
    }
    return figures
  }
}

/// Of the page `/metrics`, what the page `/stats` does not have.
struct DiskMetrics {
  private(set) var written: [String: Double] = [:]
  private(set) var read: [String: Double] = [:]

  init(_ page: [UInt8]) {
    let prefix = "lmcache_server_disk_"
    for line in String(decoding: page, as: UTF8.self).split(separator: "\n") where line.hasPrefix(prefix) {
      let rest = line.dropFirst(prefix.count)
      if let (path, value) = Self.sample(rest, of: "written_bytes_total") { written[path] = value }
      if let (path, value) = Self.sample(rest, of: "read_bytes_total") { read[path] = value }
    }
  }

  /// Path and value of `NAME{path="..."} value`; nil for another line.
  private static func sample(_ line: Substring, of name: String) -> (path: String, value: Double)? {
    let head = "\(name){path=\""
    guard line.hasPrefix(head), let end = line.lastIndex(of: "}"), let value = Double(line[end...].dropFirst(2)),
      value.isFinite
    else { return nil }
    let label = line[line.index(line.startIndex, offsetBy: head.count)..<end]
    guard label.hasSuffix("\"") else { return nil }
    var path = ""
    var isEscaped = false
    for character in label.dropLast() {
      if character == "\\", !isEscaped {
        isEscaped = true
        continue
      }
      path.append(isEscaped && character == "n" ? "\n" : character)
      isEscaped = false
    }
    return (ServerFigures.shown(path), value)
  }
}
