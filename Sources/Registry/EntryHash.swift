import CXxhash

/// The registry's only hash: its upper bits choose a shard, its lower bits are the tag.
enum EntryHash {
  @inline(__always)
  static func of(_ bytes: UnsafeRawBufferPointer, seed: UInt64) -> UInt64 {
    lm_hash64(bytes.baseAddress, bytes.count, seed)
  }
}
