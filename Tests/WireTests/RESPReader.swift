import Wire

/// The requests that a decoder found in a stream of bytes.
enum RESPSeen: Equatable {
  case request([[UInt8]])
  case malformed(RESPProtocolError)
}

/// Feeds a decoder as a session does: bytes arrive in pieces, requests are consumed, bodies are taken out.
final class RESPReader {
  private var decoder: RESPRequestDecoder
  private var buffer: [UInt8] = []
  private var bodies: [(index: Int, bytes: [UInt8])] = []
  private(set) var seen: [RESPSeen] = []
  private(set) var reportedBodies = 0
  /// The most room requested, including the bytes already there.
  private(set) var wantedBytesMax = 0
  private let takesBodies: Bool

  init(gatheredBytesMax: Int = 64, takesBodies: Bool = true, isAuthenticated: Bool = true) {
    decoder = RESPRequestDecoder(gatheredBytesMax: gatheredBytesMax)
    decoder.isAuthenticated = isAuthenticated
    self.takesBodies = takesBodies
  }

  var isClosed: Bool { if case .malformed = seen.last { true } else { false } }
  var isBetweenRequests: Bool { buffer.isEmpty }

  func feed(_ bytes: some Sequence<UInt8>) {
    guard !isClosed else { return }
    buffer += bytes
    while true {
      switch decode() {
      case .needMore(let count):
        precondition(count > 0)
        wantedBytesMax = max(wantedBytesMax, buffer.count + count)
        return
      case .request(let consumed):
        seen.append(.request(arguments()))
        consume(consumed)
      case .nothing(let consumed): consume(consumed)
      case .malformed(let error):
        seen.append(.malformed(error))
        return
      case .body(let length, let offset):
        reportedBodies += 1
        guard takesBodies else {
          decoder.gatherBody()
          continue
        }
        guard buffer.count >= offset + length else { return }
        bodies.append((decoder.argumentCount, Array(buffer[offset..<offset + length])))
        buffer.removeSubrange(offset..<offset + length)
        decoder.takeBody()
      }
    }
  }

  private func decode() -> RESPParse {
    buffer.withUnsafeMutableBytes { bytes in
      var span = bytes.mutableBytes
      return decoder.decode(&span)
    }
  }

  private func consume(_ count: Int) {
    buffer.removeFirst(count)
    bodies = []
  }

  private func arguments() -> [[UInt8]] {
    (0..<decoder.argumentCount).map { index in
      bodies.first { $0.index == index }?.bytes ?? Array(buffer[decoder.argument(index)])
    }
  }
}

func respSeen(_ text: String, isAuthenticated: Bool = true) -> [RESPSeen] {
  let reader = RESPReader(isAuthenticated: isAuthenticated)
  reader.feed(text.utf8)
  return reader.seen
}

func respRequest(_ words: String...) -> RESPSeen { .request(words.map { Array($0.utf8) }) }

/// The bytes of a request.
func respBytes(_ arguments: [[UInt8]]) -> [UInt8] {
  arguments.reduce(Array("*\(arguments.count)\r\n".utf8)) {
    $0 + Array("$\($1.count)\r\n".utf8) + $1 + [0x0D, 0x0A]
  }
}
