/// A line of `/proc/self/mountinfo` that shows a cgroup hierarchy.
struct CgroupMount {
  enum Version {
    case one, two
  }

  let version: Version
  /// The cgroup that is seen at `point`.
  let root: String
  let point: String
  /// Which controllers, for version one.
  let controllers: [Substring]

  /// Nil for mounts of other kinds.
  init?(mountinfoLine line: Substring) {
    // Optional fields stand before the dash, and their number varies.
    let fields = line.split(separator: " ")
    guard let dash = fields.firstIndex(of: "-"), dash >= 6, fields.count >= dash + 4 else { return nil }
    switch fields[dash + 1] {
    case "cgroup": version = .one
    case "cgroup2": version = .two
    default: return nil
    }
    root = CgroupMount.unescaped(fields[3])
    point = CgroupMount.unescaped(fields[4])
    controllers = fields[dash + 3].split(separator: ",")
  }

  /// The directories of the cgroup at `path` and of all its ancestors that are seen here, the innermost first.
  func directories(of path: String) -> [String] {
    var inner = relative(path)
    var directories: [String] = []
    while !inner.isEmpty {
      directories.append(point + inner)
      inner = String(inner[..<(inner.lastIndex(of: "/") ?? inner.startIndex)])
    }
    return directories + [point]
  }

  /// `path` as seen from the mount; empty for the mount itself, and also when the two do not fit: then a namespace hides
  /// where we are, and what is mounted is what we were given.
  private func relative(_ path: String) -> String {
    if root == "/" { return path == "/" || path.hasPrefix("/..") ? "" : path }
    return path.hasPrefix(root + "/") ? String(path.dropFirst(root.count)) : ""
  }

  /// Blanks in names are written in octal: `\040`.
  private static func unescaped(_ field: Substring) -> String {
    var bytes: [UInt8] = []
    var rest = field.utf8[...]
    while let byte = rest.popFirst() {
      let digits = rest.prefix(3)
      if byte == UInt8(ascii: "\\"), digits.count == 3, let code = UInt8(String(Substring(digits)), radix: 8) {
        bytes.append(code)
        rest = rest.dropFirst(3)
      } else {
        bytes.append(byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
