import Base
import Store
import Wire

/// What the kinds of values are to clients that go by names. A plain value, the object K, and values under K's metadata
/// names that are no metadata can lie side by side under one key.
extension ValueKind {
  /// Bytes and metadata that fit each other are `.withMeta`, metadata whose bytes have not come is `.hidden`: no client sees
  /// it. This is the third: bytes of an object whose metadata has not come.
  static let bytesAlone = ValueKind(rawValue: 2)

  /// A plain value under a metadata name. The name's style is a part of the name.
  static func plainMetadata(_ style: ObjectName.Style) -> ValueKind { ValueKind(rawValue: 3 + style.rawValue) }

  /// What a value is that arrives under a name. Whether it is metadata its length alone decides.
  init(arriving name: ObjectName, length: Int) {
    switch name.part {
    case .whole: self = .plain
    case .bytes: self = .bytesAlone
    case .metadata: self = ObjectMeta.groupCount(inBytes: length) == nil ? .plainMetadata(name.style) : .hidden
    }
  }

  /// What part of an object its name says.
  var part: ObjectName.Part {
    switch self {
    case .plain, .withMeta: .whole
    case .bytesAlone: .bytes
    default: .metadata
    }
  }

  /// Under how many names clients see it.
  var nameCount: Int { self == .withMeta ? 2 : self == .hidden ? 0 : 1 }
}

extension KindSet {
  /// The object of a key, or a part of it: one of them at most is there.
  static let object = KindSet(.withMeta).adding(.bytesAlone).adding(.hidden)
  static let withBytes = KindSet(.withMeta).adding(.bytesAlone)
  static let plainMetadata = ObjectName.Style.allCases.reduce(KindSet.none) { $0.adding(.plainMetadata($1)) }
}

extension ObjectName.Style {
  init(_ entry: KeyEntry) {
    // What a disk was made to hold by others may have any tag.
    self = Self(rawValue: entry.tag) ?? .joined
  }
}
