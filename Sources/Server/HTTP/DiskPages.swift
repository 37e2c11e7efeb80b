import Tier

/// What `/readyz` and its kin say of disks.
enum DiskPages {
  static func state(of tier: DiskTier) -> String {
    let disks = zip(tier.devices, tier.statuses).map { device, status in
      """
      {"path": \(JSONText.quoted(device.path)), "state": "\(status.state.rawValue)", \
      "segments_loaded": \(status.segmentsLoaded), "segments": \(status.segments), "records": \(status.records), \
      "reason": \(JSONText.quoted(status.reason))}
      """
    }
    return "\"disks\": [\(disks.joined(separator: ", "))]"
  }
}

/// Text as JSON writes it.
enum JSONText {
  /// Of names that need no escape, and values that are JSON already.
  static func fields(_ fields: [(String, String)]) -> String {
    fields.map { "\"\($0.0)\": \($0.1)" }.joined(separator: ", ")
  }

  static func object(_ fields: [(String, String)]) -> String { "{\(Self.fields(fields))}" }

  static func array(_ values: [String]) -> String { "[\(values.joined(separator: ", "))]" }

  static func quoted(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"", "\\": quoted += "\\\(scalar)"
      case _ where scalar.value < 0x20:
        let digits = String(scalar.value, radix: 16)
        quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: quoted.unicodeScalars.append(scalar)
      }
    }
    return quoted + "\""
  }
}
