import Base

/// What memory is enough for.
extension Hint {
  static func memoryHolds(_ evidence: StatusEvidence) -> [Hint] {
    guard let seconds = evidence.holdsSeconds else { return [] }
    return [
      Hint(
        "memory_holds", "at this rate memory holds the last \(StatusText.duration(seconds: seconds))",
        advice: evidence.disks.isEmpty
          ? "if prompts come back later than that, give it more memory (--memory) or a disk (--disk)"
          : "what comes back later is read from disk, which is slower: more memory (--memory) spares it")
    ]
  }

  static func doubledMemory(_ evidence: StatusEvidence) -> [Hint] {
    // What memory lacks a disk may have.
    guard evidence.disks.isEmpty, evidence.total[.evictions] > 0, let rooms = evidence.rooms,
      rooms.gain >= Limits.hintGain
    else { return [] }
    return [
      Hint(
        "doubled_memory",
        "doubling memory would raise the hit ratio from \(StatusText.percent(rooms.now)) "
          + "to \(StatusText.percent(rooms.doubled))",
        advice: "raise --memory, or put a disk behind it (--disk)")
    ]
  }

  static func putsDropped(_ evidence: StatusEvidence) -> [Hint] {
    let dropped = evidence.recent[.droppedFull]
    guard dropped > 0 else { return [] }
    let isPromised = evidence.promisedBytes * 100 >= Limits.hintPromisedPercent * evidence.budgetBytes
    let why =
      isPromised
      ? "look-ups hold \(ByteSize.text(evidence.promisedBytes)) of memory for fetches to come"
      : "all of it was being read, was arriving\(evidence.disks.isEmpty ? "" : ", or waited to be written to disk")"
    return [
      Hint(
        "puts_dropped", "\(StatusText.count(dropped, "chunk")) found no room in memory: \(why)",
        advice: isPromised ? "raise --memory, or lower --lease" : "raise --memory, or let fewer engines store at once")
    ]
  }

  /// For reasons that more room alone does not mend.
  static func putsRefused(_ evidence: StatusEvidence) -> [Hint] {
    StatusReason.dropped.compactMap { reason in
      let dropped = evidence.recent[reason.count]
      guard reason.count != .droppedFull, dropped > 0 else { return nil }
      return Hint(
        reason.count == .droppedLarge ? "chunks_too_large" : "chunks_over_limit",
        "\(StatusText.count(dropped, "chunk")) that clients stored were dropped: \(reason.why)",
        advice: reason.change)
    }
  }

  static func promisesBroken(_ evidence: StatusEvidence) -> [Hint] {
    let broken = evidence.recent[.promisesBroken]
    guard broken > 0 else { return [] }
    return [
      Hint(
        "promises_broken", "\(StatusText.count(broken, "chunk")) had to go after a look-up had promised them",
        advice:
          "raise --memory: where all of it is promised, an engine that asks whether this server is back takes the room")
    ]
  }
}
