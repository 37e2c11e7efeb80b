import Base
import IO
import Server
import TLS

/// Why a tool could not do what it was asked: a line for a person that says what to do, and the status to exit with.
struct ToolFailure: Error {
  /// The statuses that tools exit with, beside 0 and that of a bad command line.
  enum Status {
    /// It is not there, or not well.
    static let absent: Int32 = 1
    static let usage: Int32 = 2
    /// Not reached, refused, or answered by something else.
    static let unreachable: Int32 = 3
  }

  let message: String
  var exitCode = Status.unreachable

  init(_ message: String, exitCode: Int32 = Status.unreachable) {
    (self.message, self.exitCode) = (message, exitCode)
  }

  /// What a server said, fit for a line.
  static func quoted(_ text: [UInt8]) -> String { LogEscape.line(Array(text.prefix(300))) }

  // MARK: Connections

  init(_ failure: OutboundConnection.Failure, _ target: HostAndPort) {
    let what =
      switch failure {
      case .noSuchHost: "there is no such host; check its name"
      case .noDescriptor: "no socket can be had for that address"
      case .io(.refused): "nobody listens there; the server's first log line has the ports of its doors"
      case .io(.timedOut): "no answer in time; check address and firewall, or allow more by --timeout"
      case .io(.peerGone): "the server closed the connection; where it speaks TLS alone, add --tls"
      case .io(.unreachable): "no way leads there; check the address"
      case .io(let failure): "it cannot be reached (\(failure.reason))"
      }
    self.init("\(target.text): \(what)")
  }

  init(_ failure: SecuredConnection.Failure, _ target: HostAndPort) {
    switch failure {
    case .connection(.io(.peerGone)): self = .closed(target, bySecured: true)
    case .connection(let failure): self.init(failure, target)
    case .closed:
      self.init("\(target.text): the connection was closed instead of a handshake; is it the port of --tls-port?")
    case .tls(let failure, let complaint): self.init("\(target.text): \(Self.words(failure, complaint))")
    }
  }

  private static func words(_ failure: TLSFailure, _ complaint: String) -> String {
    switch failure {
    case .notTLS: "it speaks no TLS there; name the port of --tls-port, or leave --tls out"
    case .untrusted: "its certificate is of nobody that is trusted; name its authority with --ca FILE"
    case .expired: "its certificate has expired, or is not valid yet"
    case .wrongHost: "its certificate is for another name; ask it by a name that the certificate has"
    case .refusedByPeer:
      "it refused the handshake (\(complaint)); where it asks for certificates, show one with --certificate and --key"
    default: "TLS fails: \(failure.label)\(complaint.isEmpty ? "" : " (\(complaint))")"
    }
  }

  /// In the middle of an answer, or instead of it.
  static func closed(_ target: HostAndPort, bySecured isSecured: Bool) -> ToolFailure {
    let advice =
      isSecured
      ? "where it asks for certificates, show one with --certificate and --key" : "where it speaks TLS alone, add --tls"
    return ToolFailure("\(target.text): the server closed the connection; \(advice)")
  }
}
