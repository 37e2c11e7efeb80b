import Base

@testable import Disk

/// A device in memory, written to as a store does: small segments that are used again often, and a journal of what each
/// block held before, so that single writes can be undone.
final class ModelDevice {
  static let blocks: UInt32 = 64
  static let layout = SegmentLayout(blocks: blocks)

  struct Name: Hashable {
    var key: [UInt8]
    var kind: UInt8
  }
  struct Place: Equatable {
    var segment: UInt32
    var block: UInt32
  }
  struct Record: Equatable {
    var sequence: UInt64
    var place: Place
  }
  /// One write that took place. Segment `deviceFile` is the device's own file.
  struct Write {
    var file: Int
    var block: UInt32
    var before: [UInt8]
    var after: [UInt8]
  }

  private struct Segment {
    var header: SegmentHeader?
    var graves = Graves(blocks: ModelDevice.blocks)
    var next: UInt32 = 0
    var index = SegmentIndexBuilder()
    var isOpen = false
  }

  let id = DeviceID(high: 3, low: 4)
  private(set) var files: [[UInt8]]
  private(set) var writes: [Write] = []
  /// What should be there.
  private(set) var expected: [Name: Record] = [:]
  private var segments: [Segment]
  private var random: SplitMix64
  private var (life, sequence, epoch, count): (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
  var deviceFile: Int { files.count - 1 }

  init(segments: Int, seed: UInt64) {
    random = SplitMix64(seed: seed)
    self.segments = (0..<segments).map { _ in Segment() }
    files = (0..<segments).map { _ in [UInt8](repeating: 0, count: Int(Self.blocks) * DiskFormat.blockBytes) }
    files.append([UInt8](repeating: 0, count: 2 * DiskFormat.blockBytes))
    writeDevice()
  }

  private func write(_ blocks: Blocks, to file: Int, at block: UInt32) {
    let start = Int(block) * DiskFormat.blockBytes
    let range = start..<start + blocks.bytes.count
    writes.append(Write(file: file, block: block, before: Array(files[file][range]), after: blocks.bytes))
    files[file].replaceSubrange(range, with: blocks.bytes)
  }

  private func writeDevice() {
    for _ in 0...1 {
      count += 1
      let header = DeviceHeader(device: id, count: count, epoch: epoch, segmentBlocks: Self.blocks)
      write(Blocks(1) { header.write(to: $0) }, to: deviceFile, at: UInt32(header.place))
    }
  }

  // MARK: What a store does

  /// Returns the open segment with so much room beside its index, which takes two blocks at most here.
  private func room(for record: RecordHeader) -> Int {
    if let open = segments.firstIndex(where: \.isOpen) {
      if Int(segments[open].next) + record.blocks + 2 <= Int(Self.blocks) { return open }
      seal()
    }
    life += 1
    let segment = Int(life) % segments.count
    for (name, record) in expected where Int(record.place.segment) == segment { expected[name] = nil }
    let header = SegmentHeader(device: id, segment: UInt32(segment), blocks: Self.blocks, life: life, epoch: epoch)
    segments[segment] = Segment(header: header, next: Self.layout.firstBlock, isOpen: true)
    write(Blocks(1) { header.write(to: $0) }, to: segment, at: 0)
    // By a write of their own: a life of which the header was lost is known by them.
    for page in 0..<Self.layout.gravePages { writeGraves(page, of: segment) }
    return segment
  }

  private func writeGraves(_ page: Int, of segment: Int) {
    let (graves, life) = (segments[segment].graves, segments[segment].header!.life)
    let block = Blocks(1) { graves.writePage(page, to: $0, segment: UInt32(segment), life: life) }
    for copy in 0..<SegmentLayout.graveCopies {
      write(block, to: segment, at: Self.layout.graveBlock(page: page, copy: copy))
    }
  }

  func seal() {
    guard let open = segments.firstIndex(where: \.isOpen) else { return }
    let index = segments[open].index
    let place = Self.blocks - UInt32(index.blocks)
    let blocks = Blocks(index, at: place, segment: UInt32(open), life: segments[open].header!.life)
    write(blocks, to: open, at: place)
    segments[open].isOpen = false
  }

  private func bury(_ name: Name) {
    guard let place = expected.removeValue(forKey: name)?.place else { return }
    let segment = Int(place.segment)
    segments[segment].graves.insert(place.block)
    for page in segments[segment].graves.takeDirtyPages() { writeGraves(page, of: segment) }
  }

  private func name(_ number: Int) -> Name { Name(key: Array("key \(number)".utf8), kind: UInt8(number % 2)) }

  func put(_ number: Int) {
    let name = name(number)
    var record = random.record(place: 0)
    (record.key, record.kind, record.valueBytes) = (name.key, name.kind, random.pick(0...9000))
    record.pieces = (0..<DiskFormat.pieces(of: record.valueBytes)).map { _ in 7 }
    let segment = room(for: record)
    sequence += 1
    (record.sequence, record.place) = (sequence, segments[segment].next)
    write(Blocks(record, segment: UInt32(segment), life: life), to: segment, at: record.place)
    segments[segment].index.append(record)
    segments[segment].next += UInt32(record.blocks)
    bury(name)
    expected[name] = Record(sequence: sequence, place: Place(segment: UInt32(segment), block: record.place))
  }

  func delete(_ number: Int) { bury(name(number)) }

  func flush() {
    seal()
    epoch += 1
    expected = [:]
    writeDevice()
  }

  func run(steps: Int, names: Int) {
    for _ in 0..<steps {
      switch random.pick(0...99) {
      case 0...69: put(random.pick(0...names - 1))
      case 70...97: delete(random.pick(0...names - 1))
      case 98: seal()
      default: flush()
      }
    }
  }

  /// Changes bytes behind the store's back.
  func overwrite(_ file: Int, at byte: Int, with bytes: some Collection<UInt8>) {
    files[file].replaceSubrange(byte..<byte + bytes.count, with: bytes)
  }

  // MARK: A start

  /// Finds what is there by the rules for readers.
  func start() -> [Name: Record] {
    guard case .ours(let device) = files[deviceFile].withUnsafeBytes({ DeviceHeader.find(in: $0) }) else { return [:] }
    var headers = (0..<segments.count).compactMap { segment in
      files[segment][..<DiskFormat.blockBytes].withUnsafeBytes { SegmentHeader($0, segment: UInt32(segment)) }
    }
    headers.sort { $0.life > $1.life }
    var names = NamesSeen()
    var found: [Name: Record] = [:]
    for header in headers where header.device == device.device && header.epoch == device.epoch {
      let file = files[Int(header.segment)]
      let reader = SegmentReader(header) { block, bytes in
        let start = Int(block) * DiskFormat.blockBytes
        bytes.copyBytes(from: file[start..<start + bytes.count])
        return true
      }
      reader.forEach { record, isDead in
        guard names.insert(key: record.key, kind: record.kind), !isDead else { return }
        let place = Place(segment: header.segment, block: record.place)
        found[Name(key: Array(record.key), kind: record.kind)] = Record(sequence: record.sequence, place: place)
      }
    }
    return found
  }
}
