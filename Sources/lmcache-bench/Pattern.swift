import Base
import Glibc

/// The bytes of all values: one random stretch, in which every key begins at a page of its own.
/// It lives in a file in memory, so that it can be sent without the client touching it.
struct Pattern: @unchecked Sendable {  // written once, before the threads start
  let file: Int32
  private let bytes: UnsafeRawBufferPointer
  private let valueBytes: Int
  private static let startsCount = 61
  private static let startBytes = 4096

  init(valueBytes: Int) throws(Failure) {
    let length = valueBytes + Self.startsCount * Self.startBytes
    let name = "/lmcache-bench-\(getpid())"
    file = shm_open(name, O_RDWR | O_CREAT | O_EXCL, 0o600)
    guard file >= 0 else { throw Failure("shared memory", code: errno) }
    shm_unlink(name)
    // Asked for now: a page that is lacking later would end the process.
    let code = posix_fallocate(file, 0, off_t(length))
    guard code == 0 else { throw Failure("\(length) bytes of shared memory", code: code) }
    guard let base = mmap(nil, length, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0), base != MAP_FAILED else {
      throw Failure("mapping \(length) bytes", code: errno)
    }
    var random = SplitMix64(seed: 1)
    for offset in stride(from: 0, to: length - 7, by: 8) {
      base.storeBytes(of: random.next(), toByteOffset: offset, as: UInt64.self)
    }
    bytes = UnsafeRawBufferPointer(start: base, count: length)
    self.valueBytes = valueBytes
  }

  func start(of key: Int) -> Int { key % Self.startsCount * Self.startBytes }

  func value(of key: Int) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(rebasing: bytes[start(of: key)..<start(of: key) + valueBytes])
  }
}
