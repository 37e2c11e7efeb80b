import Base
import Store
import Wire

/// Checks whether an answer about a key can be true.
struct Judgement {
  let client: Client
  let awaited: Awaited
  let key: KeyRecord
  private let tick: Int

  init(client: Client, awaited: Awaited, key: KeyRecord) {
    self.client = client
    self.awaited = awaited
    self.key = key
    tick = client.life.tick
  }

  private var life: Life { client.life }

  /// The connection's last PUT of the key before the request.
  private var ownVersion: Int? {
    client.puts[..<awaited.putsBefore].last { $0.key === key }?.version
  }

  func exists(_ isThere: Bool) {
    guard isThere else { return misses() }
    if key.versions.allSatisfy({ $0.completedAt == nil }) { client.fail("EXIST of key \(key.number), never sent") }
    // A dropped overwrite leaves a promised value of any shape.
    if let ownVersion, life.drops == 0 || life.leaseSeconds == 0 { key.existsBehind(ownVersion) }
    // The recovery check's key does not name its contents: a failed overwrite removes it.
    guard !key.isRecoveryCheck else { return }
    guard life.leaseSeconds > 0, let gets = awaited.getsSettled, gets == key.getsSent else { return }
    let lease = UInt64(life.leaseSeconds) * 1_000_000_000
    let until = awaited.askedAt + min(lease, UInt64(Limits.promiseSecondsMin) * 1_000_000_000)
    let first = key.firstAskedAt ?? awaited.askedAt
    // Of several asks the late ones extend nothing; the server counts whole seconds.
    let isEarly = key.asksUnfetched == 1 || life.now + until - awaited.askedAt + 1_000_000_000 <= first + lease
    guard isEarly else { return }
    key.promise = KeyRecord.Promise(
      until: max(until, key.promise?.until ?? 0), firstAskedAt: first)
  }

  /// A miss is allowed unless there was a promise, or nothing was ever evicted.
  func misses() {
    guard !key.versions.isEmpty, !key.isMixed, (key.versions[0].meta != nil) == client.generation.carriesMeta
    else { return }
    // A dropped overwrite leaves a promised value. Only the recovery check's key may break a promise.
    if let promise = awaited.promise, life.now < promise.until, key.getsSent == awaited.getsSent,
      life.store.evicted(for: .recovery) == 0
    {
      client.fail("\(awaited.question.name) misses in spite of a promise")
    }
    let wasRefused: Bool
    if case .exist = awaited.question { wasRefused = life.leasesRefused > 0 } else { wasRefused = false }
    if minimumVersion > 0, life.losses == 0, !wasRefused {
      client.fail("\(awaited.question.name) misses version \(minimumVersion), and nothing was ever evicted")
    }
  }

  /// Older versions cannot come back.
  private var minimumVersion: Int {
    max(awaited.publishedVersion, life.drops == 0 ? ownVersion ?? 0 : 0)
  }

  /// The versions that this reply can be, latest first.
  func candidates(_ header: LMReplyHeader) -> [Int] {
    let candidates = key.versions.indices.map { $0 + 1 }.reversed().filter {
      $0 >= minimumVersion && key.maySurvive($0, settled: max(awaited.settledVersion, ownVersion ?? 0))
        && key.isPossible(
          $0, length: header.length, meta: header.meta, generation: client.generation, tick: tick)
    }
    if candidates.isEmpty {
      client.fail("GET of key \(key.number) is no version since \(minimumVersion): \(header), \(key.versions)")
    }
    return candidates
  }

  func holds(_ bytes: UnsafeRawPointer, _ candidates: [Int]) {
    guard let version = candidates.first(where: { key.holds(bytes, version: $0) }) else {
      return client.fail("GET of key \(key.number) holds none of the versions \(candidates)")
    }
    client.note("got", key.number, version)
    // Such short bytes may also be an earlier version's.
    if key.versions[version - 1].length >= 16 { key.isPublished(version) }
  }
}

/// Checks whether a LIST can be true.
struct ListJudgement {
  let client: Client
  /// Keys that must be named if nothing is lost: they were visible before the request.
  private let certain: [KeyRecord]

  init(client: Client, awaited: Awaited) {
    self.client = client
    certain = awaited.visibleKeys.filter {
      !$0.isMixed && ($0.versions[0].meta != nil) == client.generation.carriesMeta
    }
  }

  func names(_ bytes: UnsafeRawBufferPointer) {
    var seen: Set<[UInt8]> = []
    let names = bytes.isEmpty ? [] : bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    for name in names {
      let name = Array(name)
      if !seen.insert(name).inserted { client.fail("LIST names a key twice") }
      guard let key = client.life.keys.first(where: { $0.name == name }) else {
        client.fail("LIST names what was never sent: \(name)")
        continue
      }
      let isPossible = key.versions.contains {
        $0.completedAt != nil && ($0.meta != nil) == client.generation.carriesMeta
      }
      if !isPossible { client.fail("LIST names key \(key.number), which it cannot have") }
    }
    for key in certain where client.life.losses == 0 && !key.isMixed && !seen.contains(key.name) {
      client.fail("LIST forgets key \(key.number)")
    }
  }
}
