/// Where an entry lies in the mapping, in units of four bytes.
struct Place: Equatable {
  static let none = Place(number: 0)
  static let unitBytes = 4

  let number: UInt32

  var offset: Int { Int(number) * Self.unitBytes }
}

/// An entry as it lies in a segment: four bytes, then the key, padded to a whole unit.
struct LogEntry {
  static let headBytes = 4
  private static let deadMark: UInt16 = 0x8000

  let start: UnsafeMutableRawPointer

  static func bytes(keyBytes: Int) -> Int {
    (headBytes + keyBytes + Place.unitBytes - 1) & ~(Place.unitBytes - 1)
  }

  private var mark: UInt16 {
    get { start.load(as: UInt16.self) }
    nonmutating set { start.storeBytes(of: newValue, as: UInt16.self) }
  }

  var keyBytes: Int { Int(mark & ~Self.deadMark) }
  var byteCount: Int { Self.bytes(keyBytes: keyBytes) }
  var isDead: Bool { mark & Self.deadMark != 0 }
  var key: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: start + Self.headBytes, count: keyBytes) }

  var owner: OwnerID {
    get { (start + 2).load(as: OwnerID.self) }
    nonmutating set { (start + 2).storeBytes(of: newValue, as: OwnerID.self) }
  }

  func write(_ key: UnsafeRawBufferPointer, owner: OwnerID) {
    mark = UInt16(key.count)
    self.owner = owner
    UnsafeMutableRawBufferPointer(start: start + Self.headBytes, count: key.count).copyMemory(from: key)
  }

  func kill() { mark |= Self.deadMark }
}
