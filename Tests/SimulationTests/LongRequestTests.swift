import Base
import IO
import Server
import Simulation
import Store
import Testing

/// Requests with very many arguments: others on the same loop are answered meanwhile.
@Suite struct LongRequestTests {
  private let quiet: QuietServer
  private let loop: EventLoop

  init() throws {
    quiet = try QuietServer(budgetBytes: 64 << 20)
    loop = quiet.world.makeLoop()
    while quiet.store.populateAhead() {}
    quiet.server.start()
  }

  private static func request(_ words: String, _ argument: String, count: Int) -> [UInt8] {
    let first = words.split(separator: " ").map { Array($0.utf8) }
    var bytes = Array("*\(first.count + count)\r\n".utf8)
    for word in first { bytes += "$\(word.count)\r\n".utf8 + word + "\r\n".utf8 }
    for _ in 0..<count { bytes += "$\(argument.utf8.count)\r\n\(argument)\r\n".utf8 }
    return bytes
  }

  @Test(
    arguments: [
      ("EXISTS", "k"), ("MGET", "k"), ("MSET a", "k"), ("INFO", "server"), ("CONFIG GET", "*x"),
      ("COMMAND INFO", "nope"),
    ])
  func othersAreAnsweredMeanwhile(words: String, argument: String) {
    let asking = QuietClient(quiet, on: loop)
    // The second client is on another loop, the third on the first client's.
    let far = QuietClient(quiet, on: loop)
    let near = QuietClient(quiet, on: loop)
    for client in [asking, far, near] { #expect(client.introduce()) }
    asking.send(Self.request(words, argument, count: 200_001), waits: false)
    var answers = 0
    while asking.receivedBytes == 0, answers < 1000 {
      near.send(QuietClient.command("EXISTS k"))
      #expect(near.line() != nil)
      if asking.unsentBytes == 0 { answers += 1 }
    }
    // Three requests are answered before the server has the whole long one.
    #expect(answers >= 6, "of those asked while nothing but the answer was missing")
    #expect(asking.line() != nil)
  }

  /// A pattern that takes its length times the name's length.
  @Test(arguments: ["KEYS ", "SCAN 0 COUNT 1000 MATCH "])
  func matchingLetsOthersIn(words: String) {
    let asking = QuietClient(quiet, on: loop)
    let far = QuietClient(quiet, on: loop)
    let near = QuietClient(quiet, on: loop)
    for client in [asking, far, near] { #expect(client.introduce()) }
    for number in 0..<3 {
      let name = [UInt8](repeating: 0x61, count: 3000) + Array("\(number)".utf8)
      asking.send(QuietClient.request(Array("SET".utf8), name, [1]))
      #expect(asking.line() == "+OK")
    }
    asking.send(QuietClient.command(words + "*" + String(repeating: "a", count: 1000) + "b"))
    var answers = 0
    while asking.receivedBytes == 0, answers < 1000 {
      near.send(QuietClient.command("EXISTS k"))
      #expect(near.line() == ":0")
      answers += 1
    }
    #expect(answers >= 4)
    #expect(words.hasPrefix("KEYS") ? asking.line() == "*0" : asking.line() == "*2")
  }

  @Test func longPatternsAreRefused() {
    let client = QuietClient(quiet, on: loop)
    let long = String(repeating: "a", count: 1025)
    for words in ["KEYS ", "SCAN 0 MATCH ", "CONFIG GET "] {
      client.send(QuietClient.command(words + long))
      #expect(client.line() == "-ERR a pattern has up to 1024 bytes here")
    }
    client.send(QuietClient.request(Array("KEYS".utf8), [UInt8](repeating: 0x61, count: 70_000)))
    #expect(client.line() == "-ERR a pattern has up to 1024 bytes here")
  }

  /// Redis reads all of them while all other clients wait.
  @Test func moreOptionsThanAnyRequestMeansAreRefused() {
    let client = QuietClient(quiet, on: loop)
    #expect(client.introduce())
    for (words, option, fine) in [
      ("SET k v", "xx", "$-1"), ("EXPIRE k 1", "nx", ":0"), ("SCAN 0", "count", nil), ("HELLO 2", "auth", nil),
    ] {
      if let fine {
        client.send(Self.request(words, option, count: 64))
        #expect(client.line() == fine, "\(words)")
      }
      client.send(Self.request(words, option, count: 66))
      #expect(client.line() == "-ERR syntax error", "\(words)")
    }
  }
}
