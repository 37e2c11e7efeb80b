/// What a query says, for requests that take one parameter: `name=value`. The value is bytes, because keys are; those that a
/// target cannot hold are written as `%` and two digits, and `+` is itself.
package struct HTTPParameter: Equatable, Sendable {
  package let name: String
  package let value: [UInt8]

  /// Nil for anything but one name with one value that is not empty.
  package init?(query: String) {
    let bytes = Array(query.utf8)
    guard let sign = bytes.firstIndex(of: UInt8(ascii: "=")), sign > 0, !bytes.contains(UInt8(ascii: "&")),
      let value = Self.decoded(bytes[(sign + 1)...]), !value.isEmpty
    else { return nil }
    name = String(decoding: bytes[..<sign], as: UTF8.self)
    self.value = value
  }

  private static func decoded(_ written: ArraySlice<UInt8>) -> [UInt8]? {
    var value: [UInt8] = []
    value.reserveCapacity(written.count)
    var rest = written
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        value.append(byte)
        continue
      }
      guard let high = rest.popFirst().flatMap(digit), let low = rest.popFirst().flatMap(digit) else { return nil }
      value.append(high << 4 | low)
    }
    return value
  }

  private static func digit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: nil
    }
  }
}
