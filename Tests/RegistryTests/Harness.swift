import Base
import Registry

extension Registry {
  static func make(mebibytes: Int = 1) throws -> Registry {
    try Registry(budgetBytes: mebibytes << 20, hashSeed: 7)
  }

  @discardableResult
  func set(_ key: String, _ owner: String, isVouchedFor: Bool = true) -> Entering {
    let (key, owner) = (Array(key.utf8), Array(owner.utf8))
    return set(key: key.span.bytes, owner: owner.span.bytes, isVouchedFor: isVouchedFor)
  }

  /// The owner that a client would be told, or nil.
  func owner(_ key: String) -> String? {
    let room = UnsafeMutableRawBufferPointer.allocate(byteCount: Limits.ownerBytesMax, alignment: 1)
    defer { room.deallocate() }
    let key = Array(key.utf8)
    guard case .found(let bytes) = find(key: key.span.bytes, into: room) else { return nil }
    return String(decoding: room[..<bytes], as: UTF8.self)
  }

  func finding(_ key: String) -> Finding {
    let room = UnsafeMutableRawBufferPointer.allocate(byteCount: Limits.ownerBytesMax, alignment: 1)
    defer { room.deallocate() }
    let key = Array(key.utf8)
    return find(key: key.span.bytes, into: room)
  }

  @discardableResult
  func remove(_ key: String) -> Bool {
    let key = Array(key.utf8)
    return remove(key: key.span.bytes)
  }
}

/// Keys as engines make them.
func engineKey(_ number: Int) -> String {
  "vllm@meta-llama/Llama-3.1-8B-Instruct@1@0@" + String(UInt64(number) &* 0x9E37_79B9_7F4A_7C15, radix: 16)
}
