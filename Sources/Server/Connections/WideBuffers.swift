import Base

/// Memory for a pipeline of small values, lent by a worker: most connections need none at any moment, and thousands of
/// them would not leave room for chunks.
struct WideBuffers {
  let inbound = UnsafeMutableRawBufferPointer.allocate(byteCount: Limits.wideBytes, alignment: 64)
  let outbound = UnsafeMutableRawBufferPointer.allocate(byteCount: Limits.wideBytes, alignment: 64)

  func deallocate() {
    inbound.deallocate()
    outbound.deallocate()
  }
}
