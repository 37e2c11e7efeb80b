import Glibc

extension UnsafeMutableBufferPointer<iovec> {
  // Not a reduction: in a debug build it allocates.
  package func byteCount(ofFirst count: Int) -> Int {
    var (bytes, index) = (0, 0)
    while index < count {
      bytes += self[index].iov_len
      index += 1
    }
    return bytes
  }
}
