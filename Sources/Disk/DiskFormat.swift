/// What the format on disk is made of. Another value of any of these is another version.
package enum DiskFormat {
  package static let version: UInt32 = 1
  /// All that is written begins and ends on a block: what direct I/O asks of every device in use.
  package static let blockBytes = 4096
  /// A value is checked piece by piece: small enough to be checked while the next is read, large enough that its
  /// checksum takes no room to speak of.
  package static let pieceBytes = 256 * 1024
  /// What two bytes count.
  package static let keyBytesMax = 64 * 1024 - 1
  /// Metadata of as many groups as any model has, with room to spare.
  package static let annotationBytesMax = 1024
  /// Lengths travel as a signed 32-bit integer.
  package static let valueBytesMax = Int(Int32.max)
  /// Room for headers, graves, a few records and their index.
  package static let segmentBlocksMin: UInt32 = 16
  /// What a reader has to be ready for: 64 GiB a segment, with 1 MiB of graves in memory.
  package static let segmentBlocksMax: UInt32 = 1 << 24

  package static func blocks(of bytes: Int) -> Int { (bytes + blockBytes - 1) / blockBytes }
  package static func pieces(of bytes: Int) -> Int { (bytes + pieceBytes - 1) / pieceBytes }
  package static func isSegment(ofBlocks blocks: UInt32) -> Bool {
    (segmentBlocksMin...segmentBlocksMax).contains(blocks) && blocks % 2 == 0
  }

  // MARK: Files of a directory

  /// Who works with the directory holds its lock. The file stays when everything else is made anew.
  package static let lockName = "lock"
  /// The two blocks of the device's header.
  package static let deviceName = "device"
  /// What the policy knows, in its own form.
  package static let knowledgeName = "knowledge"
  private static let segmentPrefix = "segment-"
  private static let segmentDigits = 8

  package static func segmentName(_ segment: UInt32) -> String {
    let digits = String(segment)
    return segmentPrefix + String(repeating: "0", count: max(0, segmentDigits - digits.count)) + digits
  }

  /// Nil where a file is no segment: only the one name of each is known.
  package static func segment(named name: String) -> UInt32? {
    guard name.hasPrefix(segmentPrefix), let segment = UInt32(name.dropFirst(segmentPrefix.count)),
      segmentName(segment) == name
    else { return nil }
    return segment
  }
}
