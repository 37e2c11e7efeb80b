import Base
import Foundation
import Testing
import Wire

/// One entry of `proto/vectors.json`.
struct GoldenVector: Decodable, CustomTestStringConvertible {
  enum Direction: String, Decodable { case request, reply }

  struct Fields: Decodable {
    var generation: String
    var command: String?
    var code: Int32?
    var length: Int
    var format: Int32?
    var type: Int32?
    var shape: [Int32]?
    var location: Int32?
    var key: String?
    var payload: String?
  }

  var name: String
  var direction: Direction
  var fields: Fields
  var hex: String

  var testDescription: String { name }
  var bytes: [UInt8] { Self.bytes(ofHex: hex) }
  var payload: [UInt8] { Self.bytes(ofHex: fields.payload ?? "") }

  var generation: LMGeneration {
    switch fields.generation {
    case "v0": .v0
    case "eight_ints": .eightInts
    case "nine_ints": .nineInts
    default: preconditionFailure("\(name) names no generation")
    }
  }

  var command: LMCommand {
    switch fields.command {
    case "put": .put
    case "get": .get
    case "exist": .exist
    case "list": .list
    case "health": .health
    default: preconditionFailure("\(name) names no command")
    }
  }

  var meta: ObjectMeta? {
    guard let format = fields.format, let type = fields.type, let shape = fields.shape else { return nil }
    return ObjectMeta(
      format: format, type: type, shape: (shape[0], shape[1], shape[2], shape[3]), location: fields.location ?? 0)
  }

  /// The file holds vectors of several protocols; those of others name their protocol.
  private struct Entry: Decodable {
    let lm: GoldenVector?

    private enum CodingKeys: String, CodingKey { case `protocol` }

    init(from decoder: any Decoder) throws {
      let fields = try decoder.container(keyedBy: CodingKeys.self)
      lm = fields.contains(.protocol) ? nil : try GoldenVector(from: decoder)
    }
  }

  static let file: URL = {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    return root.appendingPathComponent("proto/vectors.json")
  }()

  static let all: [GoldenVector] = {
    do {
      return try JSONDecoder().decode([Entry].self, from: Data(contentsOf: file)).compactMap(\.lm)
    } catch {
      preconditionFailure("\(file.path): \(error)")
    }
  }()

  static let requests = all.filter { $0.direction == .request }
  static let replies = all.filter { $0.direction == .reply }

  static func bytes(ofHex hex: String) -> [UInt8] {
    let digits = Array(hex.utf8)
    return stride(from: 0, to: digits.count, by: 2).map { index in
      guard let byte = UInt8(String(decoding: digits[index..<index + 2], as: UTF8.self), radix: 16) else {
        preconditionFailure("no hex: \(hex)")
      }
      return byte
    }
  }
}
