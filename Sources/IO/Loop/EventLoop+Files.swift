import Glibc

/// Verbs for files. A deadline ends the wait for a turn at the device; what the device works on already ends by itself.
extension EventLoop {
  /// Returns the count of bytes read, which may be fewer than asked for; 0 is the end of the file.
  package func read(
    file: Int32, at offset: UInt64, into regions: UnsafeMutablePointer<iovec>, count: Int, deadline: UInt64 = never
  ) async throws(IOFailure) -> Int {
    Int(try await performOnFile(.read(file: file, regions, count: count, offset: offset), deadline: deadline))
  }

  /// Returns the count of bytes taken, which may be fewer than given.
  package func write(
    file: Int32, at offset: UInt64, from regions: UnsafeMutablePointer<iovec>, count: Int, deadline: UInt64 = never
  ) async throws(IOFailure) -> Int {
    Int(try await performOnFile(.write(file: file, regions, count: count, offset: offset), deadline: deadline))
  }

  /// Returns when everything written before is on the device.
  package func sync(file: Int32, deadline: UInt64 = never) async throws(IOFailure) {
    _ = try await performOnFile(.sync(file: file), deadline: deadline)
  }

  package func read(
    _ file: DeviceFile, at offset: UInt64, into regions: UnsafeMutablePointer<iovec>, count: Int,
    deadline: UInt64 = never
  ) async throws(IOFailure) -> Int {
    try await read(file: file.descriptor, at: offset, into: regions, count: count, deadline: deadline)
  }

  package func write(
    _ file: DeviceFile, at offset: UInt64, from regions: UnsafeMutablePointer<iovec>, count: Int,
    deadline: UInt64 = never
  ) async throws(IOFailure) -> Int {
    try await write(file: file.descriptor, at: offset, from: regions, count: count, deadline: deadline)
  }

  package func sync(_ file: DeviceFile, deadline: UInt64 = never) async throws(IOFailure) {
    try await sync(file: file.descriptor, deadline: deadline)
  }

  private func performOnFile(_ operation: Operation, deadline: UInt64) async throws(IOFailure) -> Int32 {
    let result = await withUnsafeContinuation { begin(operation, deadline: deadline, $0) }
    precondition(result != -EINVAL, "a file opened for direct I/O was given memory, length or offset out of line")
    return try IOFailure.check(result)
  }
}
