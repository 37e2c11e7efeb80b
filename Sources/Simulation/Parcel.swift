import Base
import Glibc

/// Bytes on their way from one end of a connection to the other.
enum Parcel {
  case copied([UInt8])
  /// Read only when the receiver reads.
  case lent(LentPages)

  var count: Int {
    switch self {
    case .copied(let bytes): bytes.count
    case .lent(let pages): pages.count
    }
  }
}

/// Bytes that have arrived at a socket and have not been read.
struct Inbox {
  private var parcels: [Parcel] = []
  /// Bytes already taken of the first parcel, if it was copied.
  private var taken = 0
  private(set) var count = 0

  var isEmpty: Bool { count == 0 }

  mutating func append(_ parcel: Parcel) {
    parcels.append(parcel)
    count += parcel.count
  }

  mutating func take(_ wanted: Int) -> [UInt8] {
    precondition(wanted <= count)
    count -= wanted
    return [UInt8](unsafeUninitializedCapacity: wanted) { buffer, filled in
      while filled < wanted {
        filled += takePiece(UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[filled...]))
      }
    }
  }

  private mutating func takePiece(_ target: UnsafeMutableRawBufferPointer) -> Int {
    let piece: Int
    let isLast: Bool
    switch parcels[0] {
    case .copied(let bytes):
      piece = min(bytes.count - taken, target.count)
      bytes.withUnsafeBytes { target.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[taken..<taken + piece])) }
      taken += piece
      isLast = taken == bytes.count
    case .lent(let pages):
      piece = min(pages.count, target.count)
      pages.read(into: UnsafeMutableRawBufferPointer(rebasing: target[..<piece]))
      isLast = pages.count == 0
    }
    if isLast {
      parcels.removeFirst()
      taken = 0
    }
    return piece
  }
}
