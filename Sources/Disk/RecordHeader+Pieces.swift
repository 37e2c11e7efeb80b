import CXxhash
import Glibc

/// The checksums of a value's pieces. A piece's number and its record's are part of them: a piece of another record is
/// not taken for it, whatever a device returns.
extension RecordHeader {
  package static func checksum(ofPiece number: Int, _ bytes: UnsafeRawBufferPointer, sequence: UInt64) -> UInt64 {
    lm_hash64(bytes.baseAddress, bytes.count, seed(piece: number, sequence: sequence))
  }

  /// The same of a piece that lies in several regions of memory.
  package static func checksum(
    ofPiece number: Int, regions: UnsafePointer<iovec>, count: Int, sequence: UInt64
  ) -> UInt64 {
    lm_hash64_regions(regions, count, seed(piece: number, sequence: sequence))
  }

  private static func seed(piece number: Int, sequence: UInt64) -> UInt64 {
    sequence &* 0x9E37_79B9_7F4A_7C15 ^ UInt64(number)
  }

  /// Whether a piece is what was written.
  package func holds(piece number: Int, _ bytes: UnsafeRawBufferPointer) -> Bool {
    pieces.indices.contains(number) && pieces[number] == Self.checksum(ofPiece: number, bytes, sequence: sequence)
  }
}
