import Foundation
import Testing

@testable import Bench

@Suite
struct DocumentTests {
  private static let run = Samples.run([
    Samples.one(
      [
        Samples.target("one", gibibytes: [2, 4, 3]),
        Samples.target("two \"quoted\", \\ and\nbroken", gibibytes: [4, 4, 4], serverSeconds: nil),
      ], connections: 4)
  ])

  /// Parsed as by any program.
  private static func read(_ run: Run) throws -> [String: Any] {
    try #require(JSONSerialization.jsonObject(with: Data(Document.of(run).document().utf8)) as? [String: Any])
  }

  @Test
  func theDocumentSaysWhatWasMeasured() throws {
    let document = try Self.read(Self.run)
    #expect(document["format"] as? Int == 1)
    let one = try #require((document["cases"] as? [[String: Any]])?.first)
    #expect(one["workload"] as? String == "get" && one["connections"] as? Int == 4)
    #expect(one["size_bytes"] as? Int == 1 << 20)
    let results = try #require(one["results"] as? [[String: Any]])
    #expect(results.map { $0["target"] as? String } == ["one", "two \"quoted\", \\ and\nbroken"])
    let speed = try #require(results[0]["gib_s"] as? [String: Double])
    #expect(speed == ["median": 3, "min": 2, "max": 4])
    // Round by round: 4/2, 4/4 and 4/3.
    let ratio = try #require(results[1]["ratio"] as? [String: Double])
    #expect(ratio == ["median": 1.3333, "min": 1, "max": 2])
    let latency = try #require(results[0]["latency_us"] as? [String: Double])
    #expect(latency["count"] == 4 && latency["max"] == 1000)
    #expect((results[0]["rounds"] as? [[String: Any]])?.map { $0["seconds"] as? Double } == [1, 1, 1])
  }

  /// A figure that was not measured is null and never missing, so that a script need not check.
  @Test
  func theNamesAreThereWhateverWasMeasured() throws {
    let document = try Self.read(Self.run)
    let results = try #require((document["cases"] as? [[String: Any]])?.first?["results"] as? [[String: Any]])
    #expect(Set(results[0].keys) == Set(results[1].keys))
    let cost = try #require(results[1]["server_s_per_gib"] as? [String: Any])
    #expect(cost.keys.sorted() == ["max", "median", "min"] && cost.values.allSatisfy { $0 is NSNull })
  }

  @Test
  func numbersThatAreNoneAreNull() {
    let values = [Double.nan, .infinity, -.infinity, 1e300].map { JSONValue.number($0, decimals: 2) }
    #expect(JSONValue.list(values + [.number(-0.001, decimals: 2)]).document() == "[null, null, null, null, 0.00]\n")
  }

  @Test
  func aFieldOfTheTableIsTheSameInBothForms() throws {
    let rows = Self.records(CSV.text(Self.run))
    #expect(rows.count == 3 && Set(rows.map(\.count)).count == 1)
    let columns = Dictionary(uniqueKeysWithValues: zip(rows[0], rows[1]))
    #expect(columns["gib_s_median"] == "3.0000" && columns["latency_us_p99_9"] == "1000.00")
    #expect(columns["server_s_per_gib_max"] == "0.25000" && columns["beside_workload"] == "")
    #expect(rows[2][rows[0].firstIndex(of: "target")!] == "two \"quoted\", \\ and\nbroken")
    #expect(rows[2][rows[0].firstIndex(of: "server_s_per_gib_max")!] == "")
  }

  @Test
  func aRunWithoutCasesIsADocumentToo() throws {
    let document = try Self.read(Samples.run([]))
    #expect((document["cases"] as? [Any])?.isEmpty == true)
    #expect(CSV.text(Samples.run([])) == "\r\n")
  }

  /// Records of RFC 4180.
  private static func records(_ text: String) -> [[String]] {
    var records: [[String]] = [[]]
    var field = ""
    var isQuoted = false
    var rest = Array(text.unicodeScalars)[...]
    while let character = rest.popFirst() {
      switch character {
      case "\"" where isQuoted && rest.first == "\"":
        field.append("\"")
        rest.removeFirst()
      case "\"": isQuoted.toggle()
      case "," where !isQuoted:
        records[records.count - 1].append(field)
        field = ""
      case "\n" where !isQuoted:
        records[records.count - 1].append(String(field.dropLast()))
        field = ""
        records.append([])
      default: field.unicodeScalars.append(character)
      }
    }
    return records.dropLast()
  }
}
