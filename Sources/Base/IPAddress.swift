import Glibc

/// A numeric address, IPv4 and IPv6 alike: an IPv4 address is its IPv6-mapped form, so that one written either way is
/// the same.
package struct IPAddress: Hashable, Sendable {
  package let high: UInt64
  package let low: UInt64

  private static let mappedPrefix: UInt64 = 0xFFFF << 32

  package init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  package init(ipv4: UInt32) { self.init(high: 0, low: Self.mappedPrefix | UInt64(ipv4)) }

  /// Nil for a name, or for anything else that is no number. `localhost` is the one name that needs no looking up.
  package init?(_ text: String) {
    if text == "localhost" {
      self.init(ipv4: 0x7F00_0001)
      return
    }
    var four = in_addr()
    if inet_pton(AF_INET, text, &four) == 1 {
      self.init(ipv4: UInt32(bigEndian: four.s_addr))
      return
    }
    var six = in6_addr()
    guard inet_pton(AF_INET6, text, &six) == 1 else { return nil }
    self.init(six)
  }

  package init(_ six: in6_addr) {
    let words = withUnsafeBytes(of: six) { bytes in
      (bytes.loadUnaligned(as: UInt64.self), bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
    }
    self.init(high: UInt64(bigEndian: words.0), low: UInt64(bigEndian: words.1))
  }

  package var isIPv4: Bool { high == 0 && low >> 32 == 0xFFFF }

  /// "Any address" in either family: good for listening, not for being reached.
  package var isWildcard: Bool { high == 0 && (low == 0 || low == Self.mappedPrefix) }

  package var isLoopback: Bool { isIPv4 ? (low >> 24) & 0xFF == 127 : high == 0 && low == 1 }

  /// As people write it.
  package var text: String {
    var room = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
    if isIPv4 {
      var four = in_addr(s_addr: UInt32(truncatingIfNeeded: low).bigEndian)
      inet_ntop(AF_INET, &four, &room, socklen_t(room.count))
    } else {
      var six = in6_addr()
      withUnsafeMutableBytes(of: &six) { bytes in
        bytes.storeBytes(of: high.bigEndian, as: UInt64.self)
        bytes.storeBytes(of: low.bigEndian, toByteOffset: 8, as: UInt64.self)
      }
      inet_ntop(AF_INET6, &six, &room, socklen_t(room.count))
    }
    return String(decoding: room.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
