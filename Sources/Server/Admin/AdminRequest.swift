import Base
import Wire

/// What is to be removed.
enum RemovalTarget: Equatable, Sendable {
  case key([UInt8])
  case model([UInt8])
  /// As it stands in keys: `name%value`.
  case tag([UInt8])
  case all

  /// Nil for what is none of these.
  init?(_ parameter: HTTPParameter) {
    switch parameter.name {
    case "key": self = .key(parameter.value)
    case "model": self = .model(parameter.value)
    case "tag":
      guard let sign = parameter.value.firstIndex(of: UInt8(ascii: "=")), sign > 0 else { return nil }
      var tag = parameter.value
      tag[sign] = UInt8(ascii: "%")
      self = .tag(tag)
    case "all":
      guard parameter.value == Array("yes".utf8) else { return nil }
      self = .all
    default: return nil
    }
  }

  var name: String {
    switch self {
    case .key: "key"
    case .model: "model"
    case .tag: "tag"
    case .all: "all"
    }
  }

  /// Empty for all.
  var value: [UInt8] {
    switch self {
    case .key(let bytes), .model(let bytes), .tag(let bytes): bytes
    case .all: []
    }
  }
}

/// What an administrator asks for.
enum AdminRequest: Equatable, Sendable {
  case remove(RemovalTarget)
  case setLogLevel(LogLevel)
  case drain

  private struct Route {
    let method: HTTPRequest.Method
    let allow: StaticString
    let usage: String
    let make: @Sendable (_ query: String) -> AdminRequest?
  }

  private static let routes: [String: Route] = [
    "/chunks": Route(
      method: .delete, allow: "DELETE", usage: "DELETE /chunks takes one of key=K, model=M, tag=NAME=VALUE, all=yes"
    ) { HTTPParameter(query: $0).flatMap(RemovalTarget.init).map(remove) },
    "/log-level": Route(
      method: .post, allow: "POST",
      usage: "POST /log-level takes level=" + LogLevel.allCases.map(\.rawValue).joined(separator: "|")
    ) { query in
      HTTPParameter(query: query).flatMap { $0.name == "level" ? $0.value : nil }
        .flatMap { LogLevel(rawValue: String(decoding: $0, as: UTF8.self)) }.map(setLogLevel)
    },
    "/drain": Route(method: .post, allow: "POST", usage: "POST /drain takes nothing") { $0.isEmpty ? drain : nil },
  ]

  /// Why a request is none of these.
  struct Complaint: Error, Equatable {
    let status: HTTPStatus
    var allow: StaticString?
    let text: String

    static func == (left: Complaint, right: Complaint) -> Bool {
      left.status == right.status && left.text == right.text
    }
  }

  /// Paths are compared byte by byte: nothing in them is decoded, and no part of them walks up.
  init(_ request: HTTPRequest) throws(Complaint) {
    guard let route = Self.routes[request.path] else {
      throw Complaint(
        status: .notFound, text: "there are " + Self.routes.keys.sorted().joined(separator: ", ") + " here")
    }
    guard request.method == route.method else {
      throw Complaint(status: .methodNotAllowed, allow: route.allow, text: route.usage)
    }
    guard request.bodyBytes == 0 else {
      throw Complaint(status: .contentTooLarge, text: "a body is not read: what is asked for stands behind ?")
    }
    guard let made = route.make(request.query) else { throw Complaint(status: .badRequest, text: route.usage) }
    self = made
  }
}
