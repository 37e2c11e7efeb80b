import Base

/// How much memory the chunks of a model, or of a tag, may take. A chunk counts for the first quota that its key fits.
package struct Quota: Equatable, Sendable {
  package enum Subject: Equatable, Sendable {
    /// By the name that engines have for it.
    case model(String)
    /// Of what requests say as `lmcache.tag.NAME`.
    case tag(name: String, value: String)
  }

  /// A final `*` of a model's name, or of a tag's value, stands for anything.
  package let subject: Subject
  package let bytes: Int

  package init(_ subject: Subject, bytes: Int) {
    precondition(bytes > 0)
    (self.subject, self.bytes) = (subject, bytes)
  }

  /// As options and metrics call it.
  package var name: String {
    switch subject {
    case .model(let model): "model=\(model)"
    case .tag(let name, let value): "tag:\(name)=\(value)"
    }
  }
}

/// How a quota stands.
package struct QuotaFigures: Equatable, Sendable {
  package let name: String
  package let bytesMax: Int
  /// Of chunks in memory, and of those that arrive.
  package let bytes: Int
  package let chunks: Int
  package let evicted: UInt64
  package let dropped: UInt64
}
