import Base
import Glibc
import IO
import Store

/// How many regions are to be sent, and how many of them as copies; the pages of those behind may be lent.
struct Gathering {
  let count: Int
  let copied: Int

  var isLent: Bool { copied < count }
}

/// Replies on their way out, in order: text in chunks that never move, and between two bytes of it the values that are
/// sent from their pages. Text and values leave together, as much as a slice holds; each value is let go when its last
/// byte has left.
struct Outbox: ~Copyable {
  private struct Chunk {
    let memory: UnsafeMutableRawBufferPointer
    var start = 0
    var end = 0
    /// Of the session, which keeps it until it has left.
    var isSessions = false
  }

  private struct Value: ~Copyable {
    /// The byte of all text before which it stands.
    let position: UInt64
    let pin: Pin
    var sent = 0
  }

  private let store: Store
  /// The connection's own memory, and the first to be written to.
  private let own: UnsafeMutableRawBufferPointer
  private var isOwnFree = true
  private var chunks: [Chunk] = []
  private var spare: UnsafeMutableRawBufferPointer?
  private var values = Queue<Value>()
  /// Counted since the session began.
  private var textWritten: UInt64 = 0
  private var textSent: UInt64 = 0
  /// The budget had no room for what was appended: the session has to end.
  private(set) var isOverdrawn = false
  /// Of values that wait, or of which a part waits.
  private(set) var pinnedBytes = 0

  /// - Parameter own: stays where it is for as long as this lives.
  init(own: UnsafeMutableRawBufferPointer, store: Store) {
    self.own = own
    self.store = store
  }

  deinit {
    for chunk in chunks where !chunk.isSessions && chunk.memory.baseAddress != own.baseAddress { free(chunk.memory) }
    if let spare { free(spare) }
    store.discharge(values.byteCount)
  }

  var textBytes: Int { Int(textWritten - textSent) }
  var valueCount: Int { values.count }
  /// Of values, and not sent.
  var valueBytes: Int { values.count > 0 ? pinnedBytes - values[0].sent : 0 }
  var isEmpty: Bool { textWritten == textSent && values.count == 0 }

  // MARK: Appending

  /// Whether so much text needs no more memory.
  func hasRoom(_ bytes: Int) -> Bool {
    let last = chunks.count - 1
    return bytes <= (last < 0 ? own.count : chunks[last].memory.count - chunks[last].end)
  }

  /// Writes text; `room` is the most that `body` appends.
  mutating func write(room: Int, _ body: (inout OutputRawSpan) -> Void) {
    let last = chunkWithRoom(room)
    let memory = UnsafeMutableRawBufferPointer(rebasing: chunks[last].memory[chunks[last].end...])
    var output = OutputRawSpan(buffer: memory, initializedCount: 0)
    body(&output)
    let count = output.finalize(for: memory)
    chunks[last].end += count
    textWritten += UInt64(count)
  }

  mutating func append(_ bytes: UnsafeRawBufferPointer) {
    guard bytes.count > 0 else { return }
    let last = chunkWithRoom(bytes.count)
    memcpy(chunks[last].memory.baseAddress! + chunks[last].end, bytes.baseAddress!, bytes.count)
    chunks[last].end += bytes.count
    textWritten += UInt64(bytes.count)
  }

  /// Text that stays where it is until it has left, or until nothing is sent any more.
  mutating func append(inPlace bytes: UnsafeMutableRawBufferPointer) {
    guard bytes.count > 0 else { return }
    chunks.append(Chunk(memory: bytes, end: bytes.count, isSessions: true))
    textWritten += UInt64(bytes.count)
  }

  /// A value behind the text so far.
  mutating func append(_ pin: consuming Pin) {
    // A value without bytes is never queued: it would wait for a last byte that never leaves.
    guard pin.length > 0 else { return }
    pinnedBytes += pin.length
    let before = values.byteCount
    values.append(Value(position: textWritten, pin: pin))
    guard values.byteCount != before else { return }
    let isBooked = store.charge(values.byteCount - before)
    // The first few are what a client that was let in may always have: an engine that is cut off never comes back.
    if !isBooked, values.count > Limits.gatheredValuesMax { isOverdrawn = true }
  }

  /// A value as text: a few bytes are cheaper to copy than to hold and to send from their place.
  mutating func appendCopy(of pin: borrowing Pin, regions: UnsafeMutableBufferPointer<iovec>) {
    let count = pin.regions(from: 0, max: pin.length, into: regions)
    var index = 0
    while index < count {
      append(UnsafeRawBufferPointer(start: regions[index].iov_base, count: regions[index].iov_len))
      index += 1
    }
  }

  private mutating func chunkWithRoom(_ room: Int) -> Int {
    let last = chunks.count - 1
    if last >= 0, chunks[last].memory.count - chunks[last].end >= room { return last }
    chunks.append(Chunk(memory: takeMemory(room)))
    return chunks.count - 1
  }

  private mutating func takeMemory(_ room: Int) -> UnsafeMutableRawBufferPointer {
    if room <= own.count, isOwnFree {
      isOwnFree = false
      return own
    }
    if room <= Limits.outboxChunkBytes, let memory = spare.take() { return memory }
    let bytes = max(room, Limits.outboxChunkBytes)
    if !store.charge(bytes) { isOverdrawn = true }
    return .allocate(byteCount: bytes, alignment: 16)
  }

  // MARK: Sending

  /// What is next to be sent: at most a slice of values, and the text around them, so that a head, its value and its line
  /// end leave together. Behind what is lent goes nothing.
  func gather(into regions: UnsafeMutableBufferPointer<iovec>, lends: Bool) -> Gathering {
    var (textLeft, valuesLeft) = (Limits.sliceBytes, Limits.sliceBytes)
    var (count, position, chunk, skipped, value) = (0, textSent, 0, 0, 0)
    while count < regions.count - 1 {
      let textEnd = value < values.count ? values[value].position : textWritten
      if position < textEnd {
        let available = chunks[chunk].end - chunks[chunk].start - skipped
        if available == 0 {
          (chunk, skipped) = (chunk + 1, 0)
          continue
        }
        let length = min(available, Int(textEnd - position), textLeft)
        guard length > 0 else { break }
        regions[count] = iovec(
          iov_base: chunks[chunk].memory.baseAddress! + chunks[chunk].start + skipped, iov_len: length)
        (count, position, skipped, textLeft) = (
          count + 1, position + UInt64(length), skipped + length, textLeft - length
        )
      } else if value < values.count, valuesLeft > 0 {
        let rest = UnsafeMutableBufferPointer(rebasing: regions[count...])
        let sent = values[value].sent
        let wanted = min(values[value].pin.length - sent, valuesLeft)
        let lent = lends ? values[value].pin.lend(from: sent, min: Limits.lentBytesMin, max: wanted) : 0
        if lent > 0 {
          let pieces = values[value].pin.regions(from: sent, max: lent, into: rest)
          return Gathering(count: count + pieces, copied: count)
        }
        let pieces = values[value].pin.regions(from: sent, max: wanted, into: rest)
        let length = rest.byteCount(ofFirst: pieces)
        (count, valuesLeft) = (count + pieces, valuesLeft - length)
        // What does not fit goes with the next send.
        guard sent + length == values[value].pin.length else { break }
        value += 1
      } else {
        break
      }
    }
    return Gathering(count: count, copied: count)
  }

  /// Forgets what the kernel has taken.
  mutating func drop(_ taken: Int) {
    var left = taken
    while left > 0 {
      let textEnd = values.count > 0 ? values[0].position : textWritten
      if textSent < textEnd {
        left -= dropText(min(left, Int(textEnd - textSent)))
      } else {
        let length = values[0].pin.length
        let part = min(left, length - values[0].sent)
        values[0].sent += part
        left -= part
        if values[0].sent == length {
          pinnedBytes -= length
          _ = values.removeFirst()
        }
      }
    }
  }

  /// Drops from the first chunk with something in it; how much.
  private mutating func dropText(_ count: Int) -> Int {
    while chunks[0].start == chunks[0].end { recycle(chunks.removeFirst()) }
    let part = min(count, chunks[0].end - chunks[0].start)
    chunks[0].start += part
    textSent += UInt64(part)
    if chunks.count == 1, chunks[0].start == chunks[0].end {
      // All said: the chunk begins anew, unless it was made for one long reply.
      if chunks[0].isSessions || chunks[0].memory.count > Limits.outboxChunkBytes {
        recycle(chunks.removeFirst())
      } else {
        (chunks[0].start, chunks[0].end) = (0, 0)
      }
    }
    return part
  }

  private mutating func recycle(_ chunk: Chunk) {
    let memory = chunk.memory
    if chunk.isSessions { return }
    if memory.baseAddress == own.baseAddress {
      isOwnFree = true
    } else if spare == nil, memory.count == Limits.outboxChunkBytes {
      spare = memory
    } else {
      free(memory)
    }
  }

  private func free(_ memory: UnsafeMutableRawBufferPointer) {
    store.discharge(memory.count)
    memory.deallocate()
  }
}
