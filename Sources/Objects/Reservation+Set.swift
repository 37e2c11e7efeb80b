import Base
import Store
import Wire

extension Reservation {
  /// SET: everything that it decides, decided in the moment in which the value becomes visible.
  package consuming func publish(now: UInt64, burst: inout TouchBurst, options: SetOptions) -> SetOutcome {
    let (lane, length) = (lane, length)
    var previous: NameContents?
    var isMetadata = false
    let isStored = publish(now: now) { key in
      let newcomer = key.newcomer
      isMetadata = newcomer.kind == .hidden
      let target = NameTarget(newcomer.kind.part, ObjectName.Style(newcomer), in: key)
      if options.wantsPrevious { previous = target?.contents(in: key) }
      guard options.condition.allows(isPresent: target != nil) else {
        key.discard()
        return false
      }
      key.setDeadline(options.deadline.milliseconds(replacing: target), of: newcomer)
      key.settle(newcomer, burst: &burst)
      return true
    }
    // By a planted bug it is visible before.
    guard let isStored else { return SetOutcome(isStored: true) }
    if isStored, !isMetadata {
      lane.counters.published.add()
      lane.counters.publishedBytes.add(length)
    }
    return SetOutcome(isStored: isStored, previous: previous.map { NamedValue($0, lane: lane) })
  }
}

extension KeyTransaction {
  fileprivate mutating func settle(_ newcomer: KeyEntry, burst: inout TouchBurst) {
    switch newcomer.kind {
    case .hidden: settleMetadata(newcomer, burst: &burst)
    case .bytesAlone: settleBytes(newcomer, burst: &burst)
    case .plain: settle(replacing: KindSet(.plain), displacing: KindSet(.withMeta), burst: &burst)
    default:
      // A plain value under a metadata name: the object has no metadata any more.
      if let object = entry(.withMeta) { dropAnnotation(of: object, becoming: .bytesAlone) }
      settle(replacing: KindSet(newcomer.kind), displacing: KindSet(.hidden), burst: &burst)
    }
  }

  /// Bytes of an object. Its metadata, whichever came first, stays if it still fits.
  private mutating func settleBytes(_ newcomer: KeyEntry, burst: inout TouchBurst) {
    guard let held = entry(of: .object), held.hasAnnotation, held.length == newcomer.length else {
      return settle(replacing: .object, displacing: .none, burst: &burst)
    }
    if held.kind == .hidden { setDeadline(EntryDeadline.sooner(newcomer.deadline, held.deadline), of: newcomer) }
    takeAnnotation(of: held, becoming: .withMeta)
    settle(replacing: .object, displacing: KindSet.plainMetadata.adding(.plain), burst: &burst)
  }

  /// Metadata of an object. It joins bytes that are there; without any it waits, unseen; other bytes contradict it,
  /// and an object of neither is left.
  private mutating func settleMetadata(_ newcomer: KeyEntry, burst: inout TouchBurst) {
    readMetadata()
    let rival = KindSet(.plainMetadata(ObjectName.Style(newcomer)))
    guard let object = entry(of: .withBytes) else {
      dropNewcomersBytes()
      return settle(replacing: .object, displacing: rival, burst: &burst)
    }
    var leaving = rival
    if object.length == newcomer.length {
      setDeadline(EntryDeadline.sooner(object.deadline, newcomer.deadline), of: object)
      let touch = touch(object, burst: &burst)
      giveAnnotation(to: object, becoming: .withMeta, touch)
      leaving = KindSet.plainMetadata.adding(.plain)
    } else if object.kind == .withMeta {
      dropAnnotation(of: object, becoming: .bytesAlone)
    }
    remove(leaving)
    discard()
  }

  /// What has arrived as a value becomes what the entry says of itself.
  private func readMetadata() {
    let bytes = newcomersBytes
    let (statedLength, meta) = ObjectMeta.decode(bytes.bytes)
    let rest = UnsafeRawBufferPointer(rebasing: bytes[ObjectMeta.firstGroupEnd...])
    makeAnnotation(meta, rest, ofLength: UInt32(bitPattern: statedLength))
  }
}

extension SetOptions.Deadline {
  fileprivate func milliseconds(replacing target: NameTarget?) -> UInt64 {
    switch self {
    case .never: 0
    case .kept: target?.entry.deadline ?? 0
    case .at(let time): EntryDeadline.at(time)
    }
  }
}

extension SetOptions.Condition {
  fileprivate func allows(isPresent: Bool) -> Bool {
    switch self {
    case .none: true
    case .onlyIfAbsent: !isPresent
    case .onlyIfPresent: isPresent
    }
  }
}
