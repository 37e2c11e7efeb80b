import Base
import Glibc
import Server
import TLS

/// Has new connections see a certificate that was renewed: at SIGHUP, and soon after its files change, because Kubernetes
/// changes a mounted secret without a word.
struct CertificateReload: Sendable {
  let identity: TLSIdentity
  let log: Log

  /// Never returns.
  func watch() {
    while true {
      usleep(UInt32(Limits.tlsFilesNanoseconds / 1000))
      run()
    }
  }

  /// - Parameter force: also where the files look the same.
  func run(force: Bool = false) {
    switch identity.reload(force: force) {
    case .unchanged: return
    case .done:
      log.info("certificate and key were read again", ["certificate": .text(identity.settings.certificate)])
      tellExpiry()
    case .failed(let failure):
      log.error(
        "the certificate stays as it was", ["file": .text(failure.path), "reason": .text(failure.complaint)])
    }
  }

  /// An expired certificate is used all the same: what clients make of it is theirs to say.
  func tellExpiry() {
    guard let expiry = identity.context.expirySeconds else { return }
    let left = expiry - Int(WallClock.milliseconds() / 1000)
    if left <= 0 {
      log.warning("the certificate has expired", ["certificate": .text(identity.settings.certificate)])
    } else if left < Limits.certificateWarningSeconds {
      log.warning(
        "the certificate expires in \(left / 86_400) days", ["certificate": .text(identity.settings.certificate)])
    }
  }
}
