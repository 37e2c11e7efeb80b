/// A value of a YAML file, and where it begins.
struct YAMLNode: Equatable, Sendable {
  indirect enum Content: Equatable, Sendable {
    case scalar(String, isPlain: Bool)
    case list([YAMLNode])
    case mapping([YAMLPair])
    /// A mention of a value that has an anchor. It is never followed, so no file is larger than it looks.
    case alias
  }

  /// Counted from one.
  let line: Int
  /// Whether a tag says what type it has.
  let isTagged: Bool
  let content: Content

  /// What YAML 1.1, by which LMCache reads its files, takes for nothing.
  var isNull: Bool {
    guard case .scalar(let text, isPlain: true) = content, !isTagged else { return false }
    return ["", "~", "null", "Null", "NULL"].contains(text)
  }
}

/// A name and what stands behind it.
struct YAMLPair: Equatable, Sendable {
  let key: YAMLNode
  let value: YAMLNode
}

/// What makes a file no YAML, or more of it than is read.
struct YAMLFailure: Error, Equatable {
  /// Nil where no line is to blame.
  let line: Int?
  let complaint: String
}
