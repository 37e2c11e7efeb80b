import Base

/// Where a device keeps a copy of a value. What its parts mean the devices know.
package struct DiskPlace: Hashable, Sendable {
  package let device: Int
  package let segment: Int
  /// The block of the segment at which the record begins, and how many blocks stand before the value.
  package let block: Int
  package let headerBlocks: Int

  package static let devicesMax = 1 << 4
  package static let segmentsMax = 1 << 20
  package static let headerBlocksMax = 1 << 8 - 1
  package static let blocksMax = 1 << 24

  package init(device: Int, segment: Int, block: Int, headerBlocks: Int) {
    precondition((0..<Self.devicesMax).contains(device) && (0..<Self.segmentsMax).contains(segment))
    precondition((1..<Self.blocksMax).contains(block) && (1...Self.headerBlocksMax).contains(headerBlocks))
    (self.device, self.segment, self.block, self.headerBlocks) = (device, segment, block, headerBlocks)
  }

  /// In 56 bits, never 0.
  init(packed: UInt64) {
    device = Int(packed >> 52 & 0xF)
    segment = Int(packed >> 32 & 0xF_FFFF)
    headerBlocks = Int(packed >> 24 & 0xFF)
    block = Int(packed & 0xFF_FFFF)
  }

  var packed: UInt64 {
    UInt64(device) << 52 | UInt64(segment) << 32 | UInt64(headerBlocks) << 24 | UInt64(block)
  }
}

/// What is known of an entry's copy on a device: eight bytes an entry, reached through the table of the entry's stripe.
struct DiskPart: Equatable, Sendable {
  private static let placeMask: UInt64 = 1 << 56 - 1

  private var bits: UInt64

  init(place: DiskPlace? = nil) { bits = place?.packed ?? 0 }

  var place: DiskPlace? {
    get { hasPlace ? DiskPlace(packed: bits & Self.placeMask) : nil }
    set { bits = bits & ~Self.placeMask | (newValue?.packed ?? 0) }
  }

  var hasPlace: Bool { bits & Self.placeMask != 0 }

  /// It was brought into memory for a look-up, and is not fetched yet.
  var isStaged: Bool {
    get { self[0] }
    set { self[0] = newValue }
  }

  /// It was read from its device since it was written there.
  var wasRead: Bool {
    get { self[1] }
    set { self[1] = newValue }
  }

  /// A device was asked to write it before it is evicted.
  var isLeaving: Bool {
    get { self[2] }
    set { self[2] = newValue }
  }

  /// It is being written.
  var isBeingWritten: Bool {
    get { self[3] }
    set { self[3] = newValue }
  }

  /// No device wants it: it is evicted like any other.
  var isRefused: Bool {
    get { self[4] }
    set { self[4] = newValue }
  }

  /// It has changed since its writing began.
  var hasChanged: Bool {
    get { self[6] }
    set { self[6] = newValue }
  }

  /// The copy no longer says what is true of the value. It may still be read, and will not be found by another process.
  var isBuried: Bool {
    get { self[5] }
    set { self[5] = newValue }
  }

  private subscript(flag: UInt64) -> Bool {
    get { bits >> (56 + flag) & 1 != 0 }
    set { bits = newValue ? bits | 1 << (56 + flag) : bits & ~(1 << (56 + flag)) }
  }
}

/// A part for each record there may be, in memory that the index keeps.
struct DiskParts: @unchecked Sendable {
  static let bytesEach = MemoryLayout<DiskPart>.stride
  private let base: UnsafeMutableRawPointer

  init(_ mapping: Mapping) { base = mapping.base }

  @inline(__always)
  subscript(id: EntryID) -> UnsafeMutablePointer<DiskPart> {
    (base + Int(id) * Self.bytesEach).assumingMemoryBound(to: DiskPart.self)
  }
}

/// A value that is stored at present, for those who come back to it later: by then it may be another one's record.
package struct ValueRef: Hashable, Sendable {
  let hash: UInt64
  let entry: EntryRef

  init(_ id: EntryID, _ entries: EntryTable) {
    hash = entries[id].pointee.hash
    entry = EntryRef(id: id, generation: entries[id].pointee.generation)
  }
}
