import Testing

/// Imports only go down.
@Suite
struct ImportTests {
  /// The rooms by floors, the lowest first. A room knows those on the floors below, and none beside it.
  private static let floors: [Set<String>] = [
    ["CBuild", "CHiredis", "CLiburing", "CLinux", "COpenSSL", "CPage", "CXxhash", "CYaml"],
    ["Base"],
    ["Disk", "IO", "Manual", "Policy", "Registry", "TLS", "Wire"],
    ["Store"],
    ["Objects", "Tier"],
    ["Bench", "Server", "Setup", "Simulation"],
    ["Tools"],
    ["lmcache-bench", "lmcache-policies", "lmcache-server"],
  ]

  private static func floor(of room: String) -> Int? { floors.firstIndex { $0.contains(room) } }

  /// The rooms that a line of a file imports.
  private static func imported(_ line: Substring) -> String? {
    let words = SourceTree.withoutComment(line).split(separator: " ")
    guard let place = words.firstIndex(of: "import"), words[..<place].allSatisfy({ $0.hasPrefix("@") }),
      place + 1 < words.count
    else { return nil }
    return String(words[place + 1])
  }

  @Test func theSourcesKeepTheFloors() throws {
    for file in SourceTree.sources {
      let own = try #require(Self.floor(of: file.room), "\(file.room) has no floor yet")
      for room in file.lines.compactMap(Self.imported) {
        guard let other = Self.floor(of: room) else { continue }
        #expect(other < own, "\(file.path) imports \(room)")
      }
    }
  }

  /// A table that names rooms which are gone would allow what it should not.
  @Test func everyRoomOfTheTableIsThere() {
    let rooms = Set(SourceTree.sources.map(\.room))
    for room in Self.floors[1...].joined() { #expect(rooms.contains(room), "\(room)") }
  }

  @Test(arguments: [
    ("import Base", "Base"), ("@testable import Store", "Store"), ("// import Base", nil), ("let import = 1", nil),
  ])
  func importsAreSeen(line: String, room: String?) { #expect(Self.imported(Substring(line)) == room) }
}
