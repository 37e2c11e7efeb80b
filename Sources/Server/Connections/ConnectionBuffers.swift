import Base
import Glibc

/// The memory that a connection holds for as long as it lives: headers in, replies out, and the regions of a transfer.
/// Bodies never lie here, but for the few bytes that came in one piece with their header.
struct ConnectionBuffers: ~Copyable {
  static let bytes =
    Limits.inboundBytes + Limits.outboundBytes + Limits.regionsPerTransfer * MemoryLayout<iovec>.stride

  let inbound: UnsafeMutableRawBufferPointer
  let outbound: UnsafeMutableRawBufferPointer
  let regions: UnsafeMutableBufferPointer<iovec>
  private let memory: UnsafeMutableRawPointer

  init() {
    memory = .allocate(byteCount: Self.bytes, alignment: 16)
    inbound = UnsafeMutableRawBufferPointer(start: memory, count: Limits.inboundBytes)
    outbound = UnsafeMutableRawBufferPointer(start: memory + Limits.inboundBytes, count: Limits.outboundBytes)
    let start = memory + Limits.inboundBytes + Limits.outboundBytes
    regions = UnsafeMutableBufferPointer(
      start: start.bindMemory(to: iovec.self, capacity: Limits.regionsPerTransfer), count: Limits.regionsPerTransfer)
  }

  deinit { memory.deallocate() }
}
