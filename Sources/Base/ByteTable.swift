/// Some byte strings, side by side in memory of their own: they are read without the bookkeeping of arrays.
package final class ByteTable: @unchecked Sendable {
  private let bytes: UnsafeMutableRawBufferPointer
  /// Where each begins, and where the last one ends.
  private let starts: UnsafeMutablePointer<Int>
  package let count: Int

  package init(_ strings: [[UInt8]]) {
    count = strings.count
    bytes = .allocate(byteCount: max(1, strings.reduce(0) { $0 + $1.count }), alignment: 1)
    starts = .allocate(capacity: strings.count + 1)
    var end = 0
    for (index, string) in strings.enumerated() {
      (starts + index).initialize(to: end)
      UnsafeMutableRawBufferPointer(rebasing: bytes[end...]).copyBytes(from: string)
      end += string.count
    }
    (starts + count).initialize(to: end)
  }

  deinit {
    bytes.deallocate()
    starts.deallocate()
  }

  /// Valid as long as the table is.
  package subscript(index: Int) -> UnsafeRawBufferPointer {
    precondition(index >= 0 && index < count)
    return UnsafeRawBufferPointer(start: bytes.baseAddress! + starts[index], count: starts[index + 1] - starts[index])
  }
}
