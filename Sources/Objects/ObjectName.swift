/// What a name of the RESP side stands for. LMCache's `redis://` keeps an object K under two names, Kkv_bytes and
/// Kmetadata; `valkey://` under K:kv_bytes and K:metadata, on a cluster under {K}:kv_bytes and {K}:metadata. All of
/// them are halves of the one object K. Every other name is the key of a plain value.
struct ObjectName: Equatable, Sendable {
  enum Part: Sendable {
    case whole
    case bytes
    case metadata
  }

  /// How the halves of an object are spelled.
  enum Style: UInt8, CaseIterable, Sendable {
    case joined
    case colon
    case bracesAndColon
  }

  let part: Part
  /// Always `.joined` for a whole.
  let style: Style
  /// Where the key stands in the name. Never empty.
  let keyRange: Range<Int>

  init(_ name: UnsafeRawBufferPointer) {
    let keyEnd = name.count - Self.suffixBytes
    guard keyEnd > 0, let part = Self.part(UnsafeRawBufferPointer(rebasing: name[keyEnd...])) else {
      (part, style, keyRange) = (.whole, .joined, 0..<name.count)
      return
    }
    self.part = part
    guard keyEnd > 1, name[keyEnd - 1] == UInt8(ascii: ":") else {
      (style, keyRange) = (.joined, 0..<keyEnd)
      return
    }
    let colon = keyEnd - 1
    if colon > 2, name[0] == UInt8(ascii: "{"), name[colon - 1] == UInt8(ascii: "}") {
      (style, keyRange) = (.bracesAndColon, 1..<colon - 1)
    } else {
      (style, keyRange) = (.colon, 0..<colon)
    }
  }

  private static func part(_ suffix: UnsafeRawBufferPointer) -> Part? {
    if suffix.equals(bytesSuffix) { return .bytes }
    if suffix.equals(metadataSuffix) { return .metadata }
    return nil
  }

  // MARK: Spelling

  private static let bytesSuffix: StaticString = "kv_bytes"
  private static let metadataSuffix: StaticString = "metadata"
  private static let suffixBytes = 8

  /// Writes the name of a part and returns its length. `key` writes the key and returns its length.
  static func spell(
    _ part: Part, _ style: Style, into room: UnsafeMutableRawBufferPointer,
    key: (UnsafeMutableRawBufferPointer) -> Int
  ) -> Int {
    let hasBraces = style == .bracesAndColon && part != .whole
    if hasBraces { room[0] = UInt8(ascii: "{") }
    let keyStart = hasBraces ? 1 : 0
    var end = keyStart + key(UnsafeMutableRawBufferPointer(rebasing: room[keyStart...]))
    func append(_ text: StaticString) {
      for index in 0..<text.utf8CodeUnitCount { room[end + index] = text.utf8Start[index] }
      end += text.utf8CodeUnitCount
    }
    if hasBraces { append("}") }
    if style != .joined, part != .whole { append(":") }
    switch part {
    case .whole: break
    case .bytes: append(bytesSuffix)
    case .metadata: append(metadataSuffix)
    }
    return end
  }
}

extension UnsafeRawBufferPointer {
  fileprivate func equals(_ text: StaticString) -> Bool {
    count == text.utf8CodeUnitCount && !zip(self, 0..<count).contains { $0 != text.utf8Start[$1] }
  }
}

/// What of a name is the key of its object: both halves of an object have the same one, however they are spelled.
package enum ObjectKey {
  package static func range(in name: UnsafeRawBufferPointer) -> Range<Int> {
    name.isEmpty ? 0..<0 : ObjectName(name).keyRange
  }
}
