import Foundation

/// What `/status.json` says at a moment.
struct StatusReport {
  struct Hint {
    let id: String
    let text: String
    let advice: String
  }

  let fields: [String: Any]

  init(_ body: String) throws {
    guard let fields = try JSONSerialization.jsonObject(with: Data(body.utf8)) as? [String: Any] else {
      throw HarnessFailure("no object: \(body)")
    }
    self.fields = fields
  }

  private var headline: [String: Any] { fields["headline"] as? [String: Any] ?? [:] }
  var state: String { headline["state"] as? String ?? "" }
  var why: String { headline["why"] as? String ?? "" }
  var change: String? { headline["change"] as? String }

  var hints: [Hint] {
    (fields["hints"] as? [[String: Any]] ?? []).map { hint in
      func text(_ name: String) -> String { hint[name] as? String ?? "" }
      return Hint(id: text("id"), text: text("text"), advice: text("advice"))
    }
  }

  func hint(_ id: String) -> Hint? { hints.first { $0.id == id } }

  /// A part that is an object.
  func part(_ name: String) -> [String: Any] { fields[name] as? [String: Any] ?? [:] }
  func rows(_ name: String) -> [[String: Any]] { fields[name] as? [[String: Any]] ?? [] }
}

extension RunningServer {
  func report() throws -> StatusReport {
    let answer = try web().get("/status.json")
    guard answer.status == 200 else { throw HarnessFailure("/status.json: \(answer.status)") }
    return try StatusReport(answer.body)
  }
}
