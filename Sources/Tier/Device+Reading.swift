import Base
import Disk
import Glibc
import IO
import Store

/// From the device into memory: read into the value's own pages, checked whole, and only then visible.
extension Device {
  enum Arrival {
    /// And stays for as long as this is kept.
    case here(BroughtValue)
    /// Memory has no room for it now.
    case noRoom
    /// It is not to be had.
    case lost
  }

  func bringUp(_ value: AwayValue, isStaged: () -> Bool) async -> Arrival {
    guard !isOff, let segment = segments[checked: value.place.segment], segment.isReadable else { return .lost }
    segment.readers += 1
    defer { segment.readers -= 1 }
    guard var reservation = lane.beginReturn(of: value, now: loop.now) else { return .noRoom }
    guard await makeRoom(&reservation) else { return .noRoom }
    do throws(IOFailure) {
      guard try await read(value, in: segment, into: &reservation) else {
        // What is rotten stays so: it is not offered again.
        metrics.checksumFailures.add()
        reservation.abandon(.connectionLost)
        lose(value, in: segment)
        return .lost
      }
    } catch {
      reservation.abandon(.connectionLost)
      metrics.readFailures.add()
      if error == .deviceFailed { doubt(value, in: segment) }
      noteFailure(reading: error, of: segment)
      return .lost
    }
    failuresInRow = 0
    loseUnread(but: value.ref)
    reservation.advance(by: value.length, now: loop.now)
    guard let pin = lane.endReturn(of: value, reservation, isStaged: isStaged(), now: loop.now) else { return .lost }
    metrics.recordsRead.add()
    metrics.bytesRead.add(value.length)
    if !value.wasRead { metrics.bytesFirstRead.add(value.length) }
    return .here(BroughtValue(pin))
  }

  private func makeRoom(_ reservation: inout Reservation) async -> Bool {
    while true {
      switch reservation.extend(to: reservation.length, now: loop.now) {
      case .ready: return true
      case .drop: return false
      case .wait: await loop.sleepUntilNudged(nanoseconds: Limits.roomTickNanoseconds)
      }
    }
  }

  /// That it could not be read says nothing of its bytes, unless others can be.
  private func doubt(_ value: AwayValue, in segment: Segment) {
    guard !unread.contains(where: { $0.value.ref == value.ref }) else { return }
    unread.append(UnreadRecord(value: value, segment: segment, life: segment.life))
  }

  /// The device can be read: those that could not be would be missed each time they are asked for.
  private func loseUnread(but ref: ValueRef) {
    for record in unread where record.value.ref != ref && record.segment.life == record.life {
      lose(record.value, in: record.segment)
    }
    unread.removeAll()
  }

  private func lose(_ value: AwayValue, in segment: Segment) {
    lane.loseCopy(value.ref, at: value.place)
    bury(value.place, in: segment)
  }

  /// False when what was read is not what was written.
  private func read(
    _ value: AwayValue, in segment: Segment, into reservation: inout Reservation
  ) async throws(IOFailure) -> Bool {
    let headerBytes = value.place.headerBlocks * DiskFormat.blockBytes
    let head = AlignedBuffer(byteCount: headerBytes)
    let transfer = Transfer(.read, at: value.place.block * DiskFormat.blockBytes, loop: loop, gate: gate)
    transfer.append(head.bytes)
    // Its own, so that slices of the value are whole pieces.
    if value.length > Limits.transferSliceBytes / 2 { transfer.beginSlice() }
    let isApart = transfer.slices.count > 1
    reservation.forEachRegion { transfer.append($0, $1) }
    let check = RecordCheck(value, head, transfer, segment: segment, isApart: isApart)
    check.believesAll = hasPlanted(.skipChecksums)
    transfer.whenDone = { check.arrived($0) }
    try await transfer.run(segment.file)
    if !segment.file.isDirect {
      let start = value.place.block * DiskFormat.blockBytes
      directory.dropCache(segment.file, start..<start + transfer.byteCount)
    }
    return check.isIntact
  }
}

/// A record that the device failed to read, in the life of its segment.
struct UnreadRecord {
  let value: AwayValue
  let segment: Segment
  let life: UInt64
}

extension Reservation {
  /// Where all of its bytes belong, in whole blocks: a value's last page is its own up to the end of a block.
  mutating func forEachRegion(_ visit: (UnsafeMutableRawPointer, Int) -> Void) {
    let regions = UnsafeMutableBufferPointer<iovec>.allocate(capacity: 64)
    defer { regions.deallocate() }
    var place = 0
    while place < length {
      let count = self.regions(from: place, max: length - place, into: regions)
      for index in 0..<count {
        let bytes = regions[index].iov_len
        place += bytes
        visit(regions[index].iov_base, DiskFormat.blocks(of: bytes) * DiskFormat.blockBytes)
      }
    }
  }
}

/// Checks a record while it arrives: its header first, and each slice of its value when both are there.
private final class RecordCheck {
  private let value: AwayValue
  private let head: AlignedBuffer
  private unowned let transfer: Transfer
  private let segment: UInt32
  private let life: UInt64
  private let isApart: Bool
  private var record: RecordView?
  private var isDamaged = false
  private var checked = 0
  private var early: [Int] = []
  /// By a planted bug.
  var believesAll = false

  init(_ value: AwayValue, _ head: AlignedBuffer, _ transfer: Transfer, segment: Segment, isApart: Bool) {
    (self.value, self.head, self.transfer, self.isApart) = (value, head, transfer, isApart)
    (self.segment, life) = (UInt32(segment.number), segment.life)
  }

  var isIntact: Bool { believesAll || !isDamaged && checked == DiskFormat.pieces(of: value.length) }

  func arrived(_ slice: Int) {
    if slice == 0 { checkHeader() }
    if slice > 0 || !isApart {
      if record == nil { return early.append(slice) }
      checkPieces(of: slice)
    }
    if slice == 0 {
      for slice in early { checkPieces(of: slice) }
      early.removeAll()
    }
  }

  private func checkHeader() {
    let blocks = UnsafeRawBufferPointer(head.bytes)
    guard let view = RecordView(blocks, segment: segment, life: life, place: UInt32(value.place.block)),
      view.valueBytes == value.length,
      // Its kind may have changed since, with its annotation.
      view.key.elementsEqual(value.key)
    else { return isDamaged = true }
    record = view
  }

  private func checkPieces(of slice: Int) {
    guard let record, !isDamaged else { return }
    let first = isApart ? slice - 1 : 0
    var regions = transfer.regions[transfer.slices[slice].regions][...]
    if !isApart { regions = regions.dropFirst() }
    let start = first * Limits.transferSliceBytes
    var left = min(Limits.transferSliceBytes, value.length - start)
    var number = start / DiskFormat.pieceBytes
    while left > 0 {
      let bytes = min(left, DiskFormat.pieceBytes)
      let sum = PieceChecksums.next(number, bytes, &regions, sequence: record.sequence)
      guard record.piece(number) == sum else { return isDamaged = true }
      (left, number, checked) = (left - bytes, number + 1, checked + 1)
    }
  }
}

enum PieceChecksums {
  /// Of so many bytes from where the regions begin; they begin behind them afterwards.
  static func next(_ number: Int, _ bytes: Int, _ regions: inout ArraySlice<iovec>, sequence: UInt64) -> UInt64 {
    var own: [iovec] = []
    var left = bytes
    while left > 0, let region = regions.first {
      let count = min(left, region.iov_len)
      own.append(iovec(iov_base: region.iov_base, iov_len: count))
      left -= count
      if count == region.iov_len {
        regions.removeFirst()
      } else {
        regions[regions.startIndex] = iovec(iov_base: region.iov_base + count, iov_len: region.iov_len - count)
      }
    }
    return RecordHeader.checksum(ofPiece: number, regions: own, count: own.count, sequence: sequence)
  }
}
