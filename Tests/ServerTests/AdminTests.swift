import Base
import Testing
import Wire

@testable import Server

/// Whose requests are answered, and what they ask for.
struct AdminTests {
  private static let token = "0123456789abcdef"

  private static func refusal(_ fields: [String], isLoopback: Bool = true, token: String? = token) -> Refusal? {
    let door = AdminDoor(listener: -1, isLoopback: isLoopback, token: token.map { Secret(Array($0.utf8)) })
    let head = (["POST /drain HTTP/1.1"] + fields + ["", ""]).joined(separator: "\r\n")
    return door.refusal(of: Array(head.utf8).span.bytes)
  }

  private static func refusal(token given: String?) -> Refusal? {
    refusal(["Host: 127.0.0.1:80"] + (given.map { ["Authorization: \($0)"] } ?? []))
  }

  @Test func theTokenIsAskedForInFull() {
    #expect(Self.refusal(token: "Bearer 0123456789abcdef") == nil)
    #expect(Self.refusal(token: "bearer   0123456789abcdef") == nil)
    for wrong in [
      "", "Bearer", "Bearer ", "0123456789abcdef", "Bearer 0123456789abcde", "Bearer 0123456789abcdef0",
      "Bearer 0123456789abcdeF", "Bearer 0", "Bearer \u{0}123456789abcdef", "Basic 0123456789abcdef",
      "Bearer 0123456789abcdef x", "Bearer,0123456789abcdef", "Bearer\t0123456789abcdef",
    ] {
      #expect(Self.refusal(token: wrong) == .adminToken, "\(wrong)")
    }
    #expect(Self.refusal(token: nil) == .adminToken)
    let twice = ["Host: [::1]", "Authorization: Bearer \(Self.token)", "Authorization: Bearer \(Self.token)"]
    #expect(Self.refusal(twice) == .adminToken)
    #expect(Self.refusal(["Host: localhost"], token: nil) == nil)
  }

  @Test func aNewTokenTakesThePlaceOfTheOld() {
    let door = AdminDoor(listener: -1, isLoopback: true, token: Secret(Array(Self.token.utf8)))
    let head = Array("GET / HTTP/1.1\r\nHost: ::1\r\nHost: ::1\r\n\r\n".utf8)
    #expect(door.refusal(of: head.span.bytes) == .adminOrigin, "two hosts are none")
    let old = Array("GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer \(Self.token)\r\n\r\n".utf8)
    #expect(door.refusal(of: old.span.bytes) == nil)
    #expect(door.replace(token: Secret(Array("another token of it".utf8))))
    #expect(door.refusal(of: old.span.bytes) == .adminToken)
  }

  @Test func browsersAreRefusedWhateverTheyKnow() {
    let token = "Authorization: Bearer \(Self.token)"
    for field in [
      "Origin: http://127.0.0.1:80", "Origin: null", "origin:", "Sec-Fetch-Site: same-origin", "Sec-Fetch-Site: none",
    ] {
      #expect(Self.refusal(["Host: 127.0.0.1", token, field]) == .adminOrigin, "\(field)")
      #expect(Self.refusal(["Host: cache", token, field], isLoopback: false) == .adminOrigin, "\(field)")
    }
  }

  /// By TLS a name is one that the certificate has; whoever knows no token stays out all the same.
  @Test func byTLSItMayBeAskedByName() {
    let door = AdminDoor(
      listener: nil, isLoopback: true, isLoopbackByTLS: false, token: Secret(Array(Self.token.utf8)))
    func refusal(_ fields: String..., isSecure: Bool) -> Refusal? {
      let head = (["POST /drain HTTP/1.1"] + fields + ["", ""]).joined(separator: "\r\n")
      return door.refusal(of: Array(head.utf8).span.bytes, isSecure: isSecure)
    }
    let token = "Authorization: Bearer \(Self.token)"
    #expect(refusal("Host: cache.example", token, isSecure: true) == nil)
    #expect(refusal("Host: cache.example", token, isSecure: false) == .adminOrigin)
    #expect(refusal("Host: cache.example", isSecure: true) == .adminToken)
    #expect(refusal("Host: cache.example", token, "Origin: null", isSecure: true) == .adminOrigin)
  }

  @Test func theLoopbackIsAskedByAddress() {
    let token = "Authorization: Bearer \(Self.token)"
    for host in [
      "127.0.0.1", "127.0.0.1:80", "localhost", "LOCALHOST:8080", "[::1]", "[::1]:80", "10.0.0.1", "[fd00::1]:1",
    ] {
      #expect(Self.refusal(["Host: \(host)", token]) == nil, "\(host)")
    }
    for host in [
      "", "evil.example", "evil.example:80", "127.0.0.1.evil.example", "localhost.evil.example", "127.0.0.1:80:80",
      "127.0.0.1:", "127.0.0.1:x", "[::1", "[127.0.0.1]", "[::1]x", "[]", "::1", "0x7f.1", "2130706433", "127.1",
      "localhost@evil.example", "127.0.0.1, evil.example", " ",
    ] {
      #expect(Self.refusal(["Host: \(host)", token]) == .adminOrigin, "\(host)")
    }
    #expect(Self.refusal([token]) == .adminOrigin, "no host")
    #expect(Self.refusal(["Host: cache-admin.lmcache.svc:80", token], isLoopback: false) == nil)
  }

  // MARK: What is asked for

  /// Nil: understood.
  private static func complaint(_ method: String, _ target: String, bodyBytes: Int = 0) throws -> HTTPStatus? {
    do throws(AdminRequest.Complaint) {
      _ = try AdminRequest(parsed(method, target, bodyBytes))
      return nil
    } catch {
      return error.status
    }
  }

  private static func asked(_ method: String, _ target: String) throws -> AdminRequest {
    try AdminRequest(parsed(method, target, 0))
  }

  private static func parsed(_ method: String, _ target: String, _ bodyBytes: Int) -> HTTPRequest {
    let head = "\(method) \(target) HTTP/1.1\r\nContent-Length: \(bodyBytes)\r\n\r\n"
    guard case .request(let request, _) = HTTPRequestParser.parse(Array(head.utf8).span.bytes) else {
      preconditionFailure("\(head) is a request")
    }
    return request
  }

  @Test func requestsAreUnderstood() throws {
    #expect(try Self.asked("DELETE", "/chunks?key=a%00b") == .remove(.key([0x61, 0, 0x62])))
    #expect(try Self.asked("DELETE", "/chunks?model=meta%2FLlama") == .remove(.model(Array("meta/Llama".utf8))))
    #expect(try Self.asked("DELETE", "/chunks?tag=user=alice=x") == .remove(.tag(Array("user%alice=x".utf8))))
    #expect(try Self.asked("DELETE", "/chunks?all=yes") == .remove(.all))
    #expect(try Self.asked("POST", "/log-level?level=debug") == .setLogLevel(.debug))
    #expect(try Self.asked("POST", "/drain") == .drain)
  }

  @Test func nothingElseIs() throws {
    for target in [
      "/chunks", "/chunks?", "/chunks?all", "/chunks?all=no", "/chunks?all=yes&model=a", "/chunks?ALL=yes",
      "/chunks?key=",
      "/chunks?tag=user", "/chunks?tag==a", "/chunks?model=%", "/chunks?prefix=a",
    ] {
      #expect(try Self.complaint("DELETE", target) == .badRequest, "\(target)")
    }
    for target in [
      "/", "*", "/chunks/", "//chunks", "/./chunks", "/../chunks", "/x/../chunks", "/%63hunks", "/Chunks",
      "/chunks;a",
      "/chunks%3Fall=yes", "/metrics", "/drain/..",
    ] {
      for method in ["DELETE", "POST", "GET"] {
        #expect(try Self.complaint(method, target) == .notFound, "\(target)")
      }
    }
    for method in ["GET", "HEAD", "POST", "PUT", "delete"] {
      #expect(try Self.complaint(method, "/chunks?all=yes") == .methodNotAllowed)
    }
    for method in ["GET", "HEAD", "DELETE", "OPTIONS"] {
      #expect(try Self.complaint(method, "/drain") == .methodNotAllowed)
    }
    #expect(try Self.complaint("POST", "/drain?now=yes") == .badRequest)
    #expect(try Self.complaint("POST", "/log-level?level=loud") == .badRequest)
    #expect(try Self.complaint("POST", "/drain", bodyBytes: 1) == .contentTooLarge)
  }
}
