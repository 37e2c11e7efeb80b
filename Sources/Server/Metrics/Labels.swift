/// What a request was and how it ended.
package enum RequestOutcome: Int, CaseIterable, Sendable {
  case putStored, putDrained, putAborted
  case getHit, getMiss
  case existHit, existMiss
  case listServed, listTooLarge
  case healthServed
  case noticeSkipped
  case httpServed, httpRefused
  case adminServed, adminRefused
  case respGetHit, respGetMiss
  case respSetStored, respSetUnmet, respSetDrained, respSetAborted
  case respExistsHit, respExistsMiss
  case respDelRemoved, respDelAbsent
  case respOther, respRefused

  package var command: StaticString {
    switch self {
    case .putStored, .putDrained, .putAborted: "put"
    case .getHit, .getMiss: "get"
    case .existHit, .existMiss: "exist"
    case .listServed, .listTooLarge: "list"
    case .healthServed: "health"
    case .noticeSkipped: "notice"
    case .httpServed, .httpRefused: "http"
    case .adminServed, .adminRefused: "admin"
    case .respGetHit, .respGetMiss: "get"
    case .respSetStored, .respSetUnmet, .respSetDrained, .respSetAborted: "set"
    case .respExistsHit, .respExistsMiss: "exists"
    case .respDelRemoved, .respDelAbsent: "del"
    case .respOther, .respRefused: "other"
    }
  }

  package var spoken: ConnectionProtocol {
    switch self {
    case .putStored, .putDrained, .putAborted, .getHit, .getMiss, .existHit, .existMiss, .listServed, .listTooLarge,
      .healthServed:
      .lm
    case .noticeSkipped: .peer
    case .httpServed, .httpRefused: .http
    case .adminServed, .adminRefused: .admin
    case .respGetHit, .respGetMiss, .respSetStored, .respSetUnmet, .respSetDrained, .respSetAborted, .respExistsHit,
      .respExistsMiss,
      .respDelRemoved, .respDelAbsent, .respOther, .respRefused:
      .resp
    }
  }

  package var outcome: StaticString {
    switch self {
    case .putStored: "stored"
    case .putDrained: "drained"
    case .putAborted: "aborted"
    case .getHit, .existHit: "hit"
    case .getMiss, .existMiss: "miss"
    case .listServed, .healthServed, .noticeSkipped, .httpServed, .adminServed: "ok"
    case .listTooLarge: "too_large"
    case .httpRefused, .adminRefused, .respRefused: "refused"
    case .respSetStored: "stored"
    case .respSetUnmet: "condition_unmet"
    case .respSetDrained: "drained"
    case .respSetAborted: "aborted"
    case .respGetHit, .respExistsHit: "hit"
    case .respGetMiss, .respExistsMiss: "miss"
    case .respDelRemoved: "removed"
    case .respDelAbsent: "absent"
    case .respOther: "ok"
    }
  }
}

/// The commands whose durations are measured.
package enum TimedCommand: Int, CaseIterable, Sendable {
  case put, get, exist, list

  package var label: StaticString {
    switch self {
    case .put: "put"
    case .get: "get"
    case .exist: "exist"
    case .list: "list"
    }
  }
}

/// What a connection speaks.
package enum ConnectionProtocol: Int, CaseIterable, Sendable {
  case unknown, lm, http, resp, lookup, peer, admin

  package var label: StaticString {
    switch self {
    case .unknown: "unknown"
    case .lm: "lm"
    case .http: "http"
    case .resp: "resp"
    case .lookup: "lookup"
    case .peer: "peer"
    case .admin: "admin"
    }
  }

  /// Whether it stores and fetches chunks.
  var movesChunks: Bool {
    switch self {
    case .lm, .resp, .peer: true
    case .unknown, .http, .lookup, .admin: false
    }
  }

  /// Whether it moves chunks or the news of them, as opposed to asking how the server is.
  var isData: Bool {
    switch self {
    case .lm, .resp, .lookup, .peer: true
    case .unknown, .http, .admin: false
    }
  }
}

/// Why the server turned something away: a connection, a header, a body. Nothing is refused without a name here.
package enum Refusal: Int, CaseIterable, Sendable {
  case unknownProtocol, tlsOnPlainPort
  case unknownCommand, negativeLength, unexpectedLength
  case truncatedKey, emptyKey
  case requestCutShort, bodyCutShort
  case maxConnections, outOfDescriptors, outOfMemory, draining
  case silentReserve, silentBody, stalledReader
  case peerGone, httpIdle, transferFailed
  case multibulkLength, bulkLength, framing, inlineRequest, requestTooLong
  case notAuthenticated, wrongPassword, noPermission, crossProtocol, replyBacklog
  case registryArgumentTooLong, unknownBodySize
  case budgetSpent, pinsWanted
  case addressNotAllowed, connectionsPerAddress, lmClosed
  case adminToken, adminOrigin, adminBusy, adminDisplaced
  case plainOnTLSPort, tlsHandshake, tlsBroken

  package var label: StaticString {
    switch self {
    case .unknownProtocol: "unknown_protocol"
    case .tlsOnPlainPort: "tls_on_plain_port"
    case .unknownCommand: "unknown_command"
    case .negativeLength: "negative_length"
    case .unexpectedLength: "unexpected_length"
    case .truncatedKey: "truncated_key"
    case .emptyKey: "empty_key"
    case .requestCutShort: "request_cut_short"
    case .bodyCutShort: "body_cut_short"
    case .maxConnections: "max_connections"
    case .outOfDescriptors: "out_of_descriptors"
    case .outOfMemory: "out_of_memory"
    case .draining: "draining"
    case .silentReserve: "silent_reserve"
    case .silentBody: "silent_body"
    case .stalledReader: "stalled_reader"
    case .peerGone: "peer_gone"
    case .httpIdle: "http_idle"
    case .transferFailed: "transfer_failed"
    case .multibulkLength: "multibulk_length"
    case .bulkLength: "bulk_length"
    case .framing: "framing"
    case .inlineRequest: "inline_request"
    case .requestTooLong: "request_too_long"
    case .notAuthenticated: "not_authenticated"
    case .wrongPassword: "wrong_password"
    case .noPermission: "no_permission"
    case .crossProtocol: "cross_protocol"
    case .replyBacklog: "reply_backlog"
    case .registryArgumentTooLong: "registry_argument_too_long"
    case .unknownBodySize: "unknown_body_size"
    case .budgetSpent: "budget_spent"
    case .pinsWanted: "pins_wanted"
    case .addressNotAllowed: "address_not_allowed"
    case .connectionsPerAddress: "connections_per_address"
    case .lmClosed: "lm_closed"
    case .adminToken: "admin_token"
    case .adminOrigin: "admin_origin"
    case .adminBusy: "admin_busy"
    case .adminDisplaced: "admin_displaced"
    case .plainOnTLSPort: "plain_on_tls_port"
    case .tlsHandshake: "tls_handshake"
    case .tlsBroken: "tls_broken"
    }
  }
}
