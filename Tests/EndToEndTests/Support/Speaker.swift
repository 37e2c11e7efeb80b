import Testing
import Wire

/// A client in either protocol, as bytes.
struct Speaker {
  enum Dialect: CaseIterable { case lm, resp }

  struct Case: CustomTestStringConvertible {
    let driver: IODriver
    let dialect: Dialect
    var testDescription: String { "\(driver) \(dialect)" }
    static let all = IODriver.available.flatMap { driver in Dialect.allCases.map { Case(driver: driver, dialect: $0) } }
  }

  let dialect: Dialect
  let lm: LMPeer
  let resp: RESPPeer

  init(_ dialect: Dialect, _ server: RunningServer) throws {
    self.dialect = dialect
    lm = try server.lm()
    resp = try server.resp()
  }

  func get(_ key: String) -> [UInt8] { dialect == .lm ? lm.request(.get, key) : RESPPeer.request("GET", key) }
  func exists(_ key: String) -> [UInt8] { dialect == .lm ? lm.request(.exist, key) : RESPPeer.request("EXISTS", key) }

  var yes: [UInt8] { dialect == .lm ? header(.empty(found: true)) : Array(":1\r\n".utf8) }
  var miss: [UInt8] { dialect == .lm ? header(.empty(found: false)) : Array("$-1\r\n".utf8) }

  func hit(_ value: [UInt8]) -> [UInt8] {
    guard dialect == .lm else { return Array("$\(value.count)\r\n".utf8) + value + [0x0D, 0x0A] }
    return header(LMReplyHeader(code: .success, length: value.count, meta: LMPeer.meta)) + value
  }

  func store(_ key: String, _ value: [UInt8]) throws {
    guard try stores(key, value) else { throw HarnessFailure("\(key) was not stored") }
  }

  /// Whether there was room for it.
  func stores(_ key: String, _ value: [UInt8]) throws -> Bool {
    switch dialect {
    case .lm:
      try lm.put(key, value)
      return try lm.get(key)?.bytes.count == value.count
    case .resp:
      _ = try resp.ask([Array("SET".utf8), Array(key.utf8), value])
      return try resp.ask("STRLEN", key) == ":\(value.count)\r\n"
    }
  }

  private func header(_ reply: LMReplyHeader) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: lm.generation.replyBytes) { buffer, count in
      let raw = UnsafeMutableRawBufferPointer(buffer)
      var output = OutputRawSpan(buffer: raw, initializedCount: 0)
      LMCodec.encodeReply(reply, generation: lm.generation, into: &output)
      count = output.finalize(for: raw)
    }
  }
}
