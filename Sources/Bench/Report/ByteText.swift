/// Sizes as people write them.
enum ByteText {
  static func binary(_ bytes: Int) -> String {
    for (unit, shift) in [("GiB", 30), ("MiB", 20), ("KiB", 10)] where bytes % (1 << shift) == 0 && bytes > 0 {
      return "\(bytes >> shift) \(unit)"
    }
    return "\(bytes) B"
  }
}
