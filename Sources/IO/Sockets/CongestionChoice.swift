import Base
import Glibc

/// Which congestion control accepted connections get, and why.
///
/// A control that paces (bbr) sends by a timer. Between two processes of one host there is no path to spare, and the
/// timer costs most of the speed.
///
/// It is the listening socket that gets the control of connections from this host: they begin with it. Changed later, a
/// connection that began with bbr would be paced for good, because the kernel never takes that off a socket.
package struct CongestionChoice: Sendable, Equatable {
  /// What `--congestion` says.
  package enum Wish: Sendable, Equatable {
    case auto
    case named(String)
  }

  /// What the host gives to sockets that ask for nothing.
  package let host: String
  /// For peers on this host.
  package let local: String
  /// For all others.
  package let remote: String
  package let reason: String

  /// Asks the kernel, with a socket that goes nowhere.
  package static func make(_ wish: Wish) throws(CongestionRefusal) -> CongestionChoice {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    defer { if descriptor >= 0 { close(descriptor) } }
    let host = SocketOptions.congestion(of: descriptor) ?? "unknown"
    return try make(wish, host: host) { SocketOptions.setCongestion(descriptor, to: $0) }
  }

  /// `refusal` answers 0 for a name that the kernel lets us use, else an errno.
  static func make(
    _ wish: Wish, host: String, refusal: (String) -> Int32
  ) throws(CongestionRefusal) -> CongestionChoice {
    if case .named(let name) = wish {
      let number = refusal(name)
      guard number == 0 else { throw CongestionRefusal(name: name, errno: number) }
      return CongestionChoice(host: host, local: name, remote: name, reason: "asked for by --congestion \(name)")
    }
    func unchanged(_ reason: String) -> CongestionChoice {
      CongestionChoice(host: host, local: host, remote: host, reason: reason)
    }
    guard paces(host) else { return unchanged("the host's, which does not pace") }
    // Others are given the host's back, so that must be allowed as well.
    guard refusal(host) == 0 else { return unchanged("the host's, which the kernel would not give back to others") }
    guard let local = unpaced.first(where: { refusal($0) == 0 }) else {
      return unchanged("the host's, because the kernel allows no other")
    }
    return CongestionChoice(
      host: host, local: local, remote: host, reason: "\(host) paces, for which there is no cause within a host")
  }

  /// The second is what every kernel allows without privileges. Where nothing is lost the two do the same.
  private static let unpaced = ["cubic", "reno"]

  private static func paces(_ name: String) -> Bool { name.hasPrefix("bbr") }

  /// What connections to this listener shall begin with.
  package func prepare(listener: Int32) {
    if local != host { _ = SocketOptions.setCongestion(listener, to: local) }
  }

  /// Gives a connection just accepted what it should have; whether it is paced.
  package func settle(_ descriptor: Int32) -> Bool {
    settle(descriptor, isOnThisHost: SocketAddress.isPeerOnThisHost)
  }

  func settle(_ descriptor: Int32, isOnThisHost: (Int32) -> Bool) -> Bool {
    guard let found = SocketOptions.congestion(of: descriptor) else { return false }
    guard let wanted = wanted(descriptor, found: found, isOnThisHost), wanted != found else {
      return Self.paces(found)
    }
    return Self.paces(SocketOptions.setCongestion(descriptor, to: wanted) == 0 ? wanted : found)
  }

  /// Nil: as it is.
  private func wanted(_ descriptor: Int32, found: String, _ isOnThisHost: (Int32) -> Bool) -> String? {
    if local == remote { return local == host ? nil : local }
    // Not what the listener gave: a route has a control of its own, which an operator gave it.
    guard found == local else { return nil }
    return isOnThisHost(descriptor) ? nil : remote
  }
}

/// Why there will be no connection with a congestion control of that name.
package struct CongestionRefusal: Error, Equatable, Sendable, CustomStringConvertible {
  package let name: String
  package let errno: Int32

  package var description: String {
    errno == EPERM
      ? "is not allowed to this process by the kernel (net.ipv4.tcp_allowed_congestion_control)"
      : "is no congestion control that the kernel has (net.ipv4.tcp_available_congestion_control)"
  }
}
