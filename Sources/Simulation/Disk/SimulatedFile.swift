import Base
import Glibc

/// A file of a pretend disk, by blocks: what is on the medium for good, and what was written since, which is read at once
/// and may be gone when the power is.
final class SimulatedFile {
  static let blockBytes = 4096
  /// What a drive writes whole or not at all.
  static let sectorBytes = 512
  private static let zeros = [UInt8](repeating: 0, count: blockBytes)

  private(set) var byteCount = 0
  private var durableByteCount = 0
  /// What is missing here is zeros.
  private var durable: [Int: [UInt8]] = [:]
  /// What a block has been since it was synced, the newest last.
  private var unsynced: [Int: [[UInt8]]] = [:]
  /// Unsynced blocks that a failed sync has let go: no later one reaches them, as a page cache does it.
  private var forgotten: Set<Int> = []
  /// The directory's lists: one that was removed lives until it is closed.
  var openCount = 0

  /// Blocks that were ever written.
  var writtenBlocks: [Int] { Set(durable.keys).union(unsynced.keys).sorted() }

  func read(_ range: Range<Int>) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: range.count) { buffer, count in
      for (block, part) in Self.parts(of: range) {
        let place = block * Self.blockBytes + part.lowerBound - range.lowerBound
        contents(of: block).withUnsafeBytes { source in
          _ = memcpy(buffer.baseAddress! + place, source.baseAddress! + part.lowerBound, part.count)
        }
      }
      count = range.count
    }
  }

  func write(_ bytes: [UInt8], at offset: Int) {
    for (block, part) in Self.parts(of: offset..<offset + bytes.count) {
      let place = block * Self.blockBytes + part.lowerBound - offset
      // What is overwritten whole is not copied first.
      var new = part.count == Self.blockBytes ? Self.uninitialized() : contents(of: block)
      new.withUnsafeMutableBytes { target in
        bytes.withUnsafeBytes { source in
          _ = memcpy(target.baseAddress! + part.lowerBound, source.baseAddress! + place, part.count)
        }
      }
      add(new, to: block)
    }
    byteCount = max(byteCount, offset + bytes.count)
  }

  /// What is cut off reads as zeros when the file grows again.
  func resize(to count: Int) {
    if count < byteCount { clear(from: count) }
    byteCount = count
  }

  func sync() {
    for (block, versions) in unsynced where !forgotten.contains(block) {
      durable[block] = versions.last!
      unsynced[block] = nil
    }
    durableByteCount = byteCount
  }

  /// Some blocks are on the medium, others may be synced again, and some never will. Returns the last.
  func failSync(_ random: inout SplitMix64) -> [Int] {
    var lost: [Int] = []
    for block in unsynced.keys.sorted() where !forgotten.contains(block) {
      switch random.pick(0...2) {
      case 0:
        durable[block] = unsynced[block]!.last!
        unsynced[block] = nil
      case 1: break
      default:
        forgotten.insert(block)
        lost.append(block)
      }
    }
    return lost
  }

  /// - Parameter keptPerMille: how many of the unsynced blocks had reached the medium whole.
  func losePower(_ random: inout SplitMix64, keptPerMille: Int) {
    for block in unsynced.keys.sorted() {
      let versions = [durable[block] ?? Self.zeros] + unsynced[block]!
      durable[block] = Self.survivor(of: versions, &random, keptPerMille)
    }
    (unsynced, forgotten) = ([:], [])
    let count = random.chance(perMille: keptPerMille) ? byteCount : durableByteCount
    if count < byteCount { clear(from: count) }
    for (block, versions) in unsynced { durable[block] = versions.last! }
    unsynced = [:]
    (byteCount, durableByteCount) = (count, count)
  }

  /// Turns a bit of a block over at rest.
  func flip(bit: Int, of block: Int) {
    let (byte, mask) = (bit / 8, UInt8(1) << UInt8(bit % 8))
    if let last = unsynced[block]?.indices.last {
      unsynced[block]![last][byte] ^= mask
    } else {
      durable[block, default: Self.zeros][byte] ^= mask
    }
  }

  private static func survivor(
    of versions: [[UInt8]], _ random: inout SplitMix64, _ keptPerMille: Int
  ) -> [UInt8] {
    if random.chance(perMille: keptPerMille) { return versions.last! }
    switch random.pick(0...2) {
    case 0: return versions[0]
    case 1: return versions[random.pick(0...versions.count - 1)]
    default:
      var torn = versions[0]
      for start in stride(from: 0, to: blockBytes, by: sectorBytes) {
        let sector = start..<start + sectorBytes
        torn.replaceSubrange(sector, with: versions[random.pick(0...versions.count - 1)][sector])
      }
      return torn
    }
  }

  private static func uninitialized() -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: blockBytes) { $1 = blockBytes }
  }

  private func clear(from offset: Int) {
    for block in writtenBlocks where (block + 1) * Self.blockBytes > offset {
      let kept = max(0, offset - block * Self.blockBytes)
      add(Array(contents(of: block)[..<kept]) + Self.zeros[kept...], to: block)
    }
  }

  private func add(_ version: [UInt8], to block: Int) {
    unsynced[block, default: []].append(version)
    forgotten.remove(block)
  }

  private func contents(of block: Int) -> [UInt8] { unsynced[block]?.last ?? durable[block] ?? Self.zeros }

  /// The blocks of a range, with the part of each that it covers.
  private static func parts(of range: Range<Int>) -> [(block: Int, part: Range<Int>)] {
    if range.isEmpty { return [] }
    return (range.lowerBound / blockBytes...(range.upperBound - 1) / blockBytes).map { block in
      (block, range.clamped(to: block * blockBytes..<(block + 1) * blockBytes).shifted(by: -block * blockBytes))
    }
  }
}

extension Range<Int> {
  fileprivate func shifted(by amount: Int) -> Self { lowerBound + amount..<upperBound + amount }
}
