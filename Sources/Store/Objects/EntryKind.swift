import Base

/// What an entry stands for. Its key and its kind together are what the index tells apart: a plain value K, the object
/// K, and values under K's metadata names that are no metadata can lie side by side.
enum EntryKind: UInt8 {
  /// A plain value: it came without metadata.
  case whole
  /// Bytes and metadata that fit each other.
  case object
  /// Bytes of an object whose metadata has not come.
  case bytesAlone
  /// Metadata of an object whose bytes have not come: nobody sees it.
  case metadataAlone
  /// A plain value under a metadata name. The entry's style is part of its name.
  case oddMetadata

  /// Whether it is the object of its key, or a part of it.
  var isObject: Bool { self == .object || self == .bytesAlone || self == .metadataAlone }
  var hasBytes: Bool { self == .object || self == .bytesAlone }

  /// Under how many names RESP clients see it.
  var nameCount: Int {
    switch self {
    case .object: 2
    case .metadataAlone: 0
    case .whole, .bytesAlone, .oddMetadata: 1
    }
  }

  init(_ kind: ValueKind) { self = kind == .withMeta ? .object : .whole }
}

extension EntryKind {
  /// What a value is that arrives under a name. Whether it is metadata its length alone decides.
  init(arriving part: ObjectName.Part, length: Int) {
    switch part {
    case .whole: self = .whole
    case .bytes: self = .bytesAlone
    case .metadata: self = ObjectMeta.groupCount(inBytes: length) == nil ? .oddMetadata : .metadataAlone
    }
  }

  /// What part of an object its name says.
  var part: ObjectName.Part {
    switch self {
    case .whole, .object: .whole
    case .bytesAlone: .bytes
    case .metadataAlone, .oddMetadata: .metadata
    }
  }
}

extension Entry.StripePart {
  /// Whether an `lm` generation that asks for this kind may see it: its replies have room for the shape of one KV group.
  func isOfLM(_ wanted: EntryKind) -> Bool { kind == wanted && groups <= 1 }
}

/// What an entry stands for among those of its key.
struct Role {
  let kind: EntryKind
  let style: ObjectName.Style

  /// Whether both would stand for the same, if their keys are equal.
  func isNamesake(of other: Role) -> Bool {
    switch kind {
    case .whole: other.kind == .whole
    case .object, .bytesAlone, .metadataAlone: other.kind.isObject
    case .oddMetadata: other.kind == .oddMetadata && other.style == style
    }
  }
}

extension Vault {
  /// Under the lock of its stripe.
  func role(of id: EntryID, in table: StripeTable) -> Role {
    Role(kind: table[id].pointee.kind, style: entries[id].pointee.style)
  }
}
