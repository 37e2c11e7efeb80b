import Base

/// What flags about access take.
extension Setting {
  /// Blocks, each perhaps behind the name of a door: `10.0.0.0/8,lm=10.1.0.0/16`.
  func allowList() throws(OptionFailure) -> AllowList {
    var list = AllowList()
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let word = String(part.drop { $0 == " " })
      var (door, block): (Door?, Substring) = (nil, word[...])
      if let sign = word.firstIndex(of: "=") {
        door = Door(rawValue: String(word[..<sign]))
        block = word[word.index(after: sign)...]
        guard door != nil else {
          throw failure("has \(OptionFailure.quoted(word)), whose door is none of \(Flag.choices(of: Door.self))")
        }
      }
      guard let block = AddressBlock(String(block)) else {
        throw failure("has \(OptionFailure.quoted(word)), which is no address and no block of addresses")
      }
      list.add(block, at: door)
      guard list.count <= Limits.allowedBlocksMax else {
        throw failure("has more than \(Limits.allowedBlocksMax) blocks; give larger ones")
      }
    }
    return list
  }

  func lmDoor() throws(OptionFailure) -> LMDoorWish {
    switch text {
    case "on": .on
    case "off": .off
    default: .at(try address())
    }
  }

  func unlessOff<Value>(_ parse: (Setting) throws(OptionFailure) -> Value) throws(OptionFailure) -> Value? {
    text == "off" ? nil : try parse(self)
  }

  func inFlightBytes() throws(OptionFailure) -> Int {
    guard let bytes = ByteSize.parse(text), bytes > 0 else { throw failure("is not off and no size") }
    return bytes
  }

  /// What can empty the server is not put on every address by leaving the host out.
  func adminAddress() throws(OptionFailure) -> HostAndPort {
    let address = try address()
    return address.host.isEmpty ? HostAndPort(host: "127.0.0.1", port: address.port) : address
  }
}
