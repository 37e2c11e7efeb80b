import Base
import Glibc
import IO

/// A stretch of a file on its way to memory or from it, by operations side by side.
final class Transfer: @unchecked Sendable {
  enum Direction {
    case read, write
  }

  struct Slice {
    var offset: Int
    var regions: Range<Int>
    var byteCount: Int
  }

  private let loop: EventLoop
  private let gate: DeviceGate
  private let direction: Direction
  private var end: Int
  private(set) var regions: [iovec] = []
  private(set) var slices: [Slice] = []
  private var next = 0
  private(set) var failure: IOFailure?
  /// Is told of each slice that has arrived.
  var whenDone: ((Int) -> Void)?

  /// - Parameter offset: where in the file it begins.
  init(_ direction: Direction, at offset: Int, loop: EventLoop, gate: DeviceGate) {
    (self.direction, self.loop, self.gate) = (direction, loop, gate)
    end = offset
  }

  var byteCount: Int { slices.reduce(0) { $0 + $1.byteCount } }

  /// Adds memory, in whole blocks, behind what there is.
  func append(_ start: UnsafeMutableRawPointer, _ byteCount: Int) {
    precondition(byteCount > 0 && byteCount % Limits.directAlignmentBytes == 0, "whole blocks are moved")
    var (start, left) = (start, byteCount)
    while left > 0 {
      if slices.last.map({ isFull($0) }) ?? true { beginSlice() }
      let part = min(left, Limits.transferSliceBytes - slices[slices.count - 1].byteCount)
      regions.append(iovec(iov_base: start, iov_len: part))
      slices[slices.count - 1].regions = slices[slices.count - 1].regions.lowerBound..<regions.count
      slices[slices.count - 1].byteCount += part
      (start, left, end) = (start + part, left - part, end + part)
    }
  }

  func append(_ bytes: UnsafeMutableRawBufferPointer) { append(bytes.baseAddress!, bytes.count) }

  /// What comes next begins another operation.
  func beginSlice() { slices.append(Slice(offset: end, regions: regions.count..<regions.count, byteCount: 0)) }

  private func isFull(_ slice: Slice) -> Bool {
    slice.byteCount >= Limits.transferSliceBytes || slice.regions.count >= Limits.transferRegionsMax
  }

  /// Moves everything, or throws the first failure once nothing is under way any more.
  func run(_ file: DeviceFile) async throws(IOFailure) {
    if slices.count == 1 {
      await work(file)
    } else {
      await withDiscardingTaskGroup { group in
        for _ in 0..<min(slices.count, Limits.transferDepth) { group.addTask { await self.work(file) } }
      }
    }
    if let failure { throw failure }
  }

  private func work(_ file: DeviceFile) async {
    while failure == nil, next < slices.count {
      let number = next
      next += 1
      let operation = await gate.enter(direction)
      do throws(IOFailure) {
        try await move(slices[number], file)
        whenDone?(number)
      } catch {
        if failure == nil { failure = error }
      }
      gate.leave(operation)
    }
  }

  private func move(_ slice: Slice, _ file: DeviceFile) async throws(IOFailure) {
    let vectors = UnsafeMutableBufferPointer<iovec>.allocate(capacity: slice.regions.count)
    defer { vectors.deallocate() }
    for (place, number) in slice.regions.enumerated() { vectors[place] = regions[number] }
    var (moved, first) = (0, 0)
    while moved < slice.byteCount {
      let offset = UInt64(slice.offset + moved)
      let rest = vectors.baseAddress! + first
      let count =
        switch direction {
        case .read: try await loop.read(file, at: offset, into: rest, count: vectors.count - first)
        case .write: try await loop.write(file, at: offset, from: rest, count: vectors.count - first)
        }
      // A file that is shorter than it was made is as good as gone.
      guard count > 0 else { throw .deviceFailed }
      moved += count
      Self.skip(count, in: vectors, &first)
    }
  }

  private static func skip(_ count: Int, in vectors: UnsafeMutableBufferPointer<iovec>, _ first: inout Int) {
    var left = count
    while first < vectors.count, left >= vectors[first].iov_len {
      left -= vectors[first].iov_len
      first += 1
    }
    guard left > 0, first < vectors.count else { return }
    vectors[first] = iovec(iov_base: vectors[first].iov_base + left, iov_len: vectors[first].iov_len - left)
  }
}
