import Base
import Foundation
import Testing

@testable import TLS

/// Files that are no good, each told in one line, and files that change.
@Suite struct FileTests {
  private static func failure(_ change: (inout TLSSettings) throws -> Void) throws -> TLSFileFailure? {
    var settings = Certificates.shared.settings(.required)
    try change(&settings)
    do {
      _ = try TLSContext.server(settings)
      return nil
    } catch {
      #expect(!error.complaint.contains("\n"))
      return error
    }
  }

  private static func expect(
    _ kind: TLSFileKind, _ complaint: String, _ change: (inout TLSSettings) throws -> Void,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let failure = try #require(try failure(change), sourceLocation: sourceLocation)
    #expect(failure.kind == kind, sourceLocation: sourceLocation)
    #expect(failure.complaint.contains(complaint), "\(failure.complaint)", sourceLocation: sourceLocation)
  }

  @Test func whatIsWrongIsSaid() throws {
    #expect(try Self.failure { _ in } == nil)
    let own = try Certificates()
    try Self.expect(.certificate, "cannot be read: No such file or directory") { $0.certificate = "/no/such/file" }
    try Self.expect(.key, "cannot be read: No such file or directory") { $0.key = "/no/such/file" }
    try Self.expect(.authorities, "cannot be read: Is a directory") { $0.authorities = own.folder.path() }
    try Self.expect(.certificate, "holds no certificate") { $0.certificate = own.path("server.key") }
    try Self.expect(.key, "holds no private key") { $0.key = own.path("server.crt") }
    try Self.expect(.authorities, "holds no certificate") { $0.authorities = try own.write("", to: "empty") }
    try Self.expect(.key, "is not the key of the first certificate in \(Certificates.shared.path("server.crt"))") {
      $0.key = own.path("server.key")
    }
    try Self.expect(.key, "is not the key of") { $0.key = Certificates.rsa.path("server.key") }
    let broken = try String(contentsOfFile: own.path("server.crt"), encoding: .utf8).replacing("MII", with: "MBB")
    try Self.expect(.certificate, "cannot be read (") { $0.certificate = try own.write(broken, to: "broken") }
    try Self.expect(.certificate, "larger than 1 MiB") {
      $0.certificate = try own.write(String(repeating: "x", count: 1 << 20), to: "large")
    }
  }

  @Test func keysThatAreOfNoUse() throws {
    let own = try Certificates()
    try Certificates.run(
      "openssl", ["pkcs8", "-topk8", "-in", own.path("server.key"), "-out", own.path("locked"), "-passout", "pass:x"])
    try Self.expect(.key, "is encrypted") { $0.key = own.path("locked") }
    try Certificates.run(
      "openssl",
      ["req", "-x509", "-newkey", "rsa:1024", "-nodes", "-subj", "/CN=a", "-keyout", own.path("short.key"), "-out"]
        + [own.path("short.crt")])
    try Self.expect(.certificate, "has a key that is too short") {
      ($0.certificate, $0.key) = (own.path("short.crt"), own.path("short.key"))
    }
  }

  /// The server's own, and one in the chain behind it.
  @Test func certificatesThatAreSignedBySHA1() throws {
    let (own, other) = (try Certificates(), try Certificates())
    try own.signBySHA1("server")
    let complaint = "is signed with SHA-1 or MD5; have it signed with SHA-256"
    try Self.expect(.certificate, complaint) {
      ($0.certificate, $0.key) = (own.path("server.crt"), own.path("server.key"))
    }
    let chain = try [other.path("server.crt"), own.path("server.crt")].map {
      try String(contentsOfFile: $0, encoding: .utf8)
    }
    try Self.expect(.certificate, complaint) {
      ($0.certificate, $0.key) = (try other.write(chain.joined(), to: "chain.crt"), other.path("server.key"))
    }
  }

  @Test func whenTheCertificateExpires() throws {
    let now = Int(Date.now.timeIntervalSince1970)
    let expiry = try #require(try TLSContext.server(Certificates.shared.settings()).expirySeconds)
    #expect(abs(expiry - now - 90 * 86_400) < 3_600)
    // It is used all the same: only clients can say what they make of it.
    #expect(try #require(try TLSContext.server(Certificates.expired.settings()).expirySeconds) < now)
  }

  /// As a mounted secret changes: a link is made to point at another folder.
  @Test func filesThatChange() throws {
    let (first, second) = (try Certificates(), try Certificates())
    let mount = try Certificates()
    let link = mount.path("data")
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: first.folder.path())
    var settings = TLSSettings()
    (settings.certificate, settings.key) = (link + "/server.crt", link + "/server.key")
    let identity = try TLSIdentity(settings)
    func believes(_ certificates: Certificates) throws -> Bool {
      let pair = try Pair(client: certificates.client(), server: identity.context)
      pair.shakeHands()
      return pair.server.session.isEstablished
    }
    #expect(try believes(first) && !believes(second))
    #expect(identity.reload() == .unchanged)
    let old = try Pair(client: first.client(), server: identity.context)
    try FileManager.default.removeItem(atPath: link)
    guard case .failed(let failure) = identity.reload() else { throw Certificates.Failure(description: "no failure") }
    #expect(failure.kind == .certificate)
    #expect(identity.reload() == .unchanged, "not told twice")
    #expect(try believes(first), "what was read before stays")
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: second.folder.path())
    #expect(identity.reload() == .done)
    #expect(try !believes(first) && believes(second))
    #expect(identity.reloads == 1 && identity.failedReloads == 1)
    #expect(identity.reload(force: true) == .done)
    old.shakeHands()
    #expect(old.server.session.isEstablished, "sessions keep what they began with")
  }

  /// Two may read at once, by a signal and because the files have changed: what was read first must not win by being slow.
  @Test func theReadingThatBeganLastCounts() throws {
    let (isRead, mayGoOn) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
    let isOver = DispatchSemaphore(value: 0)
    let isSlow = Mark()
    let identity = try TLSIdentity(Certificates.shared.settings()) { settings throws(TLSFileFailure) in
      let context = try TLSContext.server(settings)
      if isSlow.take() {
        isRead.signal()
        mayGoOn.wait()
      }
      return context
    }
    let first = identity.context
    isSlow.set()
    Thread.detachNewThread {
      _ = identity.reload(force: true)
      isOver.signal()
    }
    isRead.wait()
    #expect(identity.reload(force: true) == .done)
    let newest = identity.context
    #expect(newest !== first)
    mayGoOn.signal()
    isOver.wait()
    #expect(identity.context === newest && identity.reloads == 1)
    #expect(identity.reload() == .unchanged)
    #expect(identity.reload(force: true) == .done && identity.context !== newest, "a later one counts")
  }

  /// True once.
  private final class Mark: Sendable {
    private let isSet = Guarded(false)

    func set() { isSet.withLock { $0 = true } }

    func take() -> Bool {
      isSet.withLock { isSet in
        defer { isSet = false }
        return isSet
      }
    }
  }
}
