import Base
import Foundation
import TLS
import Testing

@testable import lmcache_server

/// A server that runs until its certificate is old.
@Suite struct CertificateWarningTests {
  @Test func aCertificateThatNobodyRenewsIsToldOfEachDay() throws {
    var settings = TLSSettings()
    (settings.certificate, settings.key) = (
      Certificates.shared.path("server.crt"), Certificates.shared.path("server.key")
    )
    let identity = try TLSIdentity(settings)
    let pipe = Pipe()
    let log = Log(level: .info, format: .text, descriptor: pipe.fileHandleForWriting.fileDescriptor)
    let reload = try #require(CertificateReload([identity], log))
    let began = WallClock.seconds()
    let hour = 3600
    // For a hundred days, of which the certificate is good for ninety.
    var hours = 0
    reload.watch {
      hours += 1
      return hours <= 100 * 24 ? began + hours * hour : nil
    }
    log.close()
    try pipe.fileHandleForWriting.close()
    let lines = String(decoding: try pipe.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
      .split(separator: "\n")
    // The first and the last day of the week are told of or not by the second in which it began.
    #expect((6...8).contains(lines.count { $0.contains("the certificate expires in") }), "\(lines)")
    #expect((10...11).contains(lines.count { $0.contains("the certificate has expired") }), "\(lines)")
    #expect((17...18).contains(lines.count), "\(lines)")
  }
}
