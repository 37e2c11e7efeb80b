import Base
import Bench

/// A load as JSON lines, for programs that read recorded ones.
enum Printing {
  /// A prompt is its chunks, and nothing behind the last of them.
  static let blockTokens = 256

  static func write(_ requests: [Request]) { for request in requests { print(line(request)) } }

  /// How long the answer was is not known.
  private static func line(_ request: Request) -> String {
    let ids = request.chunks.map(String.init).joined(separator: ", ")
    let tokens = request.chunks.count * blockTokens
    let times = "\"timestamp\": \(request.milliseconds), \"input_length\": \(tokens), \"output_length\": 0"
    return "{\(times), \"hash_ids\": [\(ids)]}"
  }
}
