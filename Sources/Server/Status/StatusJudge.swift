import Base
import Tier

/// Finds the headline: the first of the states that the evidence speaks for, the most urgent first.
enum StatusJudge {
  static func headline(_ evidence: StatusEvidence) -> Headline {
    draining(evidence) ?? degraded(evidence) ?? turnedAway(evidence) ?? notUsed(evidence) ?? dropping(evidence)
      ?? oneSided(evidence) ?? tooSmall(evidence) ?? filling(evidence) ?? servingWell(evidence)
  }

  private static func draining(_ evidence: StatusEvidence) -> Headline? {
    guard evidence.isDraining else { return nil }
    return Headline(
      .draining, "the server was asked to end: replies under way finish, no client comes in",
      change: "restart the engines that spoke lm:// to it: they do not connect again by themselves")
  }

  // MARK: Something is broken

  private static func degraded(_ evidence: StatusEvidence) -> Headline? {
    if evidence.stuckLoops > 0 {
      return Headline(
        .degraded, "\(StatusText.count(UInt64(evidence.stuckLoops), "event loop")) stood still for more than 5 seconds",
        change: "give the server the CPU time that --loops counts on, or restart it")
    }
    if let disk = evidence.disks.first(where: { !isWell($0) }) {
      return Headline(.degraded, "disk \(disk.path) is \(words(disk)): memory serves on", change: change(for: disk))
    }
    let rotten = evidence.recent[.checksumFailures]
    guard rotten > 0 else { return nil }
    return Headline(
      .degraded,
      "\(StatusText.count(rotten, "chunk")) read from disk differed from what had been written, and served as misses",
      change: "replace the disk that counts checksum_failures: its next answers will be wrong, too")
  }

  private static func isWell(_ disk: StatusEvidence.Disk) -> Bool {
    switch disk.state {
    case .starting, .loading, .serving: true
    case .waiting, .readOnly, .off: false
    }
  }

  private static func words(_ disk: StatusEvidence.Disk) -> String {
    let state =
      switch disk.state {
      case .readOnly: "read, but no longer written"
      case .waiting: "held by another process"
      default: "off"
      }
    return disk.reason.isEmpty ? state : "\(state) (\(disk.reason))"
  }

  private static func change(for disk: StatusEvidence.Disk) -> String {
    switch disk.state {
    case .waiting: "let the other process end, or give each server a directory of its own"
    case .readOnly: "make room on the device, or replace it; the server tries again by itself"
    default: "mend what the reason names; the server looks for the disk again by itself"
    }
  }

  // MARK: Clients do not get through

  /// They come, and are not let in.
  private static func turnedAway(_ evidence: StatusEvidence) -> Headline? {
    let recent = evidence.recent
    guard recent.refused >= Limits.statusRefusedMin, recent.activity == 0 else { return nil }
    let reasons: [(count: StatusCount, why: String, change: String)] = [
      (
        .refusedAddress, "their addresses are not allowed",
        "add their addresses to --allow, or the door to what is open"
      ),
      (
        .refusedPassword, "they gave no password, a wrong one, or may not do what they asked",
        "give the engines the user and the password that the server knows, with the rights that they need"
      ),
      (
        .refusedTLS, "one side speaks TLS and the other does not, or does not trust the certificate",
        "use the TLS port with rediss:// or https://, and give clients the certificate's authority"
      ),
      (
        .refusedFull, "all connections were taken",
        "raise --max-connections or the limit of each address, or close idle clients"
      ),
    ]
    guard let most = reasons.max(by: { recent[$0.count] < recent[$1.count] }) else { return nil }
    return Headline(
      .cutOff,
      "\(StatusText.count(recent.refused, "request")) to come in or to be served were refused and none was served: "
        + most.why, change: most.change)
  }

  /// They are let in, and nothing that they bring is kept.
  private static func dropping(_ evidence: StatusEvidence) -> Headline? {
    let recent = evidence.recent
    guard recent.dropped >= Limits.statusDroppedMin, recent[.published] == 0, recent.hits == 0 else { return nil }
    let reasons: [(count: StatusCount, why: String, change: String)] = [
      (.droppedLarge, "each is larger than half of the budget", "raise --memory, or lower LMCache's chunk_size"),
      (
        .droppedFull, "memory is full of what is promised, read or arriving",
        "raise --memory, or lower --lease"
      ),
      (.droppedByLimit, "a limit that was set holds them off", "raise the quota or the limit of each address"),
    ]
    guard let most = reasons.max(by: { recent[$0.count] < recent[$1.count] }) else { return nil }
    return Headline(
      .cutOff, "all \(StatusText.count(recent.dropped, "chunk")) that clients stored were dropped: \(most.why)",
      change: most.change)
  }

  /// They store and never ask, or ask and never find.
  private static func oneSided(_ evidence: StatusEvidence) -> Headline? {
    let (total, recent) = (evidence.total, evidence.recent)
    if recent[.published] >= Limits.statusUnaskedMin, recent.wishes + recent[.lookupsFound] == 0 {
      return Headline(
        .cutOff, "clients stored \(StatusText.count(recent[.published], "chunk")) and asked for none",
        change: "let engines read what they store: kv_role kv_both, and look-ups of the remote store switched on")
    }
    let isUnmet = total.hits + total[.lookupsFound] == 0 && total[.missedEvicted] == 0
    guard isUnmet, total[.misses] >= Limits.statusUnmetMin, total[.published] >= Limits.statusUnaskedMin else {
      return nil
    }
    return Headline(
      .cutOff,
      "not one of \(StatusText.count(total[.misses], "look-up")) found a chunk, "
        + "and none of them was of a chunk that had to go",
      change: "compare PYTHONHASHSEED, model path, dtype and LMCache version of the engines: their keys never meet")
  }

  private static func notUsed(_ evidence: StatusEvidence) -> Headline? {
    guard let silence = evidence.silentSeconds else {
      return Headline(
        .notUsed,
        "no client has stored or asked for a chunk since the start "
          + "\(StatusText.duration(seconds: evidence.uptimeSeconds)) ago",
        change: "point an engine at it: remote_url lm://HOST:PORT in LMCache's configuration")
    }
    guard silence >= Limits.statusSilenceSeconds else { return nil }
    return Headline(
      .notUsed, "no client has stored or asked for a chunk for \(StatusText.duration(seconds: silence))",
      change: "see whether the engines still run: an lm:// client does not connect again after a break")
  }

  // MARK: Room

  private static func tooSmall(_ evidence: StatusEvidence) -> Headline? {
    let recent = evidence.recent
    let (missed, wasShort) = (recent[.missedEvicted], evidence.before == .tooSmall)
    let percent = wasShort ? Limits.statusShortEndPercent : Limits.statusShortPercent
    let change = "give it more memory (--memory), or a disk behind it (--disk)"
    if missed >= Limits.statusShortMin, missed * 100 >= percent * recent[.misses],
      missed * 100 >= Limits.statusShortOfAllPercent * recent.wishes
    {
      return Headline(
        .tooSmall,
        "\(StatusText.percent(missed, of: recent[.misses])) of \(StatusText.count(recent[.misses], "miss", "misses")) "
          + "were of chunks that had been here and had to go", change: change)
    }
    guard recent[.evictions] > 0, let rooms = evidence.rooms,
      rooms.gain >= (wasShort ? Limits.statusGainEnd : Limits.statusGain)
    else { return nil }
    return Headline(
      .tooSmall,
      "twice the memory would raise the hit ratio from \(StatusText.percent(rooms.now)) "
        + "to \(StatusText.percent(rooms.doubled))",
      change: change)
  }

  private static func filling(_ evidence: StatusEvidence) -> Headline? {
    if let disk = evidence.disks.first(where: { $0.state == .starting || $0.state == .loading }) {
      return Headline(.filling, "what disk \(disk.path) holds is still being looked for")
    }
    guard evidence.total[.evictions] == 0 else { return nil }
    let recent = evidence.recent
    let percent = evidence.before == .servingWell ? Limits.statusWellEndPercent : Limits.statusWellPercent
    // Where nobody asked for anything just now, what came before counts.
    let asked = recent.wishes > 0 ? recent : evidence.total
    guard asked.wishes == 0 || asked.hits * 100 < percent * asked.wishes else { return nil }
    let share = StatusText.percent(UInt64(evidence.usedBytes), of: UInt64(max(1, evidence.budgetBytes)))
    let found =
      asked.wishes == 0 ? "nobody has asked for any" : "\(StatusText.percent(asked.hits, of: asked.wishes)) were found"
    return Headline(
      .filling,
      "it holds \(StatusText.count(UInt64(evidence.chunks), "chunk")) and \(share) of memory is in use; "
        + "of what clients asked for, \(found)"
    )
  }

  private static func servingWell(_ evidence: StatusEvidence) -> Headline {
    let recent = evidence.recent.wishes > 0 ? evidence.recent : evidence.total
    let asked =
      "\(StatusText.percent(recent.hits, of: recent.wishes)) of \(StatusText.count(recent.wishes, "chunk")) "
      + "asked for were found"
    guard recent.hits * 100 < Limits.statusWellEndPercent * recent.wishes else { return Headline(.servingWell, asked) }
    return Headline(.servingWell, "\(asked), and more room would not help: most prompts are new")
  }
}
