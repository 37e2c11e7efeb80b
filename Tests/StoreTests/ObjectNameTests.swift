import Base
import Foundation
import Testing
import Wire

@testable import Objects
@testable import Store

/// The entries of `proto/objects.json`.
struct ObjectVectors: Decodable {
  struct Group: Decodable {
    var type: Int32
    var shape: [Int32]
  }

  struct Metadata: Decodable, CustomTestStringConvertible {
    var name: String
    var length: Int32
    var format: Int32
    var groups: [Group]
    var isPlain: Bool
    var hex: String

    var testDescription: String { name }
    var bytes: [UInt8] {
      stride(from: 0, to: hex.count, by: 2).map { offset in
        let start = hex.index(hex.startIndex, offsetBy: offset)
        return UInt8(hex[start..<hex.index(start, offsetBy: 2)], radix: 16)!
      }
    }
    var meta: ObjectMeta {
      let shape = groups[0].shape
      return ObjectMeta(format: format, type: groups[0].type, shape: (shape[0], shape[1], shape[2], shape[3]))
    }
  }

  struct Name: Decodable, CustomTestStringConvertible {
    var name: String
    var part: String
    var style: String
    var key: String

    var testDescription: String { name }
  }

  var metadata: [Metadata]
  var names: [Name]

  static let all: ObjectVectors = {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let file = root.appendingPathComponent("proto/objects.json")
    do {
      return try JSONDecoder().decode(ObjectVectors.self, from: Data(contentsOf: file))
    } catch {
      preconditionFailure("\(file.path): \(error)")
    }
  }()
}

@Suite struct ObjectNameTests {
  private func read(_ name: String) -> (ObjectName, key: String) {
    Array(name.utf8).withUnsafeBytes { bytes in
      let objectName = ObjectName(bytes)
      return (objectName, String(decoding: bytes[objectName.keyRange], as: UTF8.self))
    }
  }

  private func spell(_ key: String, _ name: ObjectName) -> String {
    var room = [UInt8](repeating: 0, count: key.utf8.count + "{}:metadata".utf8.count)
    let length = room.withUnsafeMutableBytes { room in
      ObjectName.spell(name.part, name.style, into: room) {
        $0.copyBytes(from: Array(key.utf8))
        return key.utf8.count
      }
    }
    return String(decoding: room[..<length], as: UTF8.self)
  }

  @Test(arguments: ObjectVectors.all.names)
  func golden(vector: ObjectVectors.Name) {
    let (name, key) = read(vector.name)
    #expect("\(name.part)" == vector.part && "\(name.style)" == vector.style)
    #expect(key == vector.key)
    #expect(spell(key, name) == vector.name)
  }

  /// Every name is kept, and none has two meanings.
  @Test func spellingIsTheInverseOfReading() {
    var random = SplitMix64(seed: 11)
    let pieces = ["a", ":", "{", "}", "kv_bytes", "metadata", "@", "kv_byte", "b"]
    for _ in 0..<20_000 {
      let text = (0...random.pick(0...5)).map { _ in pieces[random.pick(0...pieces.count - 1)] }.joined()
      let (name, key) = read(text)
      #expect(!key.isEmpty)
      #expect(spell(key, name) == text)
    }
  }
}

@Suite struct ObjectMetadataTests {
  @Test(arguments: ObjectVectors.all.metadata)
  func golden(vector: ObjectVectors.Metadata) {
    let bytes = vector.bytes
    #expect(ObjectMeta.groupCount(inBytes: bytes.count) == vector.groups.count)
    #expect(ObjectMeta.byteCount(groups: vector.groups.count) == bytes.count)
    let (length, meta) = ObjectMeta.decode(bytes.span.bytes)
    #expect(length == vector.length && meta == vector.meta)
    #expect(encoded(meta, statedLength: length) == Array(bytes.prefix(ObjectMeta.firstGroupEnd)))
    let isPlain = ObjectMeta.describePlain(bytes.span.bytes)
    #expect(isPlain == vector.isPlain)
    if vector.groups.count == 1 { #expect(meta.describesPlain(length: Int(length)) == vector.isPlain) }
    #expect(!meta.describesPlain(length: Int(length) + 1))
  }

  @Test func onlyWholeGroupsAreMetadata() {
    let lengths = (0...1000).filter { ObjectMeta.groupCount(inBytes: $0) != nil }
    #expect(lengths == Array(stride(from: 28, through: ObjectMeta.byteCountMax, by: 20)))
  }

  @Test func elementSizes() {
    let sizes: [Int32: Int] = [1: 2, 2: 2, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 1]
    for type in Int32(-1)...10 {
      #expect(ObjectMeta(format: 1, type: type, shape: (3, 1, 0, 0)).plainBytes == sizes[type].map { $0 * 3 })
    }
  }

  @Test func shapesThatAreNone() {
    #expect(ObjectMeta(format: 1, type: 2, shape: (0, 0, 0, 0)).plainBytes == nil)
    #expect(ObjectMeta(format: 1, type: 2, shape: (2, 0, 3, 0)).plainBytes == nil)
    #expect(ObjectMeta(format: 1, type: 2, shape: (-2, -3, 0, 0)).plainBytes == nil)
    #expect(ObjectMeta(format: 1, type: 5, shape: (.max, .max, .max, .max)).plainBytes == nil)
    for format: Int32 in [0, 4, 5] {
      #expect(!ObjectMeta(format: format, type: 6, shape: (9, 0, 0, 0)).describesPlain(length: 9))
    }
    for format: Int32 in [1, 2, 3, 6, 7, 8] {
      #expect(ObjectMeta(format: format, type: 6, shape: (9, 0, 0, 0)).describesPlain(length: 9))
    }
  }

  /// Groups with nearly the largest possible number of bytes each.
  @Test func hugeGroupsAreNotPlain() {
    var bytes = encoded(ObjectMeta(format: 1, type: 6, shape: (.max, .max, 2, 0)), statedLength: 100)
    for _ in 1...2 { bytes += bytes[8..<28] }
    let isPlain = ObjectMeta.describePlain(bytes.span.bytes)
    #expect(!isPlain)
  }
}
