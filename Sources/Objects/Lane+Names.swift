import Base
import Store
import Wire

/// The store as clients see it that go by names. A name is a key of a plain value, or of one half of an object.
/// What a name means is said in proto/objects.md.
extension Lane {
  /// GET. Metadata is a look-up like `exists`: where that is answered no, it is not served.
  package func find(name: RawSpan, now: UInt64, burst: inout TouchBurst) -> NamedValue? {
    var isRefused = false
    let found: (contents: NameContents, touch: Touch?)? = look(name, now: now) { target, key in
      guard target.isMetadata else {
        // It is looked up again once it is here: that is the fetch.
        if key.away(target.entry) != nil { return (target.contents(in: key), nil) }
        return (target.contents(in: key), key.fetch(target.entry, burst: &burst))
      }
      guard case .yes(let touch) = key.lookUp(target.entry, burst: &burst) else {
        isRefused = true
        return nil
      }
      return (target.contents(in: key), touch)
    }
    guard let found else {
      if isRefused { counters.leasesRefused.add() }
      let asker = burst.asker
      withKey(of: name) { countMiss(ofKey: $1, by: asker, now: now) }
      return nil
    }
    if case .away(let ref) = found.contents { return .away(ref) }
    counters.hits.add()
    if let touch = found.touch { remember(touch, now: now) }
    return NamedValue(found.contents, lane: self)
  }

  /// A GET that found it on a device only, which could not give it.
  package func countMiss(ofName name: RawSpan, by asker: Asker, now: UInt64) {
    withKey(of: name) { countMiss(ofKey: $1, by: asker, now: now) }
  }

  /// EXISTS. Whether the name is there, and will be when the client comes for it.
  package func exists(name: RawSpan, now: UInt64, burst: inout TouchBurst) -> Bool {
    let answer = look(name, now: now) { target, key in key.lookUp(target.entry, burst: &burst) }
    return withKey(of: name) { count(answer, ofKey: $1, now: now, burst: &burst) }
  }

  /// STRLEN, TYPE, and whatever asks without meaning to read: no promise, no touch.
  package func length(name: RawSpan, now: UInt64) -> Int? {
    look(name, now: now) { target, _ in target.byteCount }
  }

  /// TOUCH. True when the name is there; no promise.
  package func touch(name: RawSpan, now: UInt64, burst: inout TouchBurst) -> Bool {
    let touch = look(name, now: now) { target, key in key.touch(target.entry, burst: &burst) }
    guard let touch else { return false }
    remember(touch, now: now)
    return true
  }

  /// DEL, UNLINK. Both halves of an object go together, and its promise with them. Readers finish.
  package func remove(name: RawSpan, now: UInt64) -> Bool {
    withKey(of: name) { name, key in
      transact(on: key, now: now) { key in
        if let target = NameTarget(name.part, name.style, in: key) {
          key.remove(target.entry)
          counters.removed.add()
          return true
        }
        // Metadata that waits for its bytes is not seen, and goes all the same.
        if name.part == .metadata, let waiting = key.entry(.hidden) { key.remove(waiting) }
        key.removeElsewhere()
        return false
      }
    }
  }

  /// DBSIZE: an object that has both halves counts two.
  package func nameCount() -> Int {
    let counts = counts()
    return counts.indices.reduce(0) { $0 + counts[$1] * ValueKind(rawValue: UInt8($1)).nameCount }
  }

  // MARK: Storing

  /// Announces a value: the same reservation as an `lm` PUT's, ended by `publish(now:burst:options:)`.
  /// Nil: receive the body and throw it away (counted here, by reason); what the name held stays, because the client
  /// is told.
  package func begin(name: RawSpan, length: Int, now: UInt64) -> Reservation? {
    precondition(name.byteCount <= Limits.nameBytesMax)
    return withKey(of: name) { name, key in
      let kind = ValueKind(arriving: name, length: length)
      return begin(
        key: key, kind: kind, tag: name.style.rawValue, length: length,
        annotationBytes: kind == .hidden ? length - ObjectMeta.firstGroupEnd : 0, now: now)
    }
  }

  /// Whether it looks like a key of LMCache: fields between signs of @. Such a key names its contents, but for the one of
  /// its recovery check.
  package static func isChunk(name: RawSpan) -> Bool {
    name.withUnsafeBytes { name in name.count { $0 == UInt8(ascii: "@") } >= 2 }
  }

  /// The SET of a chunk found no room, and its client cannot be told. What the name holds stays while it is promised, and
  /// for good where the length is the same. Otherwise it goes: a client that is told that its value is stored must not read
  /// something older.
  package func removeStale(name: RawSpan, length: Int, now: UInt64) {
    let mayStay: Bool? = look(name, now: now) { target, key in
      if target.entry.isKept { return false }
      if target.byteCount == length { return true }
      return key.isPromised(target.entry)
    }
    guard let mayStay else {
      // Nor is anything older to be found later, on a device that is not known yet.
      return withKey(of: name) { transact(on: $1, now: now) { $0.removeElsewhere() } }
    }
    if !mayStay, remove(name: name, now: now) { counters.staleRemoved.add() }
  }

  // MARK: The key of a name

  /// Shows what the name stands for to `body`, in one moment; nil where it stands for nothing.
  func look<Result>(
    _ name: RawSpan, now: UInt64, _ body: (NameTarget, inout KeyTransaction) -> Result?
  ) -> Result? {
    withKey(of: name) { name, key in
      transact(on: key, now: now) { key in
        guard let target = NameTarget(name.part, name.style, in: key) else { return nil }
        return body(target, &key)
      }
    }
  }

  private func withKey<Result: ~Copyable>(
    of name: RawSpan, _ body: (ObjectName, UnsafeRawBufferPointer) -> Result
  ) -> Result {
    precondition(name.byteCount > 0)
    return name.withUnsafeBytes { bytes in
      let name = ObjectName(bytes)
      return body(name, UnsafeRawBufferPointer(rebasing: bytes[name.keyRange]))
    }
  }
}
