import Glibc

/// What the command line asked for.
package struct Options: Sendable {
  package let command: Workload
  var targets: [Target] = []
  var valueBytes: Int
  var connections = 1
  var depth = 1
  var keys: Int
  var firstKey = 0
  var seconds = 2.0
  var rounds = 5
  var bulkConnections = 4
  var bulkWorkload = Workload.get
  var copies = false
  var verifies = false
  var fillsFirst = true
  var realTime = true
  var nagle = false
  var spins = false
  package var output = OutputOptions()

  init(_ command: Workload) {
    self.command = command
    // EXIST is about many keys, the others about large values.
    valueBytes = command == .exist ? 4096 : 32 * 1024 * 1024
    keys = command == .exist ? 1024 : 16
  }
}

extension Options {
  package static func parse(_ arguments: [String]) throws(Failure) -> Options {
    guard let word = arguments.first else { throw Failure("no command; try --help") }
    guard let command = Workload(rawValue: word) else {
      throw Failure("no command '\(word)': get, put, fill, exist or exist-beside; try --help")
    }
    var options = Options(command)
    var rest = arguments.dropFirst()
    var processes: [pid_t] = []
    while let argument = rest.popFirst() {
      switch argument {
      case "--copy": options.copies = true
      case "--verify": options.verifies = true
      case "--no-fill": options.fillsFirst = false
      case "--no-realtime": options.realTime = false
      case "--spin": options.spins = true
      case "--nagle": options.nagle = true
      case "--vs": options.targets.append(try Target(parsing: try value(of: argument, &rest)))
      case "--server-pid": processes.append(pid_t(try count(argument, &rest)))
      case "--size": options.valueBytes = try size(argument, &rest)
      case "--connections": options.connections = try count(argument, &rest)
      case "--depth": options.depth = try count(argument, &rest)
      case "--keys": options.keys = try count(argument, &rest)
      case "--first-key": options.firstKey = try count(argument, &rest)
      case "--rounds": options.rounds = try count(argument, &rest)
      case "--bulk-connections": options.bulkConnections = try count(argument, &rest)
      case "--bulk": options.bulkWorkload = try bulk(argument, &rest)
      case "--seconds": options.seconds = try seconds(argument, &rest)
      case let option where option.hasPrefix("-"):
        let taken = try options.output.take(option) { () throws(Failure) in try value(of: option, &rest) }
        if !taken { throw Failure("no option '\(option)'; try --help") }
      case let target: options.targets.append(try Target(parsing: target))
      }
    }
    try options.finish(processes)
    return options
  }

  private mutating func finish(_ processes: [pid_t]) throws(Failure) {
    guard !targets.isEmpty else { throw Failure("no target; give lm://host:port or redis://host:port") }
    guard processes.count <= targets.count else { throw Failure("more --server-pid than targets") }
    for (index, process) in processes.enumerated() {
      guard Clock.processor(of: process) != nil else { throw Failure("--server-pid \(process): no such process") }
      targets[index].serverProcess = process
    }
    if verifies { copies = true }
    // Batches are cut from the keys in order, so that every batch is one stretch of memory.
    keys = (keys + depth - 1) / depth * depth
    guard command != .fill || keys / depth >= connections else {
      throw Failure("fill shares the keys among the connections: give --keys at least \(connections * depth)")
    }
  }

  private static func value(
    of option: String, _ rest: inout ArraySlice<String>
  ) throws(Failure) -> String {
    guard let value = rest.popFirst() else { throw Failure("\(option) needs a value") }
    return value
  }

  private static func count(_ option: String, _ rest: inout ArraySlice<String>) throws(Failure) -> Int {
    let text = try value(of: option, &rest)
    guard let number = Int(text), number > 0 || option == "--first-key", number <= Int(Int32.max) else {
      throw Failure("\(option) '\(text)' is not a whole number above zero")
    }
    return number
  }

  private static func seconds(_ option: String, _ rest: inout ArraySlice<String>) throws(Failure) -> Double {
    let text = try value(of: option, &rest)
    guard let number = Double(text), number > 0, number <= 86400 else {
      throw Failure("\(option) '\(text)' is not a number of seconds")
    }
    return number
  }

  private static func size(_ option: String, _ rest: inout ArraySlice<String>) throws(Failure) -> Int {
    let text = try value(of: option, &rest)
    let digits = text.prefix { $0.isNumber }
    let units = ["": 1, "B": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30]
    guard let number = Int(digits), let unit = units[String(text.dropFirst(digits.count))], number > 0,
      number <= Int(Int32.max) / unit
    else { throw Failure("\(option) '\(text)' is not a size such as 4096, 64KiB or 32MiB (below 2 GiB)") }
    return number * unit
  }

  private static func bulk(_ option: String, _ rest: inout ArraySlice<String>) throws(Failure) -> Workload {
    let text = try value(of: option, &rest)
    guard let command = Workload(rawValue: text), command == .get || command == .put else {
      throw Failure("\(option) is get or put, not '\(text)'")
    }
    return command
  }
}
