import Foundation
import TLS

/// A folder of certificates, made by the script that people are told to use.
final class Certificates: Sendable {
  /// Nobody changes these.
  static let shared = try! Certificates()
  static let others = try! Certificates(["--rsa"])

  let folder: URL

  init(_ options: [String] = []) throws {
    folder = FileManager.default.temporaryDirectory.appending(path: "lmcache-e2e-tls-\(UUID().uuidString)")
    try make(options)
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  /// The server's and the client's anew, by the same authority.
  func make(_ options: [String] = []) throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../..").standardized
    let script = try Child(root.appending(path: "scripts/certificates.sh").path(), [folder.path()] + options)
    guard try script.wait() == .exited(0) else { throw HarnessFailure("certificates: \(script.standardError)") }
  }

  func path(_ name: String) -> String { folder.appending(path: name).path() }

  /// What a server is told, beside where its doors are.
  var flags: [String] { ["--tls-cert", path("server.crt"), "--tls-key", path("server.key")] }

  func trust() throws -> TLSContext { try TLSContext.client(authorities: path("ca.crt"), verifies: true) }
}

extension RunningServer {
  /// A server with a door of TLS, whose clients trust the shared certificates.
  static func secure(_ driver: IODriver, _ flags: [String] = [], memory: String = "64MiB") throws -> RunningServer {
    try RunningServer(driver, ["--tls-port", "0"] + Certificates.shared.flags + flags, memory: memory)
  }

  func tlsPort() throws -> UInt16 { try port(after: "tls listening") }

  /// A connection by TLS.
  func secured(
    _ certificates: Certificates = .shared, pieceBytes: Int = .max, receiveBufferBytes: Int32? = nil
  ) throws -> Peer {
    let peer = try Peer(port: tlsPort(), receiveBufferBytes: receiveBufferBytes)
    try peer.secure(by: Veil(certificates.trust(), pieceBytes: pieceBytes))
    return peer
  }

  func failedHandshakes(_ reason: String) throws -> Double {
    try metric("lmcache_server_tls_handshake_failures_total{reason=\"\(reason)\"}")
  }
}
