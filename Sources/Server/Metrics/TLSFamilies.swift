import Base
import TLS

/// The numbers of TLS.
struct TLSNumbers {
  let handshakes: Counts<HandshakeOutcome>
  let begun, cutEnds, brokenRecords: UInt64
  let expirySeconds: Int?
  let reloads, failedReloads: Int

  init(_ doors: TLSDoors, _ metrics: [TLSMetrics]) {
    func sum(_ value: (TLSMetrics) -> UInt64) -> UInt64 { metrics.reduce(0) { $0 + value($1) } }
    // Before those that have ended: none of these may be missing.
    let ended = Counts<HandshakeOutcome> { label in sum { $0.handshakes.value(label) } }
    handshakes = ended
    begun = sum { $0.begun.value }
    cutEnds = sum { $0.cutEnds.value }
    brokenRecords = sum { $0.brokenRecords.value }
    expirySeconds = doors.identity.context.expirySeconds
    (reloads, failedReloads) = (doors.identity.reloads, doors.identity.failedReloads)
  }

  /// Those whose client has gone silent in the middle of one among them.
  var inFlight: UInt64 { begun > handshakes.total ? begun - handshakes.total : 0 }
}

enum TLSFamilies {
  static func all(_ numbers: TLSNumbers) -> [MetricFamily] {
    let expiry = numbers.expirySeconds.map {
      MetricFamily(
        "tls_certificate_expiry_timestamp_seconds", .gauge, "When the server's certificate expires, since 1970.", $0)
    }
    return [
      MetricFamily(
        "tls_handshakes_total", .counter, "Handshakes that succeeded; resumed ones prove nothing anew.", by: "kind",
        [HandshakeOutcome.full, .resumed].map { ("\($0.label)", numbers.handshakes[$0]) }),
      MetricFamily(
        "tls_handshake_failures_total", .counter, "Handshakes that failed, by reason.", by: "reason",
        HandshakeOutcome.allCases.filter(\.isFailure).map { ("\($0.label)", numbers.handshakes[$0]) }),
      MetricFamily("tls_handshakes_in_flight", .gauge, "Handshakes under way or waiting.", numbers.inFlight),
      MetricFamily(
        "tls_cut_ends_total", .counter, "TLS connections whose client went without saying so, as most do.",
        numbers.cutEnds),
      MetricFamily(
        "tls_broken_records_total", .counter,
        "TLS connections that ended because of bytes that were changed or made up.",
        numbers.brokenRecords),
      MetricFamily(
        "tls_reloads_total", .counter, "Times that certificate and key were read again, by how it went.", by: "outcome",
        [("done", numbers.reloads), ("failed", numbers.failedReloads)]),
    ] + [expiry].compactMap { $0 }
  }
}
