import Foundation

/// A value that says whose it is: it begins with its key, version and length, and no page of it is that of another version.
enum VersionedValue {
  static let headBytes = 48

  static func bytes(_ key: String, _ version: Int, length: Int) -> [UInt8] {
    var value = Payload.bytes(length, seed: UInt64(version))
    let head = "\(key) \(version) \(length)"
    value.replaceSubrange(
      0..<headBytes, with: Array((head + String(repeating: " ", count: headBytes - head.utf8.count)).utf8))
    return value
  }

  /// The version that this is; throws for what no version of the key ever was.
  static func version(of value: [UInt8], key: String) throws -> Int {
    let head = String(decoding: value.prefix(headBytes), as: UTF8.self).split(separator: " ")
    guard head.count == 3, head[0] == key, let version = Int(head[1]), let length = Int(head[2]),
      length == value.count
    else { throw WrongBytes(description: "\(key) begins with \(head), and has \(value.count) bytes") }
    guard Payload.isSame(value, bytes(key, version, length: length)) else {
      throw WrongBytes(description: "wrong bytes in version \(version) of \(key)")
    }
    return version
  }

  struct WrongBytes: Error, CustomStringConvertible {
    let description: String
  }
}
