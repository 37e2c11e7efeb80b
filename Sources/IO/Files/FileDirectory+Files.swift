import Base
import Glibc

/// Files as they are opened and made.
extension FileDirectory {
  package func open(_ name: String) throws(DirectoryFailure) -> DeviceFile? {
    guard let file = try openFile(name, 0) else { return nil }
    do throws(DirectoryFailure) {
      return DeviceFile(
        descriptor: file, byteCount: Int(try status(of: file, name).st_size), isDirect: Self.makeDirect(file))
    } catch {
      Glibc.close(file)
      throw error
    }
  }

  package func make(_ name: String, byteCount: Int) throws(DirectoryFailure) -> DeviceFile {
    let known = try openFile(name, 0)
    let made = known == nil ? try openFile(name, O_CREAT) : known
    guard let file = made else { throw DirectoryFailure(.make, path, errno: ENOENT) }
    do throws(DirectoryFailure) {
      let bytesBefore = known == nil ? 0 : Int(try status(of: file, name).st_size)
      if fchmod(file, 0o600) != 0 { throw failure(.make, name) }
      do throws(DirectoryFailure) {
        try claim(file, name, byteCount)
      } catch {
        // What was claimed before the device was full goes back; bytes that were there were not cut off yet.
        _ = ftruncate(file, off_t(bytesBefore))
        throw error
      }
      return DeviceFile(descriptor: file, byteCount: byteCount, isDirect: Self.makeDirect(file))
    } catch {
      Glibc.close(file)
      if known == nil { try? remove(name) }
      throw error
    }
  }

  /// Reads from the beginning, before any loop turns: how many bytes, negative where it failed.
  package func readAtOnce(_ file: DeviceFile, into bytes: UnsafeMutableRawBufferPointer) -> Int {
    pread(file.descriptor, bytes.baseAddress, bytes.count, 0)
  }

  package func close(_ file: DeviceFile) { Glibc.close(file.descriptor) }

  package func dropCache(_ file: DeviceFile, _ range: Range<Int>) {
    // Advice: whatever comes of it, the bytes are the same.
    posix_fadvise(file.descriptor, off_t(range.lowerBound), off_t(range.count), POSIX_FADV_DONTNEED)
  }

  private func claim(_ file: Int32, _ name: String, _ byteCount: Int) throws(DirectoryFailure) {
    if claimsSpace, byteCount > 0, let number = Self.allocate(file, byteCount) {
      guard number == EOPNOTSUPP || number == ENOSYS else {
        throw DirectoryFailure(.claimSpace, "\(path)/\(name)", errno: number)
      }
      claimsSpace = false
    }
    if ftruncate(file, off_t(byteCount)) != 0 { throw failure(.claimSpace, name) }
  }

  /// The number of the failure, if it is one.
  private static func allocate(_ file: Int32, _ byteCount: Int) -> Int32? {
    while fallocate(file, 0, 0, off_t(byteCount)) != 0 {
      if errno != EINTR { return errno }
    }
    return nil
  }

  /// Whether the file is read and written past the page cache from now on. Some file systems take the flag and then ask
  /// for more than our alignment, so a first read is tried.
  private static func makeDirect(_ file: Int32) -> Bool {
    let flags = fcntl(file, F_GETFL, 0)
    guard flags >= 0, fcntl(file, F_SETFL, flags | O_DIRECT) == 0 else { return false }
    let bytes = Limits.directAlignmentBytes
    let memory = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: bytes)
    defer { memory.deallocate() }
    if pread(file, memory, bytes, 0) < 0, errno == EINVAL {
      _ = fcntl(file, F_SETFL, flags)
      return false
    }
    return true
  }
}
