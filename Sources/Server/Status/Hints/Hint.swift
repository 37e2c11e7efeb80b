/// Something that a person may want to know or to change, in plain words.
struct Hint: Equatable {
  /// A stable name.
  let id: String
  /// What is the case, with figures.
  let text: String
  /// What to do.
  let advice: String

  init(_ id: String, _ text: String, advice: String) { (self.id, self.text, self.advice) = (id, text, advice) }

  /// Those that the evidence speaks for, what costs most first.
  static func all(_ evidence: StatusEvidence) -> [Hint] {
    let rules: [(StatusEvidence) -> [Hint]] = [
      promisesBroken, writesNeverMet, clientsRefused, putsRefused, putsDropped, chunkSizesChange, handshakesFail,
      connectionsNearLimit, keysNearLimit, doubledMemory, memoryHolds, diskWear, driverRefused,
    ]
    return rules.flatMap { $0(evidence) }
  }
}
