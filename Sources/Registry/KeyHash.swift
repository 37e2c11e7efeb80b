import CXxhash

/// The one hash of the registry: its upper bits choose a shard, its lower ones are the tag.
enum KeyHash {
  @inline(__always)
  static func of(_ bytes: UnsafeRawBufferPointer, seed: UInt64) -> UInt64 {
    lm_hash64(bytes.baseAddress, bytes.count, seed)
  }
}
