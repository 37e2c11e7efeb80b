import Base
import Disk
import IO

/// Looks at a directory before the server starts, for those who do not want it to start without.
package enum DirectoryCheck {
  /// Why it cannot be used, in a line.
  package static func refusal(of directory: FileDirectory, formats: Bool) -> String? {
    do throws(DirectoryFailure) {
      guard try directory.lock() else { return "\(directory.path): another process has it" }
      guard let file = try directory.open(DiskFormat.deviceName) else {
        if formats { return nil }
        return try isNobodys(directory) ? nil : "\(directory.path) holds files of something else; see --disk-format"
      }
      defer { directory.close(file) }
      if formats { return nil }
      let buffer = AlignedBuffer(byteCount: 2 * DiskFormat.blockBytes)
      let count = directory.readAtOnce(file, into: buffer.bytes)
      switch DeviceHeader.find(in: UnsafeRawBufferPointer(buffer.part(0..<max(0, count)))) {
      case .ours: return nil
      case .version(let version):
        return "\(directory.path) is of format \(version), this program's is \(DiskFormat.version); see --disk-format"
      case .unknown: return "\(directory.path) has a damaged header, or another program's; see --disk-format"
      }
    } catch {
      return "\(error)"
    }
  }

  /// Whether it may be begun as it is.
  static func isNobodys(_ directory: any DeviceDirectory) throws(DirectoryFailure) -> Bool {
    // What mount points come with belongs to no server.
    try directory.names().allSatisfy { $0 == "lost+found" || $0 == DiskFormat.deviceName }
  }
}
