import Base
import Glibc

/// One connection: sends operations as they are appended, and takes the answers as they come. Never allocates after its
/// initializer.
final class Connection {
  let index: Int
  let descriptor: Int32
  private let vocabulary: Vocabulary
  private let pattern: Pattern
  private let recorder: Recorder
  private let feed: any Feed
  private let depth: Int
  private let verifies: Bool

  private var jobs: JobRing
  /// Operations under way, without confirmations.
  private(set) var outstanding = 0
  private var outbox: Outbox
  // The body being received.
  private var inbox = Inbox()
  private var bodyLeft = 0
  private var bodyAt = 0
  /// The number of bytes that must have arrived before the kernel wakes the client.
  private var wakeBytes = 1
  /// Buffers for bodies, side by side; empty if the kernel drops bodies.
  private let stretch: UnsafeMutableRawBufferPointer
  private let bufferBytes: Int
  private let buffers: Int
  /// The buffer for the next body.
  private var turn = 0
  /// The buffer of the body being received.
  private var body = UnsafeMutableRawBufferPointer(start: nil, count: 0)
  /// When bytes last arrived.
  private(set) var heardAt: UInt64 = 0
  /// Whether the poller also reports room to send.
  var isWatchedForSpace = false

  init(
    index: Int, descriptor: Int32, vocabulary: Vocabulary, pattern: Pattern, recorder: Recorder, feed: any Feed,
    depth: Int, stretch: UnsafeMutableRawBufferPointer, options: Options
  ) {
    self.index = index
    self.descriptor = descriptor
    self.vocabulary = vocabulary
    self.pattern = pattern
    self.recorder = recorder
    self.feed = feed
    self.depth = depth
    verifies = options.verifies
    jobs = JobRing(capacity: 2 * depth)
    let callBytesMax = options.workload == .existBeside ? Limits.benchSendBytesBeside : .max
    outbox = Outbox(vocabulary, pattern, depth: depth, callBytesMax: callBytesMax)
    self.stretch = stretch
    bufferBytes = Landing.bufferBytes(ofValue: vocabulary.valueBytesMax)
    buffers = stretch.count / bufferBytes
  }

  deinit {
    close(descriptor)
  }

  // MARK: - Operations

  var isIdle: Bool { jobs.isEmpty }
  var hasUnsent: Bool { outbox.hasUnsent(jobs) }

  /// The number of operations that still fit.
  var room: Int { outbox.hasRoom(jobs) ? depth - outstanding : 0 }

  func append(_ job: Job) {
    jobs.append(outbox.compose(job, after: jobs))
    outstanding += 1
  }

  /// Called after the last of a batch: a PUT of `lm` is known to be stored only when a later request is answered.
  func endBurst() {
    let last = jobs[jobs.end - 1]
    guard !vocabulary.phrase(last.operation, shape: last.shape).isAnswered else { return }
    var question = Job(.exist, key: last.key, due: last.due)
    question.isConfirmation = true
    jobs.append(outbox.compose(question, after: jobs))
  }

  // MARK: - Sending

  /// Sends as much as the kernel takes.
  func flush() throws(Failure) { try outbox.flush(jobs, to: descriptor) }

  // MARK: - Receiving

  /// Whether a long body is under way, for which the poller reports each piece. A call that blocks would take the bytes
  /// that are there, and never wake for a rest that is shorter than a piece.
  var waitsForPieces: Bool { wakeBytes > 1 }

  /// Takes the answers that have arrived; with `waits` all outstanding ones, up to a long body.
  func receive(waits: Bool) throws(Failure) {
    var mayHaveMore = true
    while !jobs.isEmpty {
      if bodyLeft > 0 {
        guard try takeBody(waits && !waitsForPieces, &mayHaveMore) else { return }
      } else {
        guard try takeHead(waits, &mayHaveMore) else { return }
      }
    }
  }

  private func takeHead(_ waits: Bool, _ mayHaveMore: inout Bool) throws(Failure) -> Bool {
    let answered = firstAnswered()
    let job = jobs[answered]
    let phrase = vocabulary.phrase(of: job)
    while true {
      let reply = inbox.count == 0 ? .incomplete : Reply.judge(inbox.bytes, expecting: phrase, in: vocabulary.dialect)
      switch reply {
      case .incomplete:
        let wanted = headBytesWanted(phrase)
        let count = try receive(into: inbox.space(wanted), waits ? 0 : Int32(MSG_DONTWAIT), &mayHaveMore)
        guard count > 0 else { return false }
        inbox.filled(count)
      case .hit:
        inbox.drop(phrase.hit.count)
        endUnanswered(before: answered, wasStored: true)
        (bodyLeft, bodyAt) = (phrase.replyBodyBytes + phrase.replyEndBytes, 0)
        if bodyLeft > 0 { takeBuffer() }
        wakeAgainAt(bodyLeft)
        if bodyLeft == 0 { end(wasThere: true) }
        return true
      case .miss:
        inbox.drop(phrase.miss.count)
        endUnanswered(before: answered, wasStored: !job.isConfirmation)
        end(wasThere: false)
        return true
      case .error(let bytes):
        inbox.drop(bytes)
        recorder.countError()
        end(wasThere: false, isError: true)
        return true
      case .unexpected:
        throw Failure("to \(job.operation.name): the answer is not one to expect: \(quoted(inbox.bytes))")
      }
    }
  }

  /// Large bodies stay out of the inbox; everything else is received together.
  private func headBytesWanted(_ phrase: Phrase) -> Int {
    guard phrase.replyBodyBytes >= Limits.benchBodyBytesApart, inbox.count < phrase.hit.count else {
      return Limits.benchInboxBytes
    }
    return phrase.hit.count - inbox.count
  }

  private func takeBody(_ waits: Bool, _ mayHaveMore: inout Bool) throws(Failure) -> Bool {
    if inbox.count > 0 {
      let count = min(inbox.count, bodyLeft)
      if !body.isEmpty { memcpy(body.baseAddress! + bodyAt, inbox.bytes.baseAddress!, count) }
      inbox.drop(count)
      took(count)
    } else {
      let flags = waits ? Int32(MSG_WAITALL) : Int32(MSG_DONTWAIT)
      let count: Int
      if body.isEmpty {
        // MSG_TRUNC: the kernel drops the bytes without a copy.
        let nowhere = UnsafeMutableRawBufferPointer(start: nil, count: 0)
        count = try receive(into: nowhere, flags | Int32(MSG_TRUNC), &mayHaveMore, length: bodyLeft)
      } else {
        let rest = UnsafeMutableRawBufferPointer(rebasing: body[bodyAt..<bodyAt + bodyLeft])
        count = try receive(into: rest, flags, &mayHaveMore)
      }
      guard count > 0 else { return false }
      took(count)
    }
    if bodyLeft == 0 {
      try verify()
      end(wasThere: true)
    }
    return true
  }

  private func takeBuffer() {
    guard buffers > 0 else { return }
    body = UnsafeMutableRawBufferPointer(rebasing: stretch[turn * bufferBytes..<(turn + 1) * bufferBytes])
    turn = turn + 1 == buffers ? 0 : turn + 1
  }

  private func took(_ count: Int) {
    bodyLeft -= count
    bodyAt += count
    if bodyLeft < wakeBytes { wakeAgainAt(bodyLeft) }
  }

  /// Has the kernel report a long body in large pieces: each wake-up costs client and server.
  private func wakeAgainAt(_ left: Int) {
    var wanted = Int32(left >= Limits.benchWakeBytesMin ? min(left, Limits.benchWakeBytes) : 1)
    guard wanted != wakeBytes else { return }
    wakeBytes = Int(wanted)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVLOWAT, &wanted, socklen_t(MemoryLayout<Int32>.size))
  }

  private func verify() throws(Failure) {
    guard verifies else { return }
    let job = jobs[jobs.oldest]
    let count = vocabulary.phrase(.get, shape: job.shape).replyBodyBytes
    guard pattern.matches(UnsafeRawBufferPointer(rebasing: body[..<count]), key: job.key) else {
      throw Failure("key \(job.key): the value read is not the value stored")
    }
  }

  /// Zero when nothing has arrived.
  private func receive(
    into space: UnsafeMutableRawBufferPointer, _ flags: Int32, _ mayHaveMore: inout Bool, length: Int? = nil
  ) throws(Failure) -> Int {
    guard mayHaveMore else { return 0 }
    let wanted = length ?? space.count
    let count = recv(descriptor, space.baseAddress, wanted, flags)
    if count < 0, errno == EAGAIN, flags & Int32(MSG_DONTWAIT) != 0 { return 0 }
    if count < 0, errno == EINTR { return try receive(into: space, flags, &mayHaveMore, length: length) }
    guard count > 0 else { throw Failure(moving: "receive", count) }
    heardAt = MonotonicClock.now()
    // Fewer bytes than requested: the next call would find none.
    if count < wanted, flags & Int32(MSG_DONTWAIT) != 0 { mayHaveMore = false }
    return count
  }

  // MARK: - Ends

  private func firstAnswered() -> Int {
    var position = jobs.oldest
    while true {
      let job = jobs[position]
      if vocabulary.phrase(of: job).isAnswered { return position }
      position += 1
      precondition(position < jobs.end, "a burst ends with something that is answered")
    }
  }

  /// Ends the PUTs before an answer. The confirmation tells only whether the last of them was kept.
  private func endUnanswered(before answered: Int, wasStored: Bool) {
    while jobs.oldest < answered {
      end(wasThere: wasStored || jobs.oldest < answered - 1)
    }
  }

  private func end(wasThere: Bool, isError: Bool = false) {
    let job = jobs.removeOldest()
    guard !job.isConfirmation else { return }
    outstanding -= 1
    let bytes = wasThere && job.operation != .exist ? vocabulary.keys.shapes[job.shape].bytes : 0
    recorder.record(job.operation, due: job.due, now: heardAt, bytes: bytes, wasThere: wasThere || isError)
    feed.ended(job, on: index, wasThere: wasThere, at: heardAt)
  }

  private func quoted(_ bytes: UnsafeRawBufferPointer) -> String {
    String(decoding: bytes.prefix(24), as: UTF8.self).debugDescription
  }
}
