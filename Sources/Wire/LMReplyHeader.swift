import Base

/// What a server says before the payload, if any.
package struct LMReplyHeader: Equatable, Sendable {
  package enum Code: Int32, Sendable {
    case success = 200
    case fail = 400
  }

  package var code: Code
  /// Payload bytes that follow the header.
  package var length: Int
  /// Absent where the generation carries none; the filler stands in for it where the generation carries one.
  package var meta: ObjectMeta?

  package init(code: Code, length: Int, meta: ObjectMeta?) {
    self.code = code
    self.length = length
    self.meta = meta
  }

  /// The answer to EXIST and HEALTH, and to a GET that found nothing.
  package static func empty(found: Bool) -> LMReplyHeader {
    LMReplyHeader(code: found ? .success : .fail, length: 0, meta: .lmFiller)
  }
}

extension ObjectMeta {
  /// What both sides put where there is nothing to say.
  package static let lmFiller = ObjectMeta(format: 1, type: 2, shape: (0, 0, 0, 0))
}
