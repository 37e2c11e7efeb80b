/// A directory of a device: what of it is not a verb. Its calls may wait for the device, so a loop has them carried out, one
/// at a time.
package protocol DeviceDirectory: AnyObject, Sendable {
  var path: String { get }

  /// Makes calls of this directory where they may wait, and returns at once.
  func carryOut(_ calls: @escaping @Sendable () -> Void)
  /// False once the file system was found not to claim space for a file: a full disk then shows at a write.
  var claimsSpace: Bool { get }

  /// Takes the directory for this process, making it (0700) where it is missing. False: another process has it.
  func lock() throws(DirectoryFailure) -> Bool
  /// Gives the directory up, and forgets it: the next call looks for it by its path again.
  func unlock()
  /// The names of all that is in it but the lock, in order.
  func names() throws(DirectoryFailure) -> [String]
  /// Opens a file that is there to read and write; nil where there is none.
  func open(_ name: String) throws(DirectoryFailure) -> DeviceFile?
  /// Makes a file (0600, whatever the umask), or opens it, exactly so long, with space claimed for all its bytes. One that
  /// could not be made is not there; one that was there is as long as it was.
  func make(_ name: String, byteCount: Int) throws(DirectoryFailure) -> DeviceFile
  /// Removes a file; one that is not there is no failure. Its bytes stay until it is closed.
  func remove(_ name: String) throws(DirectoryFailure)
  /// Takes the place of a file of the other name.
  func rename(_ name: String, to other: String) throws(DirectoryFailure)
  /// Makes what was made, renamed or removed durable.
  func sync() throws(DirectoryFailure)
  /// Closes a file that no verb waits for; from any thread, like the next one.
  func close(_ file: DeviceFile)
  /// Drops what the page cache holds of a range. What is not synced stays, and so may pieces that the range covers in part,
  /// which are as large as a write was: of few large ranges more goes than of many small ones.
  func dropCache(_ file: DeviceFile, _ range: Range<Int>)
  /// What the file system has left for files of this process.
  func freeBytes() throws(DirectoryFailure) -> Int
  /// The bytes that its files take on the device.
  func allocatedBytes() throws(DirectoryFailure) -> Int
}

/// An open file of a device's directory.
package struct DeviceFile: Sendable, Equatable {
  package var descriptor: Int32
  package var byteCount: Int
  /// Reads and writes pass the page cache by; offsets, lengths and memory are multiples of `directAlignmentBytes`.
  package var isDirect: Bool

  package init(descriptor: Int32, byteCount: Int, isDirect: Bool) {
    self.descriptor = descriptor
    self.byteCount = byteCount
    self.isDirect = isDirect
  }
}
