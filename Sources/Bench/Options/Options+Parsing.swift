import Glibc

extension Options {
  package static func parse(_ arguments: [String]) throws(Failure) -> Options {
    var reader = ArgumentReader(arguments)
    guard let word = reader.next() else { throw Failure("no command; try --help") }
    // `--session` is accepted for the command `session`.
    guard let workload = Workload(rawValue: word == "--session" ? "session" : word) else {
      throw Failure("no command '\(word)': \(Workload.allCases.map(\.rawValue).joined(separator: ", ")); try --help")
    }
    var parsing = Parsing(options: Options(workload))
    while let word = reader.next() {
      if try parsing.takeTarget(word, &reader) { continue }
      if try parsing.takeLoad(word, &reader) { continue }
      if try parsing.takeSession(word, &reader) { continue }
      if parsing.takeClient(word) { continue }
      guard try parsing.takeOutput(word, &reader) else { throw Failure("no option '\(word)'; try --help") }
    }
    return try parsing.finished()
  }

  private struct Parsing {
    var options: Options
    var processes: [pid_t] = []
    var given: Set<String> = []

    mutating func takeTarget(_ word: String, _ reader: inout ArgumentReader) throws(Failure) -> Bool {
      switch word {
      case "--vs": options.targets.append(try Target(parsing: try reader.value(of: word)))
      case "--server-pid": processes.append(pid_t(try reader.count(word)))
      case let word where word.hasPrefix("-"): return false
      default: options.targets.append(try Target(parsing: word))
      }
      return true
    }

    mutating func takeLoad(_ word: String, _ reader: inout ArgumentReader) throws(Failure) -> Bool {
      switch word {
      case "--size", "--sizes": options.sizes = try reader.sizes(word)
      case "--model": options.model = try ModelLayout(parsing: try reader.value(of: word))
      case "--mix": options.mix = try reader.mix(word)
      case "--keys": options.keys = try reader.count(word)
      case "--first-key": options.firstKey = try reader.count(word, min: 0)
      case "--connections": options.connections = try reader.counts(word)
      case "--depth": options.depths = try reader.counts(word)
      case "--threads": options.threads = try reader.count(word)
      case "--seconds", "--duration": options.seconds = try reader.seconds(word)
      case "--count": options.count = try reader.count(word)
      case "--rounds": options.rounds = try reader.count(word)
      case "--warmup": options.warmupSeconds = try reader.seconds(word, min: 0)
      case "--rate": options.rates = try reader.rates(word)
      case "--poisson": options.isPoisson = true
      case "--bulk": options.beside.operation = try bulk(try reader.value(of: word))
      case "--bulk-connections": options.beside.connections = try reader.count(word)
      case "--idle": options.idleConnections = try reader.count(word)
      case "--no-fill": options.fillsFirst = false
      default: return false
      }
      given.insert(word)
      return true
    }

    mutating func takeSession(_ word: String, _ reader: inout ArgumentReader) throws(Failure) -> Bool {
      switch word {
      case "--users": options.session.conversations.users = try reader.count(word)
      case "--turns": options.session.conversations.turns = try reader.count(word)
      case "--turn-tokens": options.session.conversations.turnTokens = try reader.count(word)
      case "--system-tokens": options.session.conversations.systemTokens = try reader.count(word, min: 0)
      case "--trace": options.session.tracePath = try reader.value(of: word)
      case "--block-tokens": options.session.blockTokens = try reader.count(word)
      case "--requests": options.session.requestsMax = try reader.count(word)
      case "--salt": options.session.salt = UInt64(try reader.count(word, min: 0))
      case "--speed": options.session.speed = try speed(try reader.value(of: word))
      default: return false
      }
      guard options.workload == .session else { throw Failure("\(word) belongs to session") }
      given.insert(word)
      return true
    }

    mutating func takeClient(_ word: String) -> Bool {
      switch word {
      case "--drop": options.drops = true
      case "--verify": options.verifies = true
      case "--no-realtime": options.realTime = false
      case "--spin": options.spins = true
      case "--nagle": options.nagle = true
      default: return false
      }
      return true
    }

    mutating func takeOutput(_ word: String, _ reader: inout ArgumentReader) throws(Failure) -> Bool {
      try options.output.take(word, &reader)
    }

    private func bulk(_ text: String) throws(Failure) -> Operation {
      switch text {
      case "get": return .get
      case "put": return .put
      default: throw Failure("--bulk is get or put, not '\(text)'")
      }
    }

    private func speed(_ text: String) throws(Failure) -> Double? {
      if text == "max" { return nil }
      guard let speed = Double(text), speed > 0, speed.isFinite else {
        throw Failure("--speed '\(text)' is neither a number such as 10 nor max")
      }
      return speed
    }

    // MARK: - Consistency

    mutating func finished() throws(Failure) -> Options {
      guard !options.targets.isEmpty else { throw Failure("no target; give lm://host:port or the like") }
      guard processes.count <= options.targets.count else { throw Failure("more --server-pid than targets") }
      for (index, process) in processes.enumerated() {
        guard Clock.processorNanoseconds(of: process) != nil else {
          throw Failure("--server-pid \(process): no such process")
        }
        options.targets[index].serverProcess = process
      }
      try check()
      // A session needs no size: without sizes it uses a model's.
      if options.workload == .session, options.model == nil, given.isDisjoint(with: ["--size", "--sizes"]) {
        options.model = try ModelLayout(parsing: "llama-3-8b")
      }
      if let model = options.model { options.sizes = [SizeMix(bytes: model.valueBytes)] }
      return options
    }

    private func check() throws(Failure) {
      let isSession = options.workload == .session
      try refuse(
        options.model != nil && !given.isDisjoint(with: ["--size", "--sizes"]), "--model sets the size; give no --size")
      try refuse(options.verifies && options.drops, "--verify needs the bodies that --drop drops")
      try refuse(given.contains("--mix") && options.workload != .mixed, "--mix belongs to mixed")
      try refuse(given.contains("--poisson") && options.rates.isEmpty, "--poisson needs --rate")
      try refuse(
        given.contains("--count") && (isSession || options.workload == .fill),
        "--count goes with get, put, exist, mixed and churn")
      try refuse(
        given.contains("--count") && (given.contains("--seconds") || given.contains("--duration")),
        "give --count or --seconds, not both")
      try refuse(
        !options.rates.isEmpty && [.fill, .existBeside, .churn].contains(options.workload),
        "--rate goes with get, put, exist, mixed and session")
      try refuse(options.spins && !options.rates.isEmpty, "--spin goes with a closed loop")
      try refuse(options.threads > options.connections.min()!, "every one of --threads needs a connection")
      try refuse(isSession && options.threads > 1, "a session has one thread")
      try refuse(isSession && options.rates.count > 1, "a session has one --rate")
      try refuse(isSession && options.spins, "--spin does not go with session")
      let session = options.session
      try refuse(session.speed != nil && session.tracePath == nil, "--speed needs --trace; conversations have --rate")
      try refuse(
        !options.rates.isEmpty && session.tracePath != nil, "a trace has its own times: --speed instead of --rate")
      try refuse(
        session.blockTokens % ModelLayout.chunkTokens != 0,
        "--block-tokens is a multiple of a chunk's \(ModelLayout.chunkTokens) tokens")
    }

    private func refuse(_ isWrong: Bool, _ message: String) throws(Failure) {
      if isWrong { throw Failure(message) }
    }
  }
}
