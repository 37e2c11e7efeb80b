import Base
import Testing
import Wire

@testable import Objects
@testable import Store

/// The meaning of an object's names, one rule a test.
@Suite struct ObjectTests {
  /// 2 x 8 x 16 x 4 elements of two bytes.
  private let plain = ObjectMeta(format: 1, type: 3, shape: (2, 8, 16, 4))
  private let length = 2048
  private typealias Spelling = (bytes: String, metadata: String)
  private let spellings: [Spelling] = [
    (bytes: "Kkv_bytes", metadata: "Kmetadata"),
    (bytes: "K:kv_bytes", metadata: "K:metadata"),
    (bytes: "{K}:kv_bytes", metadata: "{K}:metadata"),
  ]

  private func lane() throws -> Lane { try Store.make(mebibytes: 8).lane(0) }

  @Test(arguments: 0..<3)
  func bytesThenMetadataJoin(style: Int) throws {
    let lane = try lane()
    let names = spellings[style]
    #expect(lane.set(names.bytes, length: length, version: 3, at: 0) == true)
    #expect(lane.nameCount() == 1 && !lane.has("K", .withMeta, at: 0) && lane.shown("K", at: 0) == nil)
    #expect(lane.set(names.metadata, metadata(length: length, plain), at: 0) == true)
    #expect(lane.nameCount() == 2 && Set(lane.scan(at: 0)) == [names.bytes, names.metadata])
    var burst = TouchBurst()
    let pin = lane.find("K", .withMeta, at: 0, &burst)!
    let isExact = pin.length == length && pin.meta == plain && pin.holds(version: 3)
    #expect(isExact)
    for spelling in spellings {
      #expect(lane.shows(spelling.bytes, version: 3, at: 0))
      #expect(lane.shown(spelling.metadata, at: 0) == .metadata(metadata(length: length, plain)))
      #expect(lane.length(name: spelling.metadata, at: 0) == 28)
    }
    #expect(lane.shows("K", version: 3, at: 0), "plain bytes are there under the bare key")
    #expect(!lane.has("K", .plain, at: 0), "the oldest generation sees no object")
  }

  /// An `lm` reply has room for one shape; the first of several would be wrong.
  @Test func anObjectOfSeveralGroupsIsNotForLM() throws {
    let lane = try lane()
    lane.set("Kkv_bytes", length: length, version: 3, at: 0)
    lane.set("Kmetadata", metadata(length: length, plain, groups: 2), at: 0)
    #expect(lane.shown("Kmetadata", at: 0) == .metadata(metadata(length: length, plain, groups: 2)))
    var burst = TouchBurst()
    #expect(!lane.has("K", .withMeta, at: 0) && !lane.exists("K", .withMeta, at: 0, &burst))
    #expect(lane.counters.misses.value == 1 && lane.counters.existMisses.value == 1)
    var listed = 0
    for stripe in 0..<Lane.stripeCount { lane.forEachKey(stripe: stripe, kind: .withMeta, now: 0) { _ in listed += 1 } }
    #expect(listed == 0)
    lane.set("Kmetadata", metadata(length: length, plain), at: 0)
    #expect(lane.has("K", .withMeta, at: 0), "one group is enough for it")
  }

  @Test func metadataThatCameFirstWaitsUnseen() throws {
    let lane = try lane()
    #expect(lane.set("Kmetadata", metadata(length: length, plain), at: 0) == true)
    #expect(lane.shown("Kmetadata", at: 0) == nil && !lane.exists(name: "Kmetadata", at: 0))
    #expect(lane.length(name: "Kmetadata", at: 0) == nil && lane.timeToLive("Kmetadata", at: 0) == .absent)
    #expect(lane.nameCount() == 0 && lane.scan(at: 0).isEmpty)
    #expect(lane.vault.ledger.withLock { $0.snapshot().pageBytes } == 0, "only its record is kept")
    lane.set("Kkv_bytes", length: length, version: 1, at: 0)
    #expect(lane.shown("Kmetadata", at: 0) == .metadata(metadata(length: length, plain)))
    #expect(lane.has("K", .withMeta, at: 0))
  }

  @Test func aDeletedWaitingMetadataDoesNotJoin() throws {
    let lane = try lane()
    lane.set("Kmetadata", metadata(length: length, plain), at: 0)
    #expect(!lane.remove(name: "Kmetadata", at: 0))
    lane.set("Kkv_bytes", length: length, at: 0)
    #expect(!lane.has("K", .withMeta, at: 0) && lane.shown("Kmetadata", at: 0) == nil)
  }

  @Test func onlyTheLengthThatFitsJoins() throws {
    let lane = try lane()
    lane.set("Kkv_bytes", length: length, version: 1, at: 0)
    #expect(lane.set("Kmetadata", metadata(length: length + 1, plain), at: 0) == true)
    #expect(lane.shown("Kmetadata", at: 0) == nil && !lane.has("K", .withMeta, at: 0))
    #expect(lane.shows("Kkv_bytes", version: 1, at: 0))
    lane.set("Kmetadata", metadata(length: length, plain), at: 0)
    #expect(lane.has("K", .withMeta, at: 0))
    // Bytes of another length remove the metadata, bytes of the same length do not.
    lane.set("Kkv_bytes", length: length, version: 2, at: 0)
    #expect(lane.has("K", .withMeta, at: 0) && lane.shows("Kkv_bytes", version: 2, at: 0))
    lane.set("Kkv_bytes", length: length + 2, version: 3, at: 0)
    #expect(!lane.has("K", .withMeta, at: 0) && lane.shown("Kmetadata", at: 0) == nil)
    #expect(lane.shows("Kkv_bytes", version: 3, at: 0) && lane.nameCount() == 1)
    // Negative lengths fit nothing.
    lane.set("Lkv_bytes", length: 10, at: 0)
    lane.set("Lmetadata", metadata(length: -10, plain), at: 0)
    #expect(lane.shown("Lmetadata", at: 0) == nil)
  }

  @Test func whatIsNoMetadataIsAPlainValue() throws {
    let lane = try lane()
    for (index, count) in [0, 1, 8, 27, 29, 47, ObjectMeta.byteCountMax + 20].enumerated() {
      let name = "K\(index)metadata"
      lane.set(name, length: count, version: index, at: 0)
      #expect(lane.shown(name, at: 0) == .value(length: count, meta: nil))
      #expect(lane.shows(name, version: index, at: 0) && lane.exists(name: name, at: 0))
      #expect(lane.shown("K\(index):metadata", at: 0) == nil, "another name")
    }
    #expect(lane.nameCount() == 7)
    // It replaces metadata, and metadata replaces it.
    lane.set("Kkv_bytes", length: length, at: 0)
    lane.set("Kmetadata", metadata(length: length, plain), at: 0)
    lane.set("Kmetadata", length: 5, version: 9, at: 0)
    #expect(!lane.has("K", .withMeta, at: 0) && lane.shows("Kmetadata", version: 9, at: 0))
    #expect(lane.shown("Kkv_bytes", at: 0) != nil)
    lane.set("Kmetadata", metadata(length: length, plain), at: 0)
    #expect(lane.shown("Kmetadata", at: 0) == .metadata(metadata(length: length, plain)))
    #expect(lane.remove(name: "Kkv_bytes", at: 0) && lane.shown("Kmetadata", at: 0) == nil)
    lane.vault.checkInvariants()
  }

  @Test func hybridModelsKeepAllTheirGroups() throws {
    let lane = try lane()
    for groups in [2, 8, 9, 16, ObjectMeta.groupsMax] {
      let bytes = metadata(length: length, plain, groups: groups)
      lane.set("Kkv_bytes", length: length, at: 0)
      lane.set("Kmetadata", bytes, at: 0)
      #expect(lane.shown("Kmetadata", at: 0) == .metadata(bytes))
      #expect(lane.length(name: "Kmetadata", at: 0) == bytes.count)
      #expect(!lane.has("K", .withMeta, at: 0), "an lm reply has room for one")
      #expect(lane.shown("K", at: 0) == nil, "one tensor is not all of it")
      lane.set("Kkv_bytes", length: length, at: 0)
      #expect(lane.shown("Kmetadata", at: 0) == .metadata(bytes), "rewritten bytes keep it")
      lane.vault.checkInvariants()
    }
    // Waiting metadata, too.
    let bytes = metadata(length: 3 * length, plain, groups: 3)
    lane.set("Lmetadata", bytes, at: 0)
    lane.vault.checkInvariants()
    lane.set("Lkv_bytes", length: 3 * length, at: 0)
    #expect(lane.shown("Lmetadata", at: 0) == .metadata(bytes))
    lane.vault.checkInvariants()
  }

  @Test func anLMObjectIsSeenUnderAllItsNames() throws {
    let lane = try lane()
    lane.put("K", length: length, version: 4, meta: plain, at: 0)
    for spelling in spellings {
      #expect(lane.shows(spelling.bytes, version: 4, at: 0) && lane.exists(name: spelling.metadata, at: 0))
      #expect(lane.shown(spelling.metadata, at: 0) == .metadata(metadata(length: length, plain)))
    }
    #expect(Set(lane.scan(at: 0)) == ["Kkv_bytes", "Kmetadata"] && lane.nameCount() == 2)
    #expect(lane.shows("K", version: 4, at: 0) && lane.exists(name: "K", at: 0))
    // Each replaces the other.
    lane.set("Kkv_bytes", length: length, version: 5, at: 0)
    #expect(lane.shows("K", version: 5, at: 0))
    lane.put("K", length: 10, version: 6, meta: plain, at: 0)
    #expect(lane.shows("Kkv_bytes", version: 6, at: 0) && lane.shown("K", at: 0) == nil, "10 bytes are no such tensor")
    #expect(lane.remove("K") && lane.scan(at: 0).isEmpty)
  }

  @Test(arguments: [Int32(0), 4, 5])
  func opaqueBytesAreNotThereUnderTheBareKey(format: Int32) throws {
    let lane = try lane()
    let meta = ObjectMeta(format: format, type: 3, shape: (2, 8, 16, 4))
    lane.put("K", length: length, version: 4, meta: meta, at: 0)
    #expect(lane.shown("K", at: 0) == nil && !lane.exists(name: "K", at: 0) && !lane.remove(name: "K", at: 0))
    #expect(lane.shown("Kkv_bytes", at: 0) != nil && lane.has("K", .withMeta, at: 0))
  }

  @Test func theLastToBeStoredIsWhatTheKeyMeans() throws {
    let lane = try lane()
    lane.put("K", length: length, version: 1, meta: plain, at: 0)
    lane.set("K", length: length, version: 2, at: 0)
    #expect(lane.shows("K", version: 2, at: 0) && !lane.has("K", .withMeta, at: 0), "its shape is unknown")
    #expect(lane.has("K", .plain, at: 0) && lane.shown("Kmetadata", at: 0) == nil && lane.nameCount() == 1)
    lane.put("K", length: length, version: 3, meta: plain, at: 0)
    #expect(lane.shows("K", version: 3, at: 0) && lane.nameCount() == 2)
    // Halves leave a plain value alone until they join.
    lane.set("L", length: 5, version: 7, at: 0)
    lane.set("Lkv_bytes", length: length, version: 8, at: 0)
    #expect(lane.shows("L", version: 7, at: 0) && lane.shows("Lkv_bytes", version: 8, at: 0))
    lane.set("L", length: 6, version: 9, at: 0)
    #expect(lane.shows("Lkv_bytes", version: 8, at: 0))
    lane.set("Lmetadata", metadata(length: length, plain), at: 0)
    #expect(lane.shows("L", version: 8, at: 0) && lane.nameCount() == 4)
    lane.vault.checkInvariants()
  }

  @Test(arguments: ["Kkv_bytes", "Kmetadata", "K:metadata", "K"])
  func theHalvesAreDeletedTogether(name: String) throws {
    let lane = try lane()
    lane.set("Kkv_bytes", length: length, at: 0)
    lane.set("Kmetadata", metadata(length: length, plain), at: 0)
    #expect(lane.remove(name: name, at: 0))
    for name in ["Kkv_bytes", "Kmetadata", "K"] {
      #expect(lane.shown(name, at: 0) == nil && !lane.remove(name: name, at: 0))
    }
    #expect(lane.nameCount() == 0 && !lane.has("K", .withMeta, at: 0))
    #expect(lane.vault.promises.book.withLock { $0.bytes } == 0, "the lease ends with it")
  }

  @Test func conditionsAreAboutNames() throws {
    let lane = try lane()
    let absent = SetOptions(condition: .onlyIfAbsent)
    let present = SetOptions(condition: .onlyIfPresent)
    #expect(lane.set("a", length: 1, version: 1, present, at: 0) == false && lane.shown("a", at: 0) == nil)
    #expect(lane.set("a", length: 1, version: 1, absent, at: 0) == true)
    #expect(lane.set("a", length: 1, version: 2, absent, at: 0) == false && lane.shows("a", version: 1, at: 0))
    #expect(lane.set("a", length: 1, version: 3, present, at: 0) == true && lane.shows("a", version: 3, at: 0))
    // Hidden metadata counts as absent; that of an lm object exists.
    #expect(lane.set("Kmetadata", metadata(length: 9, plain), absent, at: 0) == true)
    #expect(lane.set("Kmetadata", metadata(length: 9, plain), present, at: 0) == false)
    lane.put("L", length: length, version: 1, meta: plain, at: 0)
    #expect(lane.set("Lmetadata", length: 3, absent, at: 0) == false)
    #expect(lane.set("L:kv_bytes", length: 3, absent, at: 0) == false)
    #expect(lane.set("L", length: 3, absent, at: 0) == false)
    #expect(lane.has("L", .withMeta, at: 0))
    lane.vault.checkInvariants()
  }

  @Test func theConditionIsDecidedInTheEnd() throws {
    let lane = try lane()
    var first = lane.begin(name: "a", length: 4, at: 0)!
    var second = lane.begin(name: "a", length: 4, at: 0)!
    var burst = TouchBurst()
    let absent = SetOptions(condition: .onlyIfAbsent)
    #expect(first.extend(to: 4, now: 0) == .ready && second.extend(to: 4, now: 0) == .ready)
    second.write(version: 2, until: 4, now: 0)
    first.write(version: 1, until: 4, now: 0)
    let laterStored = second.publish(now: 0, burst: &burst, options: absent).isStored
    let earlierStored = first.publish(now: 0, burst: &burst, options: absent).isStored
    #expect(laterStored && !earlierStored && lane.shows("a", version: 2, at: 0))
    lane.vault.checkInvariants()
  }

  @Test func theValueBeforeIsGivenOut() throws {
    let lane = try lane()
    func previous(_ name: String, _ bytes: [UInt8], _ condition: SetOptions.Condition = .none) -> Shown? {
      var reservation = lane.begin(name: name, length: bytes.count, at: 0)!
      _ = reservation.extend(to: bytes.count, now: 0)
      reservation.write(bytes, now: 0)
      var burst = TouchBurst()
      var outcome = reservation.publish(
        now: 0, burst: &burst, options: SetOptions(condition: condition, wantsPrevious: true))
      switch outcome.previous.take() {
      case .bytes(let pin): return .value(length: pin.length, meta: pin.meta)
      case .metadata(let bytes): return .metadata(bytes.array)
      case .away: return nil
      case nil: return nil
      }
    }
    #expect(previous("a", [1, 2]) == nil)
    #expect(previous("a", [1, 2, 3]) == .value(length: 2, meta: nil))
    #expect(previous("a", [1], .onlyIfAbsent) == .value(length: 3, meta: nil))
    #expect(lane.length(name: "a", at: 0) == 3)
    lane.put("K", length: length, meta: plain, at: 0)
    #expect(previous("Kmetadata", metadata(length: length, plain)) == .metadata(metadata(length: length, plain)))
    #expect(previous("Kmetadata", [1]) == .metadata(metadata(length: length, plain)))
    #expect(previous("Kmetadata", [1, 2]) == .value(length: 1, meta: nil))
    #expect(previous("Kkv_bytes", [1]) == .value(length: length, meta: nil))
    lane.vault.checkInvariants()
  }

  @Test func longNamesHaveRoomBesideTheirRecords() throws {
    let store = try Store.make(mebibytes: 8)
    let lane = store.lane(0)
    let lengths = [150, 151, 152, 153, 300, 304, 305, 456, 457, 5000, Limits.nameBytesMax]
    let names = lengths.map { String(repeating: "n", count: $0 - 1) + "x" }
    for (index, name) in names.enumerated() {
      #expect(lane.set(name, length: 100, version: index, at: 0) == true)
      #expect(lane.set(String(name.dropLast()) + "y", length: 100, version: 50 + index, at: 0) == true)
      store.checkInvariants()
    }
    for (index, name) in names.enumerated() {
      #expect(lane.shows(name, version: index, at: 0))
      #expect(lane.shows(String(name.dropLast()) + "y", version: 50 + index, at: 0))
    }
    #expect(lane.scan(at: 0).count == 2 * names.count && Set(lane.scan(at: 0)).isSuperset(of: names))
    var listed = 0
    for stripe in 0..<Lane.stripeCount { lane.forEachKey(stripe: stripe, kind: .plain, now: 0) { _ in listed += 1 } }
    #expect(listed == 2, "lm lists what lm can ask for")
    for (index, name) in names.enumerated() { lane.set(name, length: 70_000, version: index + 100, at: 0) }
    for (index, name) in names.enumerated() { #expect(lane.shows(name, version: index + 100, at: 0)) }
    let longest = String(repeating: "k", count: Limits.nameBytesMax - 8)
    lane.set(longest + "kv_bytes", length: length, at: 0)
    lane.set(longest + "metadata", metadata(length: length, plain, groups: 4), at: 0)
    #expect(lane.shown("{" + longest + "}:metadata", at: 0) == .metadata(metadata(length: length, plain, groups: 4)))
    store.checkInvariants()
    for name in names + [String(longest) + "kv_bytes"] { #expect(lane.remove(name: name, at: 0)) }
    store.checkInvariants()
  }

  @Test func recordsOfCommonEntriesHaveNotGrown() {
    #expect(Limits.recordBytes == 320 && EntryTable.payloadBytes >= Limits.keyBytesMax)
    #expect(EntryTable.annexRecords(keyLength: Limits.keyBytesMax) == 0)
    let start = MemoryLayout<Entry>.offset(of: \.stripes)!
    let end = MemoryLayout<Entry.StripePart>.offset(of: \.useCount)!
    #expect(start + end <= 64, "what a lookup reads lies in the first line")
  }
}
