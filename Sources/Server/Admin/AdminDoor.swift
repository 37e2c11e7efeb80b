import Base
import Synchronization
import Wire

/// Where what changes the server's state is asked for, and who may ask.
package final class AdminDoor: Sendable {
  /// Nil: it is asked by TLS only.
  package let listener: Int32?
  /// Without TLS only processes of this host reach it, browsers among them.
  private let isLoopback: Bool
  private let token: Guarded<Secret?>
  /// Those who are there, the oldest first.
  private let places = Guarded<[AdminPlace]>([])
  private let isRemoving = Atomic<Bool>(false)

  /// - Parameter token: nil asks for none, which only a door on the loopback may.
  package init(listener: Int32?, isLoopback: Bool, isLoopbackByTLS: Bool = true, token: Secret?) {
    precondition(isLoopback && isLoopbackByTLS || token != nil, "what others can reach asks for a token")
    self.listener = listener
    self.isLoopback = isLoopback
    self.token = Guarded(token)
  }

  /// From any thread: for requests that come from now on. Whether it is another one.
  package func replace(token: Secret) -> Bool {
    self.token.withLock { current in
      defer { current = token }
      return current.map { !$0.isSame(as: token) } ?? true
    }
  }

  // MARK: Who may ask

  /// Why the request is not answered; nil where it is. A browser reaches the loopback for any page that it shows: such a
  /// request says where it comes from, or goes to a name that leads here only because another's name server says so. By TLS
  /// it does not get that far: the certificate is of another name.
  func refusal(of head: RawSpan, isSecure: Bool = false) -> Refusal? {
    guard HTTPRequestParser.field("origin", in: head) == .absent,
      HTTPRequestParser.field("sec-fetch-site", in: head) == .absent
    else { return .adminOrigin }
    guard case .once(let host) = HTTPRequestParser.field("host", in: head),
      isSecure || !isLoopback || Self.isNumber(host)
    else { return .adminOrigin }
    guard let token = token.withLock({ $0 }) else { return nil }
    guard case .once(let given) = HTTPRequestParser.field("authorization", in: head),
      let scheme = given.firstIndex(of: " "),
      given[..<scheme].lowercased() == "bearer",
      token.isSame(as: Array(given[scheme...].utf8.drop { $0 == UInt8(ascii: " ") }))
    else { return .adminToken }
    return nil
  }

  /// Whether the name of a request's host is an address, or `localhost`: what no name server has a say in.
  static func isNumber(_ host: String) -> Bool {
    var name = host[...]
    if name.hasPrefix("[") {
      guard let end = name.firstIndex(of: "]") else { return false }
      let behind = name[name.index(after: end)...]
      guard behind.isEmpty || isPort(behind) else { return false }
      return name.contains(":") && IPAddress(String(name[name.index(after: name.startIndex)..<end])) != nil
    }
    if let colon = name.firstIndex(of: ":") {
      guard isPort(name[colon...]) else { return false }
      name = name[..<colon]
    }
    return name.lowercased() == "localhost" || IPAddress(String(name)) != nil
  }

  private static func isPort(_ text: Substring) -> Bool {
    text.first == ":" && (2...6).contains(text.utf8.count)
      && text.utf8.dropFirst().allSatisfy { (0x30...0x39).contains($0) }
  }

  // MARK: Bounds

  /// What came of a connection to the door.
  enum Entering {
    case inside
    /// In the place of one who has asked nothing yet, or had its answer.
    case instead
    case busy
  }

  /// Those who only knock must not take the places of clients, nor of those who ask.
  func enter(_ entrance: inout Entrance) -> Entering {
    let place = AdminPlace(self)
    let (entering, lost): (Entering, AdminPlace?) = places.withLock { places in
      var lost: AdminPlace?
      if places.count >= Limits.adminConnectionsMax {
        guard let idle = places.firstIndex(where: { !$0.isAnswering }) else { return (.busy, nil) }
        lost = places.remove(at: idle)
      }
      places.append(place)
      return (lost == nil ? .inside : .instead, lost)
    }
    lost?.lose()
    if entering != .busy { entrance.admin = place }
    return entering
  }

  func leave(_ place: AdminPlace) { places.withLock { $0.removeAll { $0 === place } } }

  /// One removal at a time: a second would walk through the same.
  func beginRemoval() -> Bool {
    isRemoving.compareExchange(expected: false, desired: true, ordering: .relaxed).exchanged
  }

  func endRemoval() { isRemoving.store(false, ordering: .relaxed) }
}

/// One of the few connections that the door of administration has room for.
final class AdminPlace: @unchecked Sendable {
  let door: AdminDoor
  // Used by the loop that accepts, which serves these connections too.
  private var transport: Transport?
  /// A whole request has come, and its answer is not yet on its way.
  var isAnswering = false

  init(_ door: AdminDoor) { self.door = door }

  func belong(to transport: Transport) { self.transport = transport }

  /// It is another's now. The connection ends.
  func lose() { transport?.abort() }

  func leave() { door.leave(self) }
}
