import Base

/// What clients do that keeps them from finding chunks.
extension Hint {
  /// Clients that write what others write, and never find what others wrote. Behind one address they are one.
  static func writesNeverMet(_ evidence: StatusEvidence) -> [Hint] {
    evidence.clients.compactMap { client in
      guard client.readOfOthers == 0, client.written >= Limits.hintWrittenMin, client.asked >= Limits.hintAskedMin,
        evidence.clients.contains(where: { $0.name != client.name && couldMeet(client, $0) })
      else { return nil }
      return Hint(
        "writes_never_met", "client \(client.name) has never hit a key that another client wrote",
        advice: "compare PYTHONHASHSEED, model path, dtype and LMCache version with those of the others; "
          + "where each client has prompts of its own, this is normal")
    }
  }

  /// Both wrote chunks of one model. Of keys that name none nothing is known, nor of models without a row.
  private static func couldMeet(_ one: StatusEvidence.Client, _ other: StatusEvidence.Client) -> Bool {
    let unnamed: UInt64 = 0b11
    return other.written >= Limits.hintWrittenMin && one.models & other.models & ~unnamed != 0
  }

  /// Keys are made from what is in a chunk: with the same key it has the same length, unless clients lay chunks out
  /// differently.
  static func chunkSizesChange(_ evidence: StatusEvidence) -> [Hint] {
    let resized = evidence.recent[.resized]
    guard resized >= Limits.hintResizedMin else { return [] }
    return [
      Hint(
        "chunk_sizes_change",
        "\(StatusText.count(resized, "chunk")) came under a key that had been stored with another length",
        advice: "let engines that share a model name use one chunk_size, KV cache dtype and number of ranks")
    ]
  }

  static func keysNearLimit(_ evidence: StatusEvidence) -> [Hint] {
    let long = evidence.recent[.longKeys]
    guard long > 0 else { return [] }
    return [
      Hint(
        "keys_near_limit",
        "\(StatusText.count(long, "key")) by lm:// had \(Limits.hintKeyBytes) bytes or more, "
          + "and \(Limits.keyBytesMax) are the limit",
        advice:
          "serve the model under a shorter name, use fewer or shorter tags, or go by redis://, whose keys may be longer"
      )
    ]
  }

  /// While others are served; of TLS the next hint speaks.
  static func clientsRefused(_ evidence: StatusEvidence) -> [Hint] {
    StatusReason.refused.compactMap { reason in
      let refused = evidence.recent[reason.count]
      guard reason.count != .refusedTLS, refused >= Limits.statusRefusedMin else { return nil }
      return Hint(
        "clients_refused", "\(StatusText.count(refused, "time")) clients were turned away: \(reason.why)",
        advice: reason.change)
    }
  }

  static func handshakesFail(_ evidence: StatusEvidence) -> [Hint] {
    let failed = evidence.recent[.refusedTLS]
    guard failed >= Limits.hintHandshakesMin, failed > evidence.recent[.handshakes] else { return [] }
    return [
      Hint(
        "tls_handshakes_fail",
        "\(StatusText.count(failed, "connection")) came to nothing because of TLS, "
          + "and \(evidence.recent[.handshakes]) succeeded",
        advice: "see the reason in the log: clients may not trust the certificate, show none, or speak without TLS")
    ]
  }
}
