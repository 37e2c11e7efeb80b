import Glibc

/// A recorded load: one JSON object a line with `timestamp` (ms), `input_length`, `output_length` (tokens) and
/// `hash_ids`, one for each block of the prompt. An id stands for its block and all blocks before it.
package enum Trace {
  static func prompts(
    path: String, blockTokens: Int, chunkTokens: Int, requestsMax: Int?
  ) throws(Failure) -> Prompts {
    try prompts(
      try bytes(of: path), name: path, blockTokens: blockTokens, chunkTokens: chunkTokens, requestsMax: requestsMax)
  }

  static func prompts(
    _ text: [UInt8], name: String, blockTokens: Int, chunkTokens: Int, requestsMax: Int?
  ) throws(Failure) -> Prompts {
    var prompts = Prompts()
    var firstMilliseconds: Double?
    var number = 0
    for line in text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
      number += 1
      if let requestsMax, prompts.count >= requestsMax { break }
      if line.allSatisfy({ $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\r") }) { continue }
      do throws(Failure) {
        let request = try TraceLine(parsing: line)
        try request.check(blockTokens: blockTokens)
        let first = firstMilliseconds ?? request.timestamp
        firstMilliseconds = first
        guard request.timestamp >= first else { throw Failure("timestamp lies before the first one") }
        let perBlock = blockTokens / chunkTokens
        // A partial chunk at the end is not stored.
        let chunks = (0..<request.inputLength / chunkTokens).map {
          request.hashIDs[$0 / perBlock] * perBlock + $0 % perBlock
        }
        prompts.append(
          tokens: request.inputLength, chunks: chunks, due: UInt64((request.timestamp - first) * 1_000_000))
      } catch {
        throw Failure("\(name):\(number): \(error.message)")
      }
    }
    guard prompts.count > 0 else { throw Failure("\(name): no request in it") }
    return prompts
  }

  /// Its blocks as they are, the partial one at the end of a prompt too, and when each request came, in milliseconds.
  package static func blocks(path: String) throws(Failure) -> [(milliseconds: Double, ids: [Int])] {
    var requests: [(milliseconds: Double, ids: [Int])] = []
    for (index, line) in try bytes(of: path).split(separator: UInt8(ascii: "\n")).enumerated() {
      do throws(Failure) {
        let request = try TraceLine(parsing: line)
        requests.append((request.timestamp, request.hashIDs))
      } catch {
        throw Failure("\(path): request \(index + 1): \(error.message)")
      }
    }
    return requests
  }

  private static func bytes(of path: String) throws(Failure) -> [UInt8] {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw Failure(path, code: errno) }
    defer { close(file) }
    var facts = stat()
    guard fstat(file, &facts) == 0 else { throw Failure(path, code: errno) }
    guard facts.st_mode & S_IFMT == S_IFREG else { throw Failure("\(path): not a file") }
    var text = [UInt8](repeating: 0, count: Int(facts.st_size))
    var filled = 0
    while filled < text.count {
      let count = text.withUnsafeMutableBytes { read(file, $0.baseAddress! + filled, $0.count - filled) }
      guard count >= 0 else { throw Failure(path, code: errno) }
      guard count > 0 else { break }
      filled += count
    }
    return Array(text[..<filled])
  }
}
