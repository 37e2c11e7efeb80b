import Store

/// A name that LMCache has for something that this server has too. A flag's own name means the flag everywhere else.
struct EngineName: Sendable {
  let name: String
  /// A value that is accepted.
  let example: String
  /// What the flag takes, from what LMCache's name takes: the flag, and its text.
  let means: @Sendable (String) -> (flag: Flag, text: String)

  static let all = [
    EngineName(name: "max_local_cpu_size", example: "40") { (.memory, gigabytes($0)) },
    EngineName(name: "local_disk", example: Flag.disk.example) { (.disk, $0) },
    EngineName(name: "max_local_disk_size", example: "100") { (.diskSize, gigabytes($0)) },
    EngineName(name: "cache_policy", example: "LRU") { (.policy, $0.lowercased()) },
    EngineName(name: remoteURL, example: "lm://HOST:\(Flag.port.example)") { (.port, port($0)) },
    EngineName(name: distributedURL, example: Flag.peer.example) { (.peer, $0) },
    EngineName(name: lookupURL, example: Flag.lookup.example) { (registry($0), $0) },
  ]

  static let remoteURL = "remote_url"
  static let distributedURL = "distributed_url"
  static let lookupURL = "lookup_url"
  /// Whether chunks are kept in memory. They are.
  static let localCPU = "local_cpu"
  /// Whether the two addresses of sharing are followed.
  static let enableP2P = "enable_p2p"

  static var names: [String] { all.map(\.name) + [localCPU, enableP2P] }

  /// LMCache counts sizes in GiB and writes no unit.
  private static func gigabytes(_ text: String) -> String {
    let isBare = !text.isEmpty && text.allSatisfy { $0 == "." || ($0.isASCII && $0.isNumber) }
    return isBare ? text + "GiB" : text
  }

  /// Engines name the server as they reach it: a Service, a load balancer. Only the port is something to listen on.
  private static func port(_ text: String) -> String {
    guard text.contains("://"), let colon = text.lastIndex(of: ":") else { return text }
    return String(text[text.index(after: colon)...].prefix { $0.isNumber })
  }

  /// Engines have one name for the registry's place. A URL is where chunks are announced, an address where to serve one.
  static func registry(_ text: String) -> Flag {
    text.hasPrefix("redis://") || text.hasPrefix("rediss://") ? .lookupURL : .lookup
  }
}
