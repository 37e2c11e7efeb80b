/// The bytes that `body` writes into a buffer with room for `capacity` bytes, behind `offset` existing bytes.
func written(capacity: Int, behind offset: Int = 0, _ body: (inout OutputRawSpan) -> Void) -> [UInt8] {
  let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: capacity + offset, alignment: 16)
  defer { buffer.deallocate() }
  buffer.initializeMemory(as: UInt8.self, repeating: 0xEE)
  var output = OutputRawSpan(buffer: buffer, initializedCount: offset)
  body(&output)
  let count = output.finalize(for: buffer)
  return Array(buffer[offset..<count])
}
