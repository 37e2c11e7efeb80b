import Base
import Store
import Wire

/// What a name stands for at present: an entry's bytes, or its metadata.
struct NameTarget {
  let entry: KeyEntry
  let isMetadata: Bool

  init?(_ part: ObjectName.Part, _ style: ObjectName.Style, in key: borrowing KeyTransaction) {
    guard let (entry, isMetadata) = Self.find(part, style, in: key) else { return nil }
    (self.entry, self.isMetadata) = (entry, isMetadata)
  }

  private static func find(
    _ part: ObjectName.Part, _ style: ObjectName.Style, in key: borrowing KeyTransaction
  ) -> (KeyEntry, isMetadata: Bool)? {
    switch part {
    case .whole:
      if let plain = key.entry(.plain) { return (plain, false) }
      guard let object = key.entry(.withMeta), object.isPlain(in: key) else { return nil }
      return (object, false)
    case .bytes: return key.entry(of: .withBytes).map { ($0, false) }
    case .metadata:
      if let object = key.entry(.withMeta) { return (object, true) }
      return key.entry(.plainMetadata(style)).map { ($0, false) }
    }
  }

  var byteCount: Int { isMetadata ? ObjectMeta.firstGroupEnd + entry.annotationBytes : entry.length }

  /// What it holds, to be taken out of the transaction.
  func contents(in key: borrowing KeyTransaction) -> NameContents {
    if isMetadata { return .metadata(entry.metadata(in: key)) }
    if let ref = key.away(entry) { return .away(ref) }
    return .bytes(key.pin(entry))
  }
}

enum NameContents {
  case bytes(PinnedValue)
  case away(ValueRef)
  case metadata(MetadataBytes)
}

extension NamedValue {
  init(_ contents: NameContents, lane: Lane) {
    switch contents {
    case .bytes(let value): self = .bytes(lane.pin(value))
    case .away(let ref): self = .away(ref)
    case .metadata(let bytes): self = .metadata(bytes)
    }
  }
}

extension KeyEntry {
  /// An object's metadata as its clients write it.
  func metadata(in key: borrowing KeyTransaction) -> MetadataBytes {
    MetadataBytes(
      meta, statedLength: Int32(truncatingIfNeeded: length), rest: annotationBytes
    ) { key.copyAnnotation(of: self, into: $0) }
  }

  /// Whether an object's bytes mean the same without its metadata.
  func isPlain(in key: borrowing KeyTransaction) -> Bool {
    if annotationBytes == 0 { return meta.describesPlain(length: length) }
    return metadata(in: key).withBytes { ObjectMeta.describePlain($0) }
  }
}
