import CXxhash

/// What a start goes by: told the records of a device from the latest life to the earliest, and of each segment from
/// the last to the first, the first one of a key and kind is the one that counts. It hides those before it even if it
/// is dead itself.
///
/// Names are known by 128 bits of hash, so that a device of millions fits into memory.
package struct NamesSeen: Sendable {
  private struct Name: Hashable {
    let high: UInt64
    let low: UInt64
  }

  private var names: Set<Name> = []

  package init() {}

  /// Returns whether it is the first record of its name.
  package mutating func insert(key: UnsafeRawBufferPointer, kind: UInt8) -> Bool {
    let low = lm_hash64(key.baseAddress, key.count, UInt64(kind))
    let high = lm_hash64(key.baseAddress, key.count, ~UInt64(kind))
    return names.insert(Name(high: high, low: low)).inserted
  }
}
