import Base
import Glibc
import IO

/// Files of pretend disks. An operation waits for its turn, and can be cancelled until then; what the device has begun and
/// hangs in ends by itself.
extension SimulatedWorld {
  /// A file of a disk that is open.
  struct DiskFile {
    let disk: SimulatedDisk
    let file: SimulatedFile
    let isDirect: Bool
    /// The disk's when it was opened.
    let age: Int
  }

  /// Each call is a process of its own to the disk: one of them has its lock.
  package func attach(_ disk: SimulatedDisk, path: String = "/disk") -> SimulatedDirectory {
    disk.join(self)
    return SimulatedDirectory(disk, self, path: path)
  }

  func open(_ file: SimulatedFile, of disk: SimulatedDisk) -> Int32 {
    let descriptor = makeDescriptor()
    file.openCount += 1
    diskFiles[descriptor] = DiskFile(disk: disk, file: file, isDirect: disk.knowsDirect, age: disk.age)
    return descriptor
  }

  /// False when the descriptor is of something else.
  func closeDiskFile(_ descriptor: Int32) -> Bool {
    guard let open = diskFiles.removeValue(forKey: descriptor) else { return false }
    precondition(
      toleratesMisuse || !(waitingForDevice + keptByDevice).contains { $0.operation.file == descriptor },
      "closed while a verb waits on it")
    if open.age == open.disk.age { open.disk.close(open.file) }
    return true
  }

  func attemptOnDisk(_ waiting: VirtualSocket.Waiting, _ open: DiskFile, isKept: Bool) {
    // What comes later than the end of its process does nothing any more.
    if open.age != open.disk.age { return finish(waiting, -ENODEV) }
    let pause = open.disk.pause(at: now, isKept: isKept)
    let isBegun = pause == nil && !isKept && open.disk.isStepping() && begin(waiting.operation, on: open)
    if pause != nil || isBegun {
      keptByDevice.append(waiting)
      return agenda.add(.attemptOnFile(waiting.driver, token: waiting.token), at: now + (pause ?? delay()))
    }
    finish(waiting, perform(waiting.operation, on: open))
  }

  /// What the processes of this world have asked a disk to write that is not done.
  func writesUnderWay(on disk: SimulatedDisk) -> [SimulatedDisk.Write] {
    (waitingForDevice + keptByDevice).compactMap { waiting in
      guard let open = diskFiles[waiting.operation.file!], open.disk === disk, open.age == disk.age else { return nil }
      return write(waiting.operation, on: open)
    }
  }

  /// The whole of a write; nil where it is something else, or against the rules.
  private func write(_ operation: Operation, on open: DiskFile) -> SimulatedDisk.Write? {
    guard case .write(_, let regions, let count, let offset) = operation, keepsRules(open, regions, count, offset)
    else { return nil }
    let bytes = bytes(of: regions, count, wanted(regions, count))
    return SimulatedDisk.Write(file: open.file, offset: Int(offset), bytes: bytes)
  }

  /// Carries out a part of a write; false where there is none to be carried out.
  private func begin(_ operation: Operation, on open: DiskFile) -> Bool {
    guard let write = write(operation, on: open) else { return false }
    open.disk.tear(write)
    return true
  }

  private func perform(_ operation: Operation, on open: DiskFile) -> Int32 {
    switch operation {
    case .read(_, let regions, let count, let offset):
      guard keepsRules(open, regions, count, offset) else { return -EINVAL }
      let read = open.disk.read(open.file, at: Int(offset), wanted: wanted(regions, count)) { shortened($0, open) }
      switch read {
      case .success(let bytes):
        copy(bytes, bytes.count, into: regions, count)
        return Int32(bytes.count)
      case .failure(let failure): return -failure.number
      }
    case .write(_, let regions, let count, let offset):
      guard keepsRules(open, regions, count, offset) else { return -EINVAL }
      let taken = shortened(wanted(regions, count), open)
      return open.disk.write(
        SimulatedDisk.Write(file: open.file, offset: Int(offset), bytes: bytes(of: regions, count, taken)))
    case .sync: return open.disk.sync(open.file)
    default: preconditionFailure("not an operation on a file")
    }
  }

  /// Direct I/O asks for aligned offsets, lengths and memory.
  private func keepsRules(
    _ open: DiskFile, _ regions: UnsafeMutablePointer<iovec>, _ count: Int, _ offset: UInt64
  ) -> Bool {
    let unit = Limits.directAlignmentBytes
    return !open.isDirect
      || Int(offset) % unit == 0
        && UnsafeBufferPointer(start: regions, count: count).allSatisfy {
          $0.iov_len % unit == 0 && Int(bitPattern: $0.iov_base) % unit == 0
        }
  }

  /// A direct transfer that falls short still ends between two blocks.
  private func shortened(_ bytes: Int, _ open: DiskFile) -> Int {
    let unit = Limits.directAlignmentBytes
    if !open.isDirect || bytes <= unit { return open.isDirect ? bytes : shortened(bytes, least: 1) }
    let short = shortened(bytes, least: unit)
    return short == bytes ? bytes : short / unit * unit
  }
}

extension Operation {
  /// Of an operation on a file.
  var file: Int32? {
    switch self {
    case .read(let file, _, _, _), .write(let file, _, _, _), .sync(let file): file
    default: nil
    }
  }
}
