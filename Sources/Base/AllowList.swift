/// Which addresses may come in at which door. Empty, as it is by default: all of them, at every door.
package struct AllowList: Equatable, Sendable {
  /// For doors that have no blocks of their own.
  private var common: [AddressBlock] = []
  private var own: [Door: [AddressBlock]] = [:]

  package init() {}

  package var count: Int { own.values.reduce(common.count) { $0 + $1.count } }

  package mutating func add(_ block: AddressBlock, at door: Door? = nil) {
    if let door { own[door, default: []].append(block) } else { common.append(block) }
  }

  /// Whether only some addresses may come in there.
  package func isLimited(at door: Door) -> Bool { !blocks(of: door).isEmpty }

  package func allows(_ address: IPAddress, at door: Door) -> Bool {
    let blocks = blocks(of: door)
    return blocks.isEmpty || blocks.contains { $0.contains(address) }
  }

  /// What is said of clients in general does not shut out the one who administers.
  private func blocks(of door: Door) -> [AddressBlock] { own[door] ?? (door == .admin ? [] : common) }
}
