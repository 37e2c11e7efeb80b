import Base
import IO
import Registry
import Store
import Wire

/// The commands. `proto/lookup.md` has the contract.
extension RegistrySession {
  func answer() async throws(SessionEnd) {
    if argument(0, is: "GET") {
      guard argumentCount == 2 else { return try await refuseArity("get") }
      try await answerLookup(argument: 1)
    } else if argument(0, is: "SET") {
      guard argumentCount >= 3 else { return try await refuseArity("set") }
      try await set()
    } else if argument(0, is: "DEL") || argument(0, is: "UNLINK") {
      guard argumentCount >= 2 else { return try await refuseArity("del") }
      try await remove()
    } else if argument(0, is: "EXISTS") {
      guard argumentCount >= 2 else { return try await refuseArity("exists") }
      try await countExisting()
    } else if argument(0, is: "MGET") {
      guard argumentCount >= 2 else { return try await refuseArity("mget") }
      try await reply(RESPReplyEncoder.headBytesMax) { encoder.array(argumentCount - 1, into: &$0) }
      for index in 1..<argumentCount { try await answerLookup(argument: index) }
    } else {
      try await answerGreeting()
    }
  }

  // MARK: Entries

  private func answerLookup(argument index: Int) async throws(SessionEnd) {
    guard let owner = look(up: argument(index)) else {
      return try await reply(RESPReplyEncoder.headBytesMax) { encoder.null(into: &$0) }
    }
    try await reply(RESPReplyEncoder.headBytesMax + owner.count) { encoder.bulk(owner.bytes, into: &$0) }
  }

  /// Who has it: an engine that is there, else this server if it does.
  private func look(up key: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
    let finding = registry.find(key: key.bytes, into: ownerText)
    if case .found(let bytes) = finding {
      metrics.lookups.add(.owner)
      return UnsafeRawBufferPointer(rebasing: ownerText[..<bytes])
    }
    if isHere(key) {
      metrics.lookups.add(.peer)
      sharing.advertised.withUnsafeBytes { ownerText.copyMemory(from: $0) }
      return UnsafeRawBufferPointer(rebasing: ownerText[..<sharing.advertised.count])
    }
    metrics.lookups.add(finding == .hidden ? .hidden : .absent)
    return nil
  }

  /// Whether the peer can serve it, and will until its lease ends.
  private func isHere(_ key: UnsafeRawBufferPointer) -> Bool {
    guard !sharing.advertised.isEmpty, (1...Limits.keyBytesMax).contains(key.count) else { return false }
    return worker.lane.exists(key: key.bytes, kind: .withMeta, now: loop.now, burst: &burst)
  }

  private func set() async throws(SessionEnd) {
    // An entry has no time to live: its owner is looked after instead.
    guard argumentCount == 3 else { return try await refuse("ERR syntax error") }
    let owner = argument(2)
    let entering = registry.set(key: argument(1).bytes, owner: owner.bytes, isVouchedFor: isVouchedFor(owner))
    metrics.registrations.add(RegistrationOutcome(entering))
    switch entering {
    case .entered: try await reply(16) { encoder.simple("OK", into: &$0) }
    case .keyTooLong: try await refuse("ERR the key is longer than this registry takes")
    case .ownerTooLong: try await refuse("ERR the value is longer than host:port can be")
    case .tooManyOwners: try await refuse("ERR too many different owners in this registry")
    case .noRoom: try await refuse("OOM the registry has no room")
    }
  }

  private func remove() async throws(SessionEnd) {
    var removed = 0
    for index in 1..<argumentCount where registry.remove(key: argument(index).bytes) { removed += 1 }
    metrics.registrations.add(.removed, removed)
    metrics.registrations.add(.absent, argumentCount - 1 - removed)
    try await reply(RESPReplyEncoder.headBytesMax) { encoder.integer(removed, into: &$0) }
  }

  private func countExisting() async throws(SessionEnd) {
    var existing = 0
    for index in 1..<argumentCount where look(up: argument(index)) != nil { existing += 1 }
    try await reply(RESPReplyEncoder.headBytesMax) { encoder.integer(existing, into: &$0) }
  }

  // MARK: Refusals

  func refuse(_ text: StaticString) async throws(SessionEnd) {
    try await reply(8 + text.utf8CodeUnitCount) { encoder.error(text, into: &$0) }
  }

  func refuseArity(_ command: StaticString) async throws(SessionEnd) {
    let name = UnsafeRawBufferPointer(start: command.utf8Start, count: command.utf8CodeUnitCount)
    try await reply(96) {
      encoder.error("ERR wrong number of arguments for '", quoting: name.bytes, "' command", into: &$0)
    }
  }
}

extension RegistrationOutcome {
  init(_ entering: Registry.Entering) {
    switch entering {
    case .entered: self = .entered
    case .keyTooLong: self = .keyTooLong
    case .ownerTooLong: self = .ownerTooLong
    case .tooManyOwners: self = .tooManyOwners
    case .noRoom: self = .noRoom
    }
  }
}
