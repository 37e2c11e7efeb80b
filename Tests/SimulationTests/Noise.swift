import Base
import Glibc

/// The bytes of all values: windows into one long noise, a different one for every version of every key.
enum Noise {
  static let valueBytesMax = 2 * 1024 * 1024 + 256 * 1024
  private static let shiftMax = 1_048_573
  nonisolated(unsafe) private static let bytes: UnsafeMutableRawPointer = {
    let count = valueBytesMax + shiftMax
    let memory = UnsafeMutableRawPointer.allocate(byteCount: count + 8, alignment: 8)
    var random = SplitMix64(seed: 7)
    for offset in stride(from: 0, through: count, by: 8) {
      memory.storeBytes(of: random.next(), toByteOffset: offset, as: UInt64.self)
    }
    return memory
  }()

  static func of(key: Int, version: Int) -> UnsafeRawPointer {
    UnsafeRawPointer(bytes + (key &* 104_729 &+ version &* 7919) % shiftMax)
  }
}
