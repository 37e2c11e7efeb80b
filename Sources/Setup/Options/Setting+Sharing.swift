import Base
import Registry
import Wire

/// What flags about sharing take.
extension Setting {
  /// Engines write these addresses without a scheme; people often add one.
  func address() throws(OptionFailure) -> HostAndPort {
    var text = self.text
    for scheme in ["redis://", "tcp://", "lm://"] where text.hasPrefix(scheme) { text.removeFirst(scheme.count) }
    guard let address = HostAndPort(text) else { throw failure("is not HOST:PORT") }
    return address
  }

  /// A port alone has an empty host.
  func portOrAddress() throws(OptionFailure) -> HostAndPort {
    text.contains(":") ? try address() : HostAndPort(host: "", port: try port())
  }

  /// Engines split an address at its one colon, so an IPv6 address is of no use to them.
  func reachableAddress() throws(OptionFailure) -> HostAndPort {
    let address = try address()
    guard !address.host.isEmpty, address.port > 0, IPAddress(address.host)?.isWildcard != true else {
      throw failure("is no address that others can reach")
    }
    guard !address.host.contains(":") else {
      throw failure("is an IPv6 address, which engines cannot tell from its port; give a name or an IPv4 address")
    }
    return address
  }

  func registryBytes() throws(OptionFailure) -> Int {
    guard let bytes = ByteSize.parse(text) else { throw failure("is not a size") }
    guard (Limits.registryBytesMin...Limits.registryBytesMax).contains(bytes) else {
      throw failure(
        "is not from \(ByteSize.text(Limits.registryBytesMin)) to \(ByteSize.text(Limits.registryBytesMax))")
    }
    return bytes
  }

  func addressBlocks() throws(OptionFailure) -> [AddressBlock] {
    var blocks: [AddressBlock] = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let word = String(part.drop { $0 == " " })
      guard let block = AddressBlock(word) else {
        throw failure("has \(OptionFailure.quoted(word)), which is no address and no block of addresses")
      }
      blocks.append(block)
    }
    return blocks
  }

  func secondsOrOff() throws(OptionFailure) -> Int? {
    text == "off" ? nil : try number(in: 1...Limits.ownerCheckSecondsMax, called: "off or a number of seconds")
  }

  func redisURL() throws(OptionFailure) -> RedisURL {
    do throws(RedisURL.Failure) {
      return try RedisURL(text)
    } catch {
      // The text may hold a password, which belongs in no log.
      throw OptionFailure(
        message: "\(name) \(error.complaint); for example: \(flag.example)",
        exitCode: ExitCode.flag)
    }
  }
}
