import Base
import Glibc
import Server
import TLS

/// Has new connections, from others and to others, use a certificate that was renewed: at SIGHUP, and soon after its files
/// change, because Kubernetes changes a mounted secret without a word. Warns each day of one that expires and is not renewed.
struct CertificateReload: Sendable {
  private let identities: [TLSIdentity]
  private let log: Log

  /// Nil where there are no files.
  init?(_ identities: [TLSIdentity?], _ log: Log) {
    self.identities = identities.compactMap { $0 }.filter { !$0.settings.files.isEmpty }
    self.log = log
    guard !self.identities.isEmpty else { return nil }
  }

  /// Looks whenever `next` has waited, which tells the calendar's seconds then; until it has none.
  func watch(_ next: () -> Int? = Self.pause) {
    var told = WallClock.seconds()
    while let now = next() {
      run()
      // A calendar that was set back begins a new day.
      guard now - told >= Limits.certificateWarningPauseSeconds || now < told else { continue }
      told = now
      tellExpiry(now: now)
    }
  }

  private static func pause() -> Int? {
    usleep(UInt32(Limits.tlsFilesNanoseconds / 1000))
    return WallClock.seconds()
  }

  /// - Parameter force: also where the files look the same.
  func run(force: Bool = false) {
    for identity in identities { run(identity, force: force) }
  }

  private func run(_ identity: TLSIdentity, force: Bool) {
    switch identity.reload(force: force) {
    case .unchanged: return
    case .done:
      let files = identity.settings.certificate.isEmpty ? "authorities were" : "certificate and key were"
      log.info("\(files) read again", ["certificate": .text(identity.settings.files[0])])
      tellExpiry(identity, now: WallClock.seconds())
    case .failed(let failure):
      log.error(
        "the certificate stays as it was", ["file": .text(failure.path), "reason": .text(failure.complaint)])
    }
  }

  func tellExpiry(now: Int = WallClock.seconds()) {
    for identity in identities { tellExpiry(identity, now: now) }
  }

  /// An expired certificate is used all the same: what the other side makes of it is theirs to say.
  private func tellExpiry(_ identity: TLSIdentity, now: Int) {
    guard let expiry = identity.context.expirySeconds else { return }
    let left = expiry - now
    if left <= 0 {
      log.warning("the certificate has expired", ["certificate": .text(identity.settings.certificate)])
    } else if left < Limits.certificateWarningSeconds {
      log.warning(
        "the certificate expires in \(left / 86_400) days", ["certificate": .text(identity.settings.certificate)])
    }
  }
}
