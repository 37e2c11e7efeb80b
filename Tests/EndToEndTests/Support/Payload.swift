import Base
import Foundation

/// Bodies that differ in every page, made quickly even in a debug build.
enum Payload {
  private static let blockBytes = 4096

  static func bytes(_ count: Int, seed: UInt64) -> [UInt8] {
    var generator = SplitMix64(seed: seed)
    var block = [UInt64](repeating: 0, count: blockBytes / 8)
    for index in block.indices { block[index] = generator.next() }
    return [UInt8](unsafeUninitializedCapacity: count) { buffer, written in
      while written < count {
        block[0] = UInt64(written) ^ seed
        let part = min(blockBytes, count - written)
        _ = block.withUnsafeBytes { memcpy(buffer.baseAddress! + written, $0.baseAddress!, part) }
        written += part
      }
    }
  }

  static func isSame(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    left.count == right.count
      && left.withUnsafeBytes { left in
        right.withUnsafeBytes { right in left.isEmpty || memcmp(left.baseAddress!, right.baseAddress!, left.count) == 0
        }
      }
  }
}
