import Base

/// Reads requests: arrays of bulk strings, and inline commands. `proto/resp.md` tells the rules.
///
/// It is given all unconsumed bytes each time, from the first of a request on, and remembers how far it came; nothing
/// is copied. Arguments are places in those bytes. Memory is taken for arguments that are there, never for a count
/// that was announced.
package struct RESPRequestDecoder: ~Copyable {
  private enum State {
    case start
    case length
    case bulk(Int)
    /// The body was taken out; its line end comes next.
    case bodyEnd
    case done
  }

  /// A longer argument is reported as a body.
  package let gatheredBytesMax: Int
  /// Before a client has said its password, claims are smaller.
  package var isAuthenticated = true
  /// How many arguments the request announced, those that are not there yet among them.
  package private(set) var announcedCount = 0

  private var places: [Range<UInt32>] = []
  private var state = State.start
  private var position = 0
  /// No line end stands between `position` and here.
  private var scanned = 0

  package init(gatheredBytesMax: Int) {
    precondition(gatheredBytesMax <= Limits.respRequestBytesMax, "what is gathered fits a request")
    self.gatheredBytesMax = gatheredBytesMax
  }

  // MARK: Arguments

  package var argumentCount: Int { places.count }

  /// Where an argument stands in the bytes last given.
  package func argument(_ index: Int) -> Range<Int> {
    Int(places[index].lowerBound)..<Int(places[index].upperBound)
  }

  /// What it needs to remember them.
  package var placeBytes: Int { places.capacity * MemoryLayout<Range<UInt32>>.stride }

  // MARK: Decoding

  /// Inline arguments lose their quotes in place, which is why the bytes are given to be changed.
  package mutating func decode(_ bytes: inout MutableRawSpan) -> RESPParse {
    if case .done = state { reset() }
    do throws(RESPProtocolError) {
      let parse = try step(&bytes)
      // What is missing is judged as well, so that the session makes no room for it first.
      if case .needMore(let missing) = parse, bytes.byteCount + missing > Limits.respRequestBytesMax {
        throw .requestTooLong
      }
      return parse
    } catch {
      state = .done
      return .malformed(error)
    }
  }

  /// The body was cut out of the bytes: what followed it now stands at its offset.
  package mutating func takeBody() {
    guard case .bulk = state else { preconditionFailure("no body was reported") }
    append(position..<position)
    state = .bodyEnd
  }

  /// Has the reported body gathered; the next `decode` wants its bytes with the rest.
  package mutating func gatherBody() {
    guard case .bulk = state else { preconditionFailure("no body was reported") }
    isGathering = true
  }

  private var isGathering = false

  private mutating func step(_ bytes: inout MutableRawSpan) throws(RESPProtocolError) -> RESPParse {
    while true {
      switch state {
      case .start:
        guard bytes.byteCount > 0 else { return .needMore(1) }
        guard bytes.bytes.byte(at: 0) == UInt8(ascii: "*") else { return try inline(&bytes) }
        guard let count = try arrayLength(bytes.bytes) else { return .needMore(1) }
        if count <= 0 { return finish(.nothing(consumed: position)) }
        announcedCount = count
        state = .length
      case .length:
        if places.count == announcedCount { return finish(.request(consumed: position)) }
        guard let length = try bulkLength(bytes.bytes) else { return .needMore(1) }
        state = .bulk(length)
      case .bulk(let length):
        if length > gatheredBytesMax, !isGathering { return .body(bytes: length, offset: position) }
        let missing = position + length + 2 - bytes.byteCount
        if missing > 0 { return .needMore(missing) }
        append(position..<position + length)
        position += length
        isGathering = false
        try lineEnd(bytes.bytes)
      case .bodyEnd:
        let missing = position + 2 - bytes.byteCount
        if missing > 0 { return .needMore(missing) }
        try lineEnd(bytes.bytes)
      case .done: preconditionFailure("a request that is done was put aside")
      }
    }
  }

  private mutating func finish(_ parse: RESPParse) -> RESPParse {
    state = .done
    return parse
  }

  private mutating func reset() {
    state = .start
    (position, scanned, announcedCount) = (0, 0, 0)
    // A rare long request does not keep its memory for the connection's life.
    if places.capacity > Limits.respArgumentsKept {
      places = []
    } else {
      places.removeAll(keepingCapacity: true)
    }
  }

  private mutating func append(_ place: Range<Int>) {
    places.append(UInt32(place.lowerBound)..<UInt32(place.upperBound))
  }
}

// MARK: - Arrays

extension RESPRequestDecoder {
  private mutating func arrayLength(_ bytes: RawSpan) throws(RESPProtocolError) -> Int? {
    guard let line = try line(bytes, tooLong: .multibulkCountTooLong) else { return nil }
    guard let count = RESPNumber.parse(bytes, line.lowerBound + 1..<line.upperBound), count <= Int(Int32.max) else {
      throw .multibulkLength
    }
    guard isAuthenticated || count <= Limits.respArgumentsUnauthenticatedMax else {
      throw .multibulkLengthUnauthenticated
    }
    return count
  }

  private mutating func bulkLength(_ bytes: RawSpan) throws(RESPProtocolError) -> Int? {
    let start = position
    guard let line = try line(bytes, tooLong: .bulkCountTooLong) else { return nil }
    let first = bytes.byte(at: start)
    guard first == UInt8(ascii: "$") else { throw .expectedDollar(got: first) }
    guard let length = RESPNumber.parse(bytes, line.lowerBound + 1..<line.upperBound), length >= 0,
      length <= Limits.valueBytesMax
    else { throw .bulkLength }
    guard isAuthenticated || length <= Limits.respBulkBytesUnauthenticatedMax else {
      throw .bulkLengthUnauthenticated
    }
    return length
  }

  /// The line at `position`, which moves behind it; nil if it is not all there. As in Redis the byte behind the CR is taken
  /// for LF unseen: a line holds a number, and what is wrong with it shows in the next.
  private mutating func line(_ bytes: RawSpan, tooLong: RESPProtocolError) throws(RESPProtocolError) -> Range<Int>? {
    let start = position
    let searched = max(start, scanned)
    guard let end = bytes.firstOffset(of: UInt8(ascii: "\r"), in: searched..<bytes.byteCount) else {
      guard bytes.byteCount - start <= Limits.respLineBytesMax else { throw tooLong }
      scanned = bytes.byteCount
      return nil
    }
    guard end + 1 < bytes.byteCount else { return nil }
    (position, scanned) = (end + 2, end + 2)
    return start..<end
  }

  private mutating func lineEnd(_ bytes: RawSpan) throws(RESPProtocolError) {
    guard bytes.byte(at: position) == UInt8(ascii: "\r"), bytes.byte(at: position + 1) == UInt8(ascii: "\n") else {
      throw .bulkEnd
    }
    position += 2
    state = .length
  }
}

// MARK: - Inline commands

extension RESPRequestDecoder {
  private mutating func inline(_ bytes: inout MutableRawSpan) throws(RESPProtocolError) -> RESPParse {
    guard let newline = bytes.bytes.firstOffset(of: UInt8(ascii: "\n"), in: scanned..<bytes.byteCount) else {
      guard bytes.byteCount <= Limits.respLineBytesMax else { throw .inlineTooLong }
      scanned = bytes.byteCount
      return .needMore(1)
    }
    var end = newline
    if end > 0, bytes.bytes.byte(at: end - 1) == UInt8(ascii: "\r") { end -= 1 }
    var words = RESPInlineWords(range: 0..<end)
    while let word = try words.next(in: &bytes) { append(word) }
    announcedCount = places.count
    return finish(places.isEmpty ? .nothing(consumed: newline + 1) : .request(consumed: newline + 1))
  }
}

/// What the decoder made of the bytes so far.
package enum RESPParse: Equatable, Sendable {
  /// Not all there: come back with at least so many bytes behind the ones given.
  case needMore(Int)
  /// All arguments are there; the next request begins behind `consumed` bytes.
  case request(consumed: Int)
  /// An empty array or line, which is skipped without an answer.
  case nothing(consumed: Int)
  /// The next argument is long, and its `bytes` begin at `offset`: take it out of the way (`takeBody`), or have it gathered
  /// as every other argument (`gatherBody`).
  case body(bytes: Int, offset: Int)
  /// Answer with this and close.
  case malformed(RESPProtocolError)
}
