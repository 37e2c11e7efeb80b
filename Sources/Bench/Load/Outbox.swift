import Base
import Glibc

/// A connection's requests that are not sent yet: composed one after the other, and sent in as few calls as possible.
struct Outbox: ~Copyable {
  private let vocabulary: Vocabulary
  private let pattern: Pattern
  private let heads: UnsafeMutableRawBufferPointer
  private var headsEnd = 0
  private let regions: UnsafeMutableBufferPointer<iovec>
  /// The most bytes for one call: nothing else runs on the core while it copies.
  private let callBytesMax: Int
  /// The first job that is not sent completely, and how many of its bytes are sent.
  private var sending = 0
  private var sentBytes = 0

  init(_ vocabulary: Vocabulary, _ pattern: Pattern, depth: Int, callBytesMax: Int) {
    self.callBytesMax = callBytesMax
    self.vocabulary = vocabulary
    self.pattern = pattern
    // The space of heads is reused only when all are sent, so it has room for more than are under way.
    heads = .allocate(byteCount: 4 * depth * vocabulary.requestBytesMax, alignment: 64)
    regions = .allocate(capacity: Limits.benchRegionsPerSend)
  }

  deinit {
    heads.deallocate()
    regions.deallocate()
  }

  func hasUnsent(_ jobs: borrowing JobRing) -> Bool { sending < jobs.end }

  /// Whether an operation and its confirmation fit.
  func hasRoom(_ jobs: borrowing JobRing) -> Bool {
    !hasUnsent(jobs) || heads.count - headsEnd >= 2 * vocabulary.requestBytesMax
  }

  /// Writes the head of a job; the caller appends the job then.
  mutating func compose(_ job: Job, after jobs: borrowing JobRing) -> Job {
    if !hasUnsent(jobs) { headsEnd = 0 }
    var job = job
    job.shape = vocabulary.keys.shapeIndex(of: job.key)
    job.headOffset = headsEnd
    job.headBytes = vocabulary.phrase(of: job).compose(
      digits: vocabulary.keys.digits(of: job.key), at: heads.baseAddress! + headsEnd)
    headsEnd += job.headBytes
    return job
  }

  /// Sends as much as the kernel takes.
  mutating func flush(_ jobs: borrowing JobRing, to descriptor: Int32) throws(Failure) {
    while hasUnsent(jobs) {
      var header = msghdr()
      header.msg_iov = regions.baseAddress
      header.msg_iovlen = gather(jobs)
      let count = sendmsg(descriptor, &header, Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL))
      if count < 0, errno == EAGAIN { return }
      guard count > 0 else { throw Failure(moving: "send", count) }
      advance(jobs, count)
    }
  }

  /// Gathers the next bytes to send, as many as fit one call.
  private func gather(_ jobs: borrowing JobRing) -> Int {
    var count = 0
    var position = sending
    var skip = sentBytes
    var room = callBytesMax
    while position < jobs.end, count + 2 < regions.count, room > 0 {
      let job = jobs[position]
      let phrase = vocabulary.phrase(of: job)
      if skip < job.headBytes {
        add(heads.baseAddress! + job.headOffset + skip, job.headBytes - skip, &count)
        room -= job.headBytes - skip
        skip = job.headBytes
      }
      while skip < job.headBytes + phrase.requestBodyBytes, count < regions.count, room > 0 {
        let stretch = pattern.stretch(of: job.key, at: skip - job.headBytes, upTo: phrase.requestBodyBytes)
        let length = min(stretch.count, room)
        add(stretch.baseAddress!, length, &count)
        skip += length
        room -= length
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

  /// Adjacent heads are joined, so a batch without bodies is one region.
  @inline(__always)
  private func add(_ start: UnsafeRawPointer, _ length: Int, _ count: inout Int) {
    let start = UnsafeMutableRawPointer(mutating: start)
    if count > 0, regions[count - 1].iov_base + regions[count - 1].iov_len == start {
      // Assigned as a whole: `iov_len += length` breaks the compiler under the thread sanitizer.
      let last = regions[count - 1]
      regions[count - 1] = iovec(iov_base: last.iov_base, iov_len: last.iov_len + length)
      return
    }
    regions[count] = iovec(iov_base: start, iov_len: length)
    count += 1
  }

  private mutating func advance(_ jobs: borrowing JobRing, _ count: Int) {
    var left = count
    while left > 0 {
      let job = jobs[sending]
      let phrase = vocabulary.phrase(of: job)
      let unsent = job.headBytes + phrase.requestBodyBytes + phrase.requestEnd.count - sentBytes
      guard left >= unsent else { return sentBytes += left }
      left -= unsent
      sending += 1
      sentBytes = 0
    }
  }
}
