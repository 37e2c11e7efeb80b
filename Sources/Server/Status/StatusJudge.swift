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
    let most = StatusReason.first(of: StatusReason.refused, in: recent)
    return Headline(
      .cutOff,
      "\(StatusText.count(recent.refused, "request")) to come in or to be served were refused and none was served: "
        + most.why, change: most.change)
  }

  /// They are let in, and next to nothing that they bring is kept. A recovery check of an engine is small, and always is.
  private static func dropping(_ evidence: StatusEvidence) -> Headline? {
    let recent = evidence.recent
    let stored = recent.dropped + recent[.published]
    guard recent.dropped >= Limits.statusDroppedMin, recent.dropped * 100 >= Limits.statusDroppedPercent * stored,
      recent.hits < recent.dropped
    else { return nil }
    let most = StatusReason.first(of: StatusReason.dropped, in: recent)
    let share = recent[.published] == 0 ? "all " : "\(StatusText.percent(recent.dropped, of: stored)) of "
    return Headline(
      .cutOff, "\(share)\(StatusText.count(stored, "chunk")) that clients stored were dropped: \(most.why)",
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
    // Where few come, what came before counts as well, unless it has been mended meanwhile.
    let seen = recent.wishes >= Limits.statusUnmetMin ? recent : total
    guard seen.wishes >= Limits.statusUnmetMin, total[.published] >= Limits.statusUnaskedMin, isUnmet(seen),
      recent.wishes + recent.met == 0 || isUnmet(recent)
    else { return nil }
    return Headline(
      .cutOff,
      "\(StatusText.percent(seen.met, of: seen.met + seen[.misses])) of "
        + "\(StatusText.count(seen.met + seen[.misses], "look-up")) found a chunk, "
        + "and hardly any was of a chunk that had to go",
      change: "compare PYTHONHASHSEED, model path, dtype and LMCache version of the engines: their keys never meet, "
        + "unless no prompt ever repeats")
  }

  /// Found is next to nothing, as where only an engine's recovery check finds its key, and not for want of room.
  private static func isUnmet(_ moment: StatusMoment) -> Bool {
    let percent = Limits.statusUnmetPercent
    return moment.met * 100 < percent * (moment.met + moment[.misses])
      && moment[.missedEvicted] * 100 < percent * max(1, moment[.misses])
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
    if missed >= Limits.statusShortMin, missed * 100 >= percent * recent[.misses],
      missed * 100 >= Limits.statusShortOfAllPercent * recent.wishes
    {
      return Headline(
        .tooSmall,
        "\(StatusText.percent(missed, of: recent[.misses])) of \(StatusText.count(recent[.misses], "miss", "misses")) "
          + "were of chunks that had been here and had to go", change: moreRoom(evidence))
    }
    // What memory lacks a disk may have: with one, only what is missed counts.
    guard evidence.disks.isEmpty, recent[.evictions] > 0, let rooms = evidence.rooms,
      rooms.gain >= (wasShort ? Limits.statusGainEnd : Limits.statusGain)
    else { return nil }
    return Headline(
      .tooSmall,
      "twice the memory would raise the hit ratio from \(StatusText.percent(rooms.now)) "
        + "to \(StatusText.percent(rooms.doubled))",
      change: moreRoom(evidence))
  }

  private static func moreRoom(_ evidence: StatusEvidence) -> String {
    if evidence.disks.isEmpty { return "give it more memory (--memory), or a disk behind it (--disk)" }
    return evidence.disks.contains(where: \.hasRoom)
      ? "give it more memory (--memory), or let more be written to the disk (--disk-write, --disk-write-rate): "
        + "chunks had to go before they were"
      : "give it more memory (--memory), or a larger disk (--disk-size)"
  }

  private static func filling(_ evidence: StatusEvidence) -> Headline? {
    if let disk = evidence.disks.first(where: { $0.state == .starting || $0.state == .loading }) {
      return Headline(.filling, "what disk \(disk.path) holds is still being looked for")
    }
    guard evidence.total[.evictions] == 0 else { return nil }
    let recent = evidence.recent
    let percent = evidence.before == .servingWell ? Limits.statusWellEndPercent : Limits.statusWellPercent
    // Where nothing was asked for just now, what came before counts.
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
    return Headline(
      .servingWell, "\(asked), and few of the others had been here: most prompts are new",
      change: recent.hits * 100 < Limits.statusFewPercent * recent.wishes
        ? "if prompts do repeat, compare PYTHONHASHSEED, model path, dtype and LMCache version of the engines"
        : nil)
  }
}
