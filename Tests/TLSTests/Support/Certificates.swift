import Foundation
import TLS

/// A folder of certificates, made by the script that people are told to use.
final class Certificates: Sendable {
  /// Most tests use these; nobody changes them.
  static let shared = try! Certificates()
  static let rsa = try! Certificates(["--rsa"])
  static let expired = try! Certificates(["--days", "-1"])

  let folder: URL

  init(_ options: [String] = []) throws {
    folder = FileManager.default.temporaryDirectory.appending(path: "lmcache-tls-\(UUID().uuidString)")
    let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../..").standardized
    try Self.run(root.appending(path: "scripts/certificates.sh").path(), [folder.path()] + options)
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  func path(_ name: String) -> String { folder.appending(path: name).path() }

  func write(_ text: String, to name: String) throws -> String {
    try Data(text.utf8).write(to: folder.appending(path: name))
    return path(name)
  }

  func settings(_ clients: ClientCertificates = .none) -> TLSSettings {
    var settings = TLSSettings()
    settings.certificate = path("server.crt")
    settings.key = path("server.key")
    if clients != .none { settings.authorities = path("ca.crt") }
    settings.clients = clients
    return settings
  }

  /// What a client trusts.
  func client(verifies: Bool = true) throws -> TLSContext {
    try TLSContext.client(authorities: path("ca.crt"), verifies: verifies)
  }

  /// A certificate that the authority signs again, by what nobody should sign by.
  func signBySHA1(_ name: String) throws {
    let (certificate, request) = (path("\(name).crt"), path("\(name).csr"))
    try Self.run(
      "openssl", ["x509", "-x509toreq", "-in", certificate, "-signkey", path("\(name).key"), "-out", request])
    try Self.run(
      "openssl",
      ["x509", "-req", "-sha1", "-in", request, "-days", "90", "-CA", path("ca.crt"), "-CAkey", path("ca.key")]
        + ["-set_serial", "7", "-out", certificate])
  }

  /// Runs openssl, or a script; what it fails of is in the test's output.
  static func run(_ program: String, _ arguments: [String]) throws {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = [program] + arguments
    try process.run()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw Failure(description: "\(program) \(arguments) failed") }
  }

  struct Failure: Error, CustomStringConvertible { let description: String }
}
