import Base
import Store

/// What a flag about quotas takes.
extension Setting {
  func quotas() throws(OptionFailure) -> [Quota] {
    var quotas: [Quota] = []
    for part in text.split(separator: ",") {
      let word = String(part.drop { $0 == " " })
      let quota = try quota(word)
      guard !quotas.contains(where: { $0.subject == quota.subject }) else {
        throw failure("has \(quota.name) twice")
      }
      quotas.append(quota)
    }
    guard !quotas.isEmpty else { throw failure("has no quota") }
    guard quotas.count <= Limits.quotasMax else {
      throw failure("has \(quotas.count) quotas, and \(Limits.quotasMax) are the most")
    }
    return quotas
  }

  /// A name may have colons, a size has none.
  private func quota(_ word: String) throws(OptionFailure) -> Quota {
    guard let colon = word.lastIndex(of: ":") else { throw failure(word, "has no :SIZE at its end") }
    guard let bytes = ByteSize.parse(String(word[word.index(after: colon)...])) else {
      throw failure(word, "has no size behind its last colon")
    }
    guard bytes >= Limits.quotaBytesMin else {
      throw failure(word, "is less than \(ByteSize.text(Limits.quotaBytesMin)), which holds no chunk")
    }
    return Quota(try subject(word[..<colon], of: word), bytes: bytes)
  }

  private func subject(_ text: Substring, of word: String) throws(OptionFailure) -> Quota.Subject {
    guard !text.contains("@") else { throw failure(word, "has an @, which no model's name and no tag has") }
    if text.hasPrefix("model=") {
      let model = text.dropFirst("model=".count)
      if !model.isEmpty { return .model(String(model)) }
    } else if text.hasPrefix("tag:"), let sign = text.firstIndex(of: "=") {
      let (name, value) = (text[..<sign].dropFirst("tag:".count), text[text.index(after: sign)...])
      if !name.isEmpty, !value.isEmpty { return .tag(name: String(name), value: String(value)) }
    }
    throw failure(word, "does not begin with model=NAME or tag:KEY=VALUE")
  }

  private func failure(_ word: String, _ complaint: String) -> OptionFailure {
    failure(word == text ? complaint : "has \(OptionFailure.quoted(word)), which \(complaint)")
  }
}
