import Glibc

/// One connection and the commands it can be told to carry out, a batch at a time.
/// Everything it touches was allocated by its initializer.
final class Client {
  struct Outcome {
    var operations = 0
    var bytes = 0
    /// Values that were not there, or batches of PUT whose last value was not kept.
    var misses = 0
  }

  private let socket: Socket
  private let pattern: Pattern
  private let exists: Conversation
  private let gets: Conversation
  private let puts: Conversation
  private let firstKey: Int
  private let valueBytes: Int
  private let depth: Int
  private let copies: Bool
  private let verifies: Bool
  private let inbox: UnsafeMutableRawBufferPointer
  private let body: UnsafeMutableRawBufferPointer
  private(set) var outcome = Outcome()
  private(set) var sentAt: UInt64 = 0

  init(to target: Target, _ options: Options, keys: Range<Int>, pattern: Pattern, depth: Int) throws(Failure) {
    socket = try Socket(to: target, nagle: options.nagle, spins: options.spins)
    self.pattern = pattern
    exists = .exist(target.dialect, keys: keys)
    gets = .get(target.dialect, keys: keys, valueBytes: options.valueBytes)
    puts = .put(target.dialect, keys: keys, valueBytes: options.valueBytes)
    firstKey = keys.lowerBound
    valueBytes = options.valueBytes
    self.depth = depth
    copies = options.copies
    verifies = options.verifies
    inbox = .allocate(byteCount: max(4096, depth * LMHeader.replyBytes), alignment: 64)
    body = .allocate(byteCount: options.copies ? options.valueBytes + RESPText.lineEnd.count : 0, alignment: 4096)
  }

  func forget() { outcome = Outcome() }

  /// `count` requests in one send, then their replies.
  func exist(at index: Int) throws(Failure) {
    try sendExists(at: index)
    try receiveExists()
  }

  func sendExists(at index: Int) throws(Failure) {
    try socket.send(exists.request(index, count: depth))
    sentAt = Clock.now()
  }

  func receiveExists() throws(Failure) {
    try receiveReplies(of: exists, count: depth)
    outcome.operations += depth
  }

  func get(at index: Int) throws(Failure) {
    try socket.send(gets.request(index, count: depth))
    for offset in 0..<depth {
      if try receiveHead() {
        try receiveBody(ofKey: firstKey + index + offset)
        outcome.bytes += valueBytes
      } else {
        outcome.misses += 1
      }
    }
    outcome.operations += depth
  }

  func put(at index: Int) throws(Failure) {
    for offset in index..<index + depth {
      try socket.send(puts.request(offset), more: true)
      try sendBody(ofKey: firstKey + offset)
    }
    if puts.repliesToEach {
      try receiveReplies(of: puts, count: depth)
    } else {
      try socket.send(exists.request(index + depth - 1))
      try receiveReplies(of: exists, count: 1)
    }
    outcome.operations += depth
    outcome.bytes += depth * valueBytes
  }

  private func sendBody(ofKey key: Int) throws(Failure) {
    try pattern.send(valueOf: key, count: valueBytes, over: socket, more: !puts.bodyEnd.isEmpty)
    if !puts.bodyEnd.isEmpty { try socket.send(puts.bodyEnd) }
  }

  /// Replies of one length.
  private func receiveReplies(of conversation: Conversation, count: Int) throws(Failure) {
    let replies = UnsafeMutableRawBufferPointer(rebasing: inbox[..<(count * conversation.hit.count)])
    try socket.receive(replies)
    for offset in stride(from: 0, to: replies.count, by: conversation.hit.count) {
      if try !isHit(replies, at: offset, of: conversation) { outcome.misses += 1 }
    }
  }

  /// True if a body follows.
  private func receiveHead() throws(Failure) -> Bool {
    let first = min(gets.hit.count, gets.miss.count)
    try socket.receive(UnsafeMutableRawBufferPointer(rebasing: inbox[..<first]))
    let hit = try isHit(inbox, at: 0, of: gets)
    let head = hit ? gets.hit : gets.miss
    if head.count > first { try socket.receive(UnsafeMutableRawBufferPointer(rebasing: inbox[first..<head.count])) }
    guard !hit || memcmp(inbox.baseAddress!, head.baseAddress!, head.count) == 0 else {
      throw Failure("the head of a value is not the one it was stored with")
    }
    return hit
  }

  private func isHit(
    _ replies: UnsafeMutableRawBufferPointer, at offset: Int, of conversation: Conversation
  ) throws(Failure) -> Bool {
    let start = replies.loadUnaligned(fromByteOffset: offset, as: UInt32.self)
    if start == conversation.hitStart { return true }
    guard start == conversation.missStart else {
      let text = String(decoding: withUnsafeBytes(of: start) { Array($0) }, as: UTF8.self)
      throw Failure("a reply begins with \(text.debugDescription): neither yes nor no")
    }
    return false
  }

  private func receiveBody(ofKey key: Int) throws(Failure) {
    guard copies else { return try socket.discard(gets.replyBodyBytes) }
    try socket.receive(UnsafeMutableRawBufferPointer(rebasing: body[..<gets.replyBodyBytes]))
    if verifies, !pattern.matches(UnsafeMutableRawBufferPointer(rebasing: body[..<valueBytes]), key: key) {
      throw Failure("key \(key): the value read is not the value stored")
    }
  }
}
