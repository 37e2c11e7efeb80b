import Base
import Glibc
import IO

/// Reads, writes and syncs, with what may become of them.
extension SimulatedDisk {
  struct Write {
    var file: SimulatedFile
    var offset: Int
    var bytes: [UInt8]
  }

  /// How long the device keeps an operation that it has begun; nil when it carries it out now. One that it kept already is
  /// kept again only while it hangs as a whole.
  func pause(at now: UInt64, isKept: Bool) -> UInt64? {
    if hangsUntil > now { return hangsUntil - now }
    guard !isKept, random.chance(perMille: faults.hangPerMille) else { return nil }
    hangCount += 1
    return UInt64(random.pick(1...faults.hangNanosecondsMax))
  }

  /// Returns the count of bytes read, which the world may shorten, or why there are none.
  func read(_ file: SimulatedFile, at offset: Int, wanted: Int, shorten: (Int) -> Int) -> Result<[UInt8], Errno> {
    rotSometimes()
    if isGone { return .failure(Errno(ENODEV)) }
    if fails(faults.readFailurePerMille) { return .failure(Errno(EIO)) }
    let start = min(offset, file.byteCount)
    return .success(file.read(start..<start + shorten(min(wanted, file.byteCount - start))))
  }

  /// Whether the device carries out a part of a write first, and the whole of it later.
  func isStepping() -> Bool {
    !isGone && !isReadOnly && claimsSpace && random.chance(perMille: faults.steppedWritePerMille)
  }

  /// Returns what the operation ends with.
  func write(_ write: Write) -> Int32 {
    rotSometimes()
    if isGone { return -ENODEV }
    if isReadOnly { return -EROFS }
    let range = write.offset..<write.offset + write.bytes.count
    if !claimsSpace, !hasRoom(for: space(of: write.file, with: range), insteadOf: write.file) { return -ENOSPC }
    if fails(faults.writeFailurePerMille) {
      tear(write)
      return -EIO
    }
    if random.chance(perMille: faults.lostWritePerMille) {
      note(.lostWrite, write.file, range)
    } else if random.chance(perMille: faults.misdirectedWritePerMille), let elsewhere = misdirected(write) {
      note(.misdirectedFrom, write.file, range)
      note(.misdirectedTo, elsewhere.file, elsewhere.offset..<elsewhere.offset + write.bytes.count)
      elsewhere.file.write(write.bytes, at: elsewhere.offset)
    } else {
      write.file.write(write.bytes, at: write.offset)
    }
    return Int32(write.bytes.count)
  }

  func sync(_ file: SimulatedFile) -> Int32 {
    rotSometimes()
    if isGone { return -ENODEV }
    if fails(faults.syncFailurePerMille) {
      for block in file.failSync(&random) {
        note(.forgotten, file, block * SimulatedFile.blockBytes..<(block + 1) * SimulatedFile.blockBytes)
      }
      return -EIO
    }
    file.sync()
    return 0
  }

  /// Carries out a part of a write: nothing, everything, the first sectors, or any of them.
  func tear(_ write: Write) {
    let sectors = Self.sectors(of: write.offset..<write.offset + write.bytes.count)
    let kept: [Range<Int>]
    switch random.pick(0...3) {
    case 0: kept = []
    case 1: kept = sectors
    case 2: kept = Array(sectors.prefix(random.pick(0...sectors.count)))
    default: kept = sectors.filter { _ in random.chance(perMille: 500) }
    }
    guard let last = kept.last else { return }
    var torn = write.file.read(write.offset..<last.upperBound)
    for sector in kept {
      let place = sector.lowerBound - write.offset..<sector.upperBound - write.offset
      torn.replaceSubrange(place, with: write.bytes[place])
    }
    write.file.write(torn, at: write.offset)
  }

  func fails(_ perMille: Int) -> Bool {
    let fails = random.chance(perMille: perMille)
    if fails { failureCount += 1 }
    return fails
  }

  private func rotSometimes() {
    guard random.chance(perMille: faults.rotPerMille) else { return }
    let written = names.map { files[$0]! }.filter { !$0.writtenBlocks.isEmpty }
    guard let file = written.randomElement(using: &random) else { return }
    let block = file.writtenBlocks.randomElement(using: &random)!
    let bit = random.pick(0...SimulatedFile.blockBytes * 8 - 1)
    file.flip(bit: bit, of: block)
    let byte = block * SimulatedFile.blockBytes + bit / 8
    note(.rot, file, byte..<byte + 1)
  }

  /// Where a write lands that misses its place; nil when there is nowhere else to land.
  private func misdirected(_ write: Write) -> Write? {
    let others = names.map { files[$0]! }.filter { $0 !== write.file && $0.byteCount >= write.bytes.count }
    let isElsewhere = write.file.byteCount < 2 * write.bytes.count || random.chance(perMille: 500)
    guard let file = isElsewhere ? others.randomElement(using: &random) : write.file else { return nil }
    let last = (file.byteCount - write.bytes.count) / SimulatedFile.blockBytes
    let offset = random.pick(0...last) * SimulatedFile.blockBytes
    if file === write.file, offset == write.offset { return nil }
    return Write(file: file, offset: offset, bytes: write.bytes)
  }

  private func space(of file: SimulatedFile, with range: Range<Int>) -> Int {
    let first = range.lowerBound / SimulatedFile.blockBytes
    let blocks = Set(file.writtenBlocks).union(first..<Self.wholeBlocks(range.upperBound) / SimulatedFile.blockBytes)
    return blocks.count * SimulatedFile.blockBytes
  }

  private static func sectors(of range: Range<Int>) -> [Range<Int>] {
    let first = range.lowerBound / SimulatedFile.sectorBytes * SimulatedFile.sectorBytes
    return stride(from: first, to: range.upperBound, by: SimulatedFile.sectorBytes).map {
      ($0..<$0 + SimulatedFile.sectorBytes).clamped(to: range)
    }
  }
}

/// The number of a failure.
struct Errno: Error {
  let number: Int32
  init(_ number: Int32) { self.number = number }
}
