import Foundation
import Testing

/// One entry of `proto/vectors.json` that says `"protocol": "resp"`.
struct RESPVector: Decodable, CustomTestStringConvertible {
  enum Direction: String, Decodable { case request, reply }

  struct Fields: Decodable {
    /// Of a request, in hexadecimal.
    var args: [String]?
    var version: Int?
    var type: String?
    var value: String?
  }

  var name: String
  var `protocol`: String
  var direction: Direction
  var fields: Fields
  var hex: String

  var testDescription: String { name }
  var bytes: [UInt8] { GoldenVector.bytes(ofHex: hex) }
  var arguments: [[UInt8]] { (fields.args ?? []).map(GoldenVector.bytes(ofHex:)) }
  var value: [UInt8] { GoldenVector.bytes(ofHex: fields.value ?? "") }

  static let all: [RESPVector] = {
    do {
      let entries = try JSONSerialization.jsonObject(with: Data(contentsOf: GoldenVector.file)) as? [[String: Any]]
      let ours = (entries ?? []).filter { $0["protocol"] as? String == "resp" }
      return try JSONDecoder().decode([RESPVector].self, from: JSONSerialization.data(withJSONObject: ours))
    } catch {
      preconditionFailure("\(GoldenVector.file.path): \(error)")
    }
  }()

  static let requests = all.filter { $0.direction == .request }
  static let replies = all.filter { $0.direction == .reply }
}
