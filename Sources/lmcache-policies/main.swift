import Base
import Bench
import Glibc
import Policy
import Store

let usage = """
  lmcache-policies finds out what a store would find of a load with one policy of eviction or another.

  usage: lmcache-policies [options] LOAD...

  loads: a file of JSON lines (timestamp in ms, input_length, output_length, hash_ids), or one that is made up:
    \(Workload.allCases.map(\.rawValue).joined(separator: ", "))

  options
    --room N[,N]     chunks that fit                                        (1000,3000,10000,30000)
    --policy P[,P]   returns, lru                                           (lru,returns)
    --lease S        what positive EXISTs promise at most                   (30)
    --clients N      connections that share the load, a request each        (1)
    --at-once        clients work at the same time, a step of each in turn; else one after the other
    --together N     requests that a client has under way at once          (1)
    --ranks N        ranks of a client; each chunk has a part of each       (1)
    --lookups W      by the first rank's connection, or by one apart:
                     same, apart                                            (same)
    --speed N        times faster than recorded                             (1)
    --load FILE      begin with what --save wrote
    --save FILE      write what was learnt, of the last load and room
    --print          write a load as such a file instead, and serve nothing: each chunk is a block of
                     \(Printing.blockTokens) tokens, for lmcache-bench session --block-tokens \(Printing.blockTokens)

  The real store of the server serves each load, without a network. It prints the share of chunks that were found from the
  front of a prompt on without a gap, and the promises that were broken.
  """

struct Arguments {
  var rooms = [1000, 3000, 10_000, 30_000]
  var policies = [EvictionPolicy.lru, .returns]
  var leaseSeconds = Limits.leaseSecondsDefault
  var clients = 1
  var together = 1
  var ranks = 1
  var looksUpApart = false
  var speed = 1
  var knowledge: Knowledge?
  var savePath: String?
  var prints = false
  var areAtOnce = false
  var loads: [String] = []

  init(_ words: [String]) throws(Failure) {
    var words = words[...]
    while let word = words.popFirst() {
      guard word.hasPrefix("--") else {
        loads.append(word)
        continue
      }
      if word == "--print" {
        prints = true
        continue
      }
      if word == "--at-once" {
        areAtOnce = true
        continue
      }
      guard let value = words.popFirst() else { throw Failure("\(word) needs a value; try --help") }
      let parts = value.split(separator: ",").map(String.init)
      switch word {
      case "--room": rooms = try parts.map { (part) throws(Failure) in try Self.number(part, word, 100...1_000_000) }
      case "--policy": policies = try parts.map { (part) throws(Failure) in try Self.policy(part) }
      case "--lease": leaseSeconds = try Self.number(value, word, 0...Limits.leaseSecondsMax)
      case "--clients": clients = try Self.number(value, word, 1...1000)
      case "--together": together = try Self.number(value, word, 1...1000)
      case "--ranks": ranks = try Self.number(value, word, 1...64)
      case "--lookups": looksUpApart = try Self.choice(value, word, ["same", "apart"]) == "apart"
      case "--load": knowledge = try Self.knowledge(path: value)
      case "--save": savePath = value
      case "--speed": speed = try Self.number(value, word, 1...1_000_000)
      default: throw Failure("no option '\(word)'; try --help")
      }
    }
    if areAtOnce, together > 1 {
      throw Failure("--at-once is of clients with one prompt each, not --together \(together)")
    }
    if loads.isEmpty { throw Failure("no load; try --help") }
    if prints, loads.count > 1 { throw Failure("--print takes one load, not \(loads.count)") }
  }

  private static func number(_ text: String, _ word: String, _ range: ClosedRange<Int>) throws(Failure) -> Int {
    guard let number = DecimalDigits.parse(text), range.contains(number) else {
      throw Failure("\(word) takes a number from \(range.lowerBound) to \(range.upperBound), not '\(text)'")
    }
    return number
  }

  private static func knowledge(path: String) throws(Failure) -> Knowledge {
    guard let file = fopen(path, "r") else { throw Failure("cannot read \(path): \(String(cString: strerror(errno)))") }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 65536)
    while case let count = fread(&piece, 1, piece.count, file), count > 0 { bytes += piece[..<count] }
    guard let knowledge = Knowledge(bytes: bytes) else {
      throw Failure("\(path) is not what this version of --save writes")
    }
    return knowledge
  }

  private static func choice(_ value: String, _ word: String, _ choices: [String]) throws(Failure) -> String {
    guard choices.contains(value) else {
      throw Failure("\(word) takes \(choices.joined(separator: " or ")), not '\(value)'")
    }
    return value
  }

  private static func policy(_ name: String) throws(Failure) -> EvictionPolicy {
    guard let policy = EvictionPolicy(rawValue: name) else {
      throw Failure("no policy '\(name)': \(EvictionPolicy.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    return policy
  }
}

func requests(of load: String) throws(Failure) -> [Request] {
  if let workload = Workload(rawValue: load) { return workload.requests }
  return try Trace.blocks(path: load).map { Request(milliseconds: $0.milliseconds, chunks: $0.ids) }
}

/// Of ten thousand, as a share with four places.
func share(_ part: Int, of whole: Int) -> String {
  let places = String(10_000 + (10_000 * part + whole / 2) / max(whole, 1))
  return places.first == "1" ? "." + places.dropFirst() : "1.0000"
}

func save(_ knowledge: Knowledge, path: String) throws(Failure) {
  let bytes = knowledge.bytes
  guard let file = fopen(path, "w") else { throw Failure("cannot write \(path): \(String(cString: strerror(errno)))") }
  let isWritten = fwrite(bytes, 1, bytes.count, file) == bytes.count
  guard fclose(file) == 0, isWritten else { throw Failure("cannot write all of \(path)") }
}

func serve(_ requests: [Request], by replay: Replay, _ arguments: Arguments) {
  var clients = (0..<arguments.clients).map {
    Replay.Client($0, ranks: arguments.ranks, looksUpApart: arguments.looksUpApart)
  }
  guard !arguments.areAtOnce else { return replay.serve(requests, by: &clients, speed: arguments.speed) }
  for (number, first) in stride(from: 0, to: requests.count, by: arguments.together).enumerated() {
    let group = requests[first..<min(first + arguments.together, requests.count)]
    let time = UInt64(requests[first].milliseconds * 1_000_000) / UInt64(arguments.speed)
    replay.serve(group.map(\.chunks), by: &clients[number % clients.count], at: time)
  }
}

func run(_ arguments: Arguments) throws(Failure) {
  for load in arguments.loads {
    let requests = try requests(of: load)
    for room in arguments.rooms {
      for policy in arguments.policies {
        let replay: Replay
        do {
          replay = try Replay(
            policy: policy, room: room, ranks: arguments.ranks, leaseSeconds: arguments.leaseSeconds)
        } catch {
          throw Failure("no store with room for \(room) chunks: \(error)")
        }
        replay.knowledge = arguments.knowledge
        serve(requests, by: replay, arguments)
        if let path = arguments.savePath, let knowledge = replay.knowledge { try save(knowledge, path: path) }
        print(load, room, policy.rawValue, share(replay.found, of: replay.asked), "broken", replay.brokenPromises)
      }
    }
  }
}

let words = Array(CommandLine.arguments.dropFirst())
if words.contains("--help") || words.contains("-h") {
  print(usage)
  exit(0)
}
do throws(Failure) {
  let arguments = try Arguments(words)
  if arguments.prints {
    Printing.write(try requests(of: arguments.loads[0]))
  } else {
    try run(arguments)
  }
} catch {
  complain("lmcache-policies: \(error.message)")
  exit(2)
}
