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
  func sight(
    of part: ObjectName.Part, _ style: ObjectName.Style, _ family: Family, in table: StripeTable
  ) -> Sight? {
    let object = family.object
    let kind = object == 0 ? nil : table[object].pointee.kind
    switch part {
    case .whole:
      if family.whole != 0 { return Sight(id: family.whole, facet: .bytes) }
      return kind == .object && isPlain(object, in: table) ? Sight(id: object, facet: .bytes) : nil
    case .bytes:
      return kind?.hasBytes == true ? Sight(id: object, facet: .bytes) : nil
    case .metadata:
      if kind == .object { return Sight(id: object, facet: .metadata) }
      let odd = family.odd[Int(style.rawValue)]
      return odd != 0 ? Sight(id: odd, facet: .bytes) : nil
    }
  }

  func glimpse(_ sight: Sight, in table: StripeTable) -> Glimpse {
    switch sight.facet {
    case .bytes: .bytes(PinnedValue(pinning: sight.id, in: table, vault.entries))
    case .metadata: .metadata(metadata(of: sight.id, in: table))
    }
  }

  func byteCount(_ sight: Sight, in table: StripeTable) -> Int {
    switch sight.facet {
    case .bytes: Int(vault.entries[sight.id].pointee.length)
    case .metadata: ObjectMeta.byteCount(groups: Int(table[sight.id].pointee.groups))
    }
  }

  /// An object's metadata as its clients write it.
  func metadata(of id: EntryID, in table: StripeTable) -> MetadataBytes {
    let (entry, length) = (table[id], vault.entries[id].pointee.length)
    return MetadataBytes(count: ObjectMeta.byteCount(groups: Int(entry.pointee.groups))) { room in
      entry.pointee.meta.encode(statedLength: Int32(bitPattern: length), into: room)
      let rest = UnsafeMutableRawBufferPointer(rebasing: room[ObjectMeta.firstGroupEnd...])
      vault.entries.readAnnex(entry.pointee.metadataAnnex, into: rest)
    }
  }

  /// Whether an object's bytes mean the same without its metadata.
  private func isPlain(_ id: EntryID, in table: StripeTable) -> Bool {
    if table[id].pointee.groups == 1 {
      return table[id].pointee.meta.describesPlain(length: Int(vault.entries[id].pointee.length))
    }
    return metadata(of: id, in: table).withBytes { $0.withUnsafeBytes { ObjectMeta.describePlain($0) } }
  }
}
