import Base
import Glibc

/// A request: when it comes, in milliseconds, and the chunks of its prompt from the front.
struct Request {
  var milliseconds: Double
  var chunks: [Int]
}

/// Loads that are made up, each always the same.
enum Workload: String, CaseIterable {
  case chat, agents, documents, code, scan, rounds

  var requests: [Request] {
    var maker = RequestMaker(seed: UInt64(Workload.allCases.firstIndex(of: self)! + 1))
    switch self {
    case .chat: maker.converse(sessions: 3000, turns: 1...10, added: 2...12, pauseSeconds: 90, system: 4)
    case .agents: maker.converse(sessions: 800, turns: 5...40, added: 1...4, pauseSeconds: 6, system: 12)
    case .documents: maker.readDocuments(requests: 12_000)
    case .code: maker.fork(requests: 12_000)
    case .scan:
      maker.converse(sessions: 1500, turns: 1...10, added: 2...12, pauseSeconds: 90, system: 4)
      maker.scan(requests: 6000)
    case .rounds: maker.goRound(requests: 6000)
    }
    return maker.sorted
  }
}

private struct RequestMaker {
  private var random: SplitMix64
  private var requests: [Request] = []
  private var last = 0

  init(seed: UInt64) { random = SplitMix64(seed: seed) }

  var sorted: [Request] { requests.sorted { $0.milliseconds < $1.milliseconds } }

  private mutating func new(_ count: Int) -> [Int] {
    last += count
    return Array(last - count + 1...last)
  }

  /// Pauses of which most are short.
  private mutating func pause(meanSeconds: Double) -> Double {
    let share = Double(random.next() >> 11) / Double(1 << 53)
    return -meanSeconds * 1000 * log(max(share, 1e-9))
  }

  /// Sessions that begin all the time, each turn repeating the turns before it. Five assistants, each with a beginning of its own.
  mutating func converse(
    sessions: Int, turns: ClosedRange<Int>, added: ClosedRange<Int>, pauseSeconds: Double, system: Int
  ) {
    let systems = (0..<5).map { _ in new(system) }
    var start = 0.0
    for _ in 0..<sessions {
      start += pause(meanSeconds: 1)
      var (time, prompt) = (start, systems[random.pick(0...4)])
      for _ in 0..<random.pick(turns) {
        prompt += new(random.pick(added))
        requests.append(Request(milliseconds: time, chunks: prompt))
        time += pause(meanSeconds: pauseSeconds)
      }
    }
  }

  /// Questions about documents, a few of them asked about often. Which ones changes with time.
  mutating func readDocuments(requests count: Int) {
    var documents = (0..<1500).map { _ in new(random.pick(10...60)) }
    for number in 0..<count {
      if number % 40 == 0 { documents[random.pick(0...documents.count - 1)] = new(random.pick(10...60)) }
      // Zipf's law, near enough: the logarithm of the rank is even.
      let rank = Int(exp(Double(random.next() >> 11) / Double(1 << 53) * log(Double(documents.count)))) - 1
      requests.append(
        Request(
          milliseconds: Double(number) * 300,
          chunks: documents[min(rank, documents.count - 1)] + new(random.pick(1...3))))
    }
  }

  /// Documents that are asked about in turn, again and again, as benchmarks do.
  mutating func goRound(requests count: Int) {
    let system = new(4)
    let documents = (0..<150).map { _ in system + new(random.pick(20...60)) }
    for number in 0..<count {
      requests.append(
        Request(milliseconds: Double(number) * 300, chunks: documents[number % documents.count] + new(1)))
    }
  }

  /// Contexts of code that go on from any earlier one, mostly from a late one.
  mutating func fork(requests count: Int) {
    var contexts = (0..<20).map { _ in new(random.pick(20...60)) }
    for number in 0..<count {
      let near = min(contexts.count, 200)
      let base =
        random.chance(perMille: 850)
        ? contexts[contexts.count - random.pick(1...near)] : contexts[random.pick(0...contexts.count - 1)]
      let kept = base.prefix(random.pick(base.count / 2...base.count))
      let context = Array(kept.prefix(120)) + new(random.pick(1...8))
      if random.chance(perMille: 300) { contexts.append(context) }
      requests.append(Request(milliseconds: Double(number) * 250, chunks: context))
    }
  }

  /// Long prompts that never come again.
  mutating func scan(requests count: Int) {
    let end = requests.map(\.milliseconds).max() ?? 0
    for number in 0..<count {
      requests.append(
        Request(milliseconds: end * Double(number) / Double(count), chunks: new(random.pick(20...60))))
    }
  }
}
