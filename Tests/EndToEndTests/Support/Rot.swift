import Base
import Foundation

/// Changes what lies on a disk, as a failing drive does.
struct Rot {
  private static let blockBytes = 4096
  /// Segments are claimed before they are written, so that most blocks are empty.
  private static let tries = 50
  /// How often a file is hit whatever its size: without its header a disk has nothing, which proves little.
  private static let smallPerMille = 20

  private var random: SplitMix64

  init(seed: UInt64) { random = SplitMix64(seed: seed) }

  /// Returns how many blocks were changed.
  mutating func spoil(_ directory: String, blocks: Int) throws -> Int {
    let files = try FileManager.default.subpathsOfDirectory(atPath: directory).sorted().map { "\(directory)/\($0)" }
    var count = 0
    for _ in 0..<blocks where !files.isEmpty {
      if try spoilBlock(pick(files)) { count += 1 }
    }
    return count
  }

  /// A large file more often than a small one, as a drive would.
  private mutating func pick(_ files: [String]) -> String {
    let any = files[random.pick(0...files.count - 1)]
    if random.chance(perMille: Self.smallPerMille) { return any }
    let sizes = files.map { path in
      var status = stat()
      return lstat(path, &status) == 0 ? Int(status.st_size) : 0
    }
    var place = random.pick(0...max(0, sizes.reduce(0, +) - 1))
    for (path, size) in zip(files, sizes) {
      if place < size { return path }
      place -= size
    }
    return any
  }

  private mutating func spoilBlock(_ path: String) throws -> Bool {
    let descriptor = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW)
    // A directory, perhaps.
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    let blockCount = (Int(lseek(descriptor, 0, SEEK_END)) + Self.blockBytes - 1) / Self.blockBytes
    guard blockCount > 0 else { return false }
    for _ in 0..<Self.tries {
      let place = random.pick(0...blockCount - 1) * Self.blockBytes
      var block = try read(descriptor, place)
      guard block.contains(where: { $0 != 0 }) else { continue }
      switch random.pick(0...3) {
      case 0: block = try read(descriptor, random.pick(0...blockCount - 1) * Self.blockBytes).prefix(block.count) + []
      case 1: block = [UInt8](repeating: 0, count: block.count)
      default:
        for _ in 0..<random.pick(1...3) { block[random.pick(0...block.count - 1)] ^= UInt8(1 << random.pick(0...7)) }
      }
      guard pwrite(descriptor, block, block.count, off_t(place)) == block.count else {
        throw HarnessFailure("\(path): \(String(cString: strerror(errno)))")
      }
      return true
    }
    return false
  }

  private func read(_ descriptor: Int32, _ place: Int) throws -> [UInt8] {
    var block = [UInt8](repeating: 0, count: Self.blockBytes)
    let count = pread(descriptor, &block, block.count, off_t(place))
    guard count >= 0 else { throw HarnessFailure("read: \(String(cString: strerror(errno)))") }
    return Array(block.prefix(count))
  }
}
