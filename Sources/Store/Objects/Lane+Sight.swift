import Base

/// What a name shows: an entry's bytes, or its metadata.
struct Sight {
  enum Facet {
    case bytes
    case metadata
  }

  let id: EntryID
  let facet: Facet
}

/// What a sight holds, taken out of the lock.
enum Glimpse {
  case bytes(PinnedValue)
  case metadata(MetadataBytes)
}

extension NamedValue {
  init(_ glimpse: Glimpse, vault: Vault) {
    switch glimpse {
    case .bytes(let value): self = .bytes(Pin(value, vault: vault))
    case .metadata(let bytes): self = .metadata(bytes)
    }
  }
}

/// All of it under the stripe's lock.
extension Lane {
  /// What a name shows of the entries of its key.
  func sight(of part: ObjectName.Part, _ style: ObjectName.Style, _ family: Family) -> Sight? {
    let object = family.object
    let kind = object == 0 ? nil : vault.entries[object].pointee.kind
    switch part {
    case .whole:
      if family.whole != 0 { return Sight(id: family.whole, facet: .bytes) }
      return kind == .object && isPlain(object) ? Sight(id: object, facet: .bytes) : nil
    case .bytes:
      return kind?.hasBytes == true ? Sight(id: object, facet: .bytes) : nil
    case .metadata:
      if kind == .object { return Sight(id: object, facet: .metadata) }
      let odd = family.odd[Int(style.rawValue)]
      return odd != 0 ? Sight(id: odd, facet: .bytes) : nil
    }
  }

  func glimpse(_ sight: Sight) -> Glimpse {
    switch sight.facet {
    case .bytes: .bytes(PinnedValue(pinning: sight.id, vault.entries[sight.id]))
    case .metadata: .metadata(metadata(of: sight.id))
    }
  }

  func byteCount(_ sight: Sight) -> Int {
    let entry = vault.entries[sight.id]
    switch sight.facet {
    case .bytes: return Int(entry.pointee.length)
    case .metadata: return ObjectMeta.byteCount(groups: Int(entry.pointee.groups))
    }
  }

  /// An object's metadata as its clients write it.
  func metadata(of id: EntryID) -> MetadataBytes {
    let entry = vault.entries[id]
    return MetadataBytes(count: ObjectMeta.byteCount(groups: Int(entry.pointee.groups))) { room in
      entry.pointee.meta.encode(statedLength: Int32(bitPattern: entry.pointee.length), into: room)
      let rest = UnsafeMutableRawBufferPointer(rebasing: room[ObjectMeta.firstGroupEnd...])
      vault.entries.readAnnex(entry.pointee.metadataAnnex, into: rest)
    }
  }

  /// Whether an object's bytes mean the same without its metadata.
  private func isPlain(_ id: EntryID) -> Bool {
    let entry = vault.entries[id]
    if entry.pointee.groups == 1 { return entry.pointee.meta.describesPlain(length: Int(entry.pointee.length)) }
    return metadata(of: id).withBytes { $0.withUnsafeBytes { ObjectMeta.describePlain($0) } }
  }
}
