import Base
import Glibc

/// One connection: sends operations as they are appended, takes the answers as they come, and never allocates
/// after its initializer.
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
  // What is to be sent: jobs from `sending` on, of which `sentBytes` of the first one are gone.
  private var sending = 0
  private var sentBytes = 0
  private let heads: UnsafeMutableRawBufferPointer
  private var headsEnd = 0
  private let regions: UnsafeMutableBufferPointer<iovec>
  // What is being received.
  private var inbox = Inbox()
  private var bodyLeft = 0
  private var bodyAt = 0
  private let body: UnsafeMutableRawBufferPointer
  /// When something came last.
  private(set) var heardAt: UInt64 = 0
  /// Whether the poller was asked to tell when there is room to send.
  var isWatchedForSpace = false

  init(
    index: Int, descriptor: Int32, vocabulary: Vocabulary, pattern: Pattern, recorder: Recorder, feed: any Feed,
    depth: Int, options: Options
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
    heads = .allocate(byteCount: 4 * depth * vocabulary.requestBytesMax, alignment: 64)
    regions = .allocate(capacity: Limits.benchRegionsPerSend)
    // The longest end of a body is a line's.
    body = .allocate(byteCount: options.copies ? vocabulary.valueBytesMax + 2 : 0, alignment: 4096)
  }

  deinit {
    close(descriptor)
    heads.deallocate()
    regions.deallocate()
    body.deallocate()
  }

  // MARK: - What is to be done

  var isIdle: Bool { jobs.isEmpty }
  var hasUnsent: Bool { sending < jobs.end }

  /// How many more operations fit.
  var room: Int {
    let headsLeft = hasUnsent ? heads.count - headsEnd : heads.count
    return headsLeft >= 2 * vocabulary.requestBytesMax ? depth - outstanding : 0
  }

  func append(_ job: Job) {
    compose(job)
    outstanding += 1
  }

  /// After the last of a few: a PUT of `lm` is known to be stored when something after it is answered.
  func endBurst() {
    let last = jobs[jobs.end - 1]
    guard !vocabulary.phrase(last.operation, shape: last.shape).isAnswered else { return }
    var question = Job(.exist, key: last.key, due: last.due)
    question.isConfirmation = true
    compose(question)
  }

  private func compose(_ job: Job) {
    if !hasUnsent { headsEnd = 0 }
    var job = job
    job.shape = vocabulary.keys.shapeIndex(of: job.key)
    job.headOffset = headsEnd
    job.headBytes = vocabulary.phrase(job.operation, shape: job.shape).compose(
      digits: vocabulary.keys.digits(of: job.key), at: heads.baseAddress! + headsEnd)
    headsEnd += job.headBytes
    jobs.append(job)
  }

  // MARK: - Sending

  /// Sends what the kernel takes.
  func flush() throws(Failure) {
    while hasUnsent {
      var header = msghdr()
      header.msg_iov = regions.baseAddress
      header.msg_iovlen = gather()
      let count = sendmsg(descriptor, &header, Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL))
      if count < 0, errno == EAGAIN { return }
      guard count > 0 else { throw broken("send", count) }
      advance(count)
    }
  }

  /// The next bytes to send, as many as fit one call.
  private func gather() -> Int {
    var count = 0
    var position = sending
    var skip = sentBytes
    while position < jobs.end, count + 2 < regions.count {
      let job = jobs[position]
      let phrase = vocabulary.phrase(job.operation, shape: job.shape)
      if skip < job.headBytes {
        add(heads.baseAddress! + job.headOffset + skip, job.headBytes - skip, &count)
        skip = job.headBytes
      }
      while skip < job.headBytes + phrase.requestBodyBytes, count < regions.count {
        let stretch = pattern.stretch(of: job.key, at: skip - job.headBytes, upTo: phrase.requestBodyBytes)
        add(stretch.baseAddress!, stretch.count, &count)
        skip += stretch.count
      }
      guard skip >= job.headBytes + phrase.requestBodyBytes, count < regions.count else { break }
      let endSkip = skip - job.headBytes - phrase.requestBodyBytes
      if endSkip < phrase.requestEnd.count {
        add(phrase.requestEnd.baseAddress! + endSkip, phrase.requestEnd.count - endSkip, &count)
      }
      position += 1
      skip = 0
    }
    return count
  }

  /// Heads lie side by side, so that a batch without bodies is one region.
  @inline(__always)
  private func add(_ start: UnsafeRawPointer, _ length: Int, _ count: inout Int) {
    if count > 0, regions[count - 1].iov_base + regions[count - 1].iov_len == UnsafeMutableRawPointer(mutating: start) {
      regions[count - 1].iov_len += length
      return
    }
    regions[count] = iovec(iov_base: UnsafeMutableRawPointer(mutating: start), iov_len: length)
    count += 1
  }

  private func advance(_ count: Int) {
    var left = count
    while left > 0 {
      let job = jobs[sending]
      let phrase = vocabulary.phrase(job.operation, shape: job.shape)
      let unsent = job.headBytes + phrase.requestBodyBytes + phrase.requestEnd.count - sentBytes
      guard left >= unsent else { return sentBytes += left }
      left -= unsent
      sending += 1
      sentBytes = 0
    }
  }

  // MARK: - Receiving

  /// Takes the answers that are there; with `waits` all that are outstanding.
  func receive(waits: Bool) throws(Failure) {
    var mayHaveMore = true
    while !jobs.isEmpty {
      if bodyLeft > 0 {
        guard try takeBody(waits, &mayHaveMore) else { return }
      } else {
        guard try takeHead(waits, &mayHaveMore) else { return }
      }
    }
  }

  private func takeHead(_ waits: Bool, _ mayHaveMore: inout Bool) throws(Failure) -> Bool {
    let answered = firstAnswered()
    let job = jobs[answered]
    let phrase = vocabulary.phrase(job.operation, shape: job.shape)
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

  /// Large bodies are not wanted in the inbox; everything else comes along in one call.
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
        // The kernel drops the bytes without copying them anywhere.
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

  private func took(_ count: Int) {
    bodyLeft -= count
    bodyAt += count
  }

  private func verify() throws(Failure) {
    guard verifies else { return }
    let job = jobs[jobs.oldest]
    let count = vocabulary.phrase(.get, shape: job.shape).replyBodyBytes
    guard pattern.matches(UnsafeRawBufferPointer(rebasing: body[..<count]), key: job.key) else {
      throw Failure("key \(job.key): the value read is not the value stored")
    }
  }

  /// Zero when there is nothing now.
  private func receive(
    into space: UnsafeMutableRawBufferPointer, _ flags: Int32, _ mayHaveMore: inout Bool, length: Int? = nil
  ) throws(Failure) -> Int {
    guard mayHaveMore else { return 0 }
    let wanted = length ?? space.count
    let count = recv(descriptor, space.baseAddress, wanted, flags)
    if count < 0, errno == EAGAIN, flags & Int32(MSG_DONTWAIT) != 0 { return 0 }
    if count < 0, errno == EINTR { return try receive(into: space, flags, &mayHaveMore, length: length) }
    guard count > 0 else { throw broken("receive", count) }
    heardAt = MonotonicClock.now()
    // Less than asked for: the next call would find nothing.
    if count < wanted, flags & Int32(MSG_DONTWAIT) != 0 { mayHaveMore = false }
    return count
  }

  // MARK: - Ends

  private func firstAnswered() -> Int {
    var position = jobs.oldest
    while true {
      let job = jobs[position]
      if vocabulary.phrase(job.operation, shape: job.shape).isAnswered { return position }
      position += 1
      precondition(position < jobs.end, "a burst ends with something that is answered")
    }
  }

  /// The PUTs before an answer are over; of the last one the confirmation knows whether it was kept.
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

  private func broken(_ what: String, _ count: Int) -> Failure {
    if count == 0 { return Failure("\(what): the server closed the connection") }
    if errno == EAGAIN { return Failure("\(what): nothing moved for \(Limits.benchSilenceSecondsMax) s") }
    return Failure(what, code: errno)
  }

  private func quoted(_ bytes: UnsafeRawBufferPointer) -> String {
    String(decoding: bytes.prefix(24), as: UTF8.self).debugDescription
  }
}
