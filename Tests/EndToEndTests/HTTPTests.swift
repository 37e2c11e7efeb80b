import Foundation
import Testing
import Wire

@Suite
struct HTTPTests {
  static let pages = [
    "/health", "/healthz", "/livez", "/readyz", "/metrics", "/stats", "/status.json", "/",
  ]

  @Test(arguments: IODriver.available)
  func everyPageAnswersOnOneConnection(driver: IODriver) throws {
    let server = try RunningServer(driver)
    let web = try server.web()
    for page in Self.pages {
      let answer = try web.get(page + "?from=probe")
      #expect(answer.status == 200, "\(page)")
      #expect(answer.fields["connection"] == "keep-alive")
      #expect(!answer.body.isEmpty)
      let head = try web.ask("HEAD \(page) HTTP/1.1", fields: ["Host: a"])
      #expect(head.status == 200 && head.body.isEmpty)
      #expect(head.fields["content-type"] == answer.fields["content-type"])
    }
    let health = try #require(
      JSONSerialization.jsonObject(with: Data(web.get("/health").body.utf8)) as? [String: Any])
    #expect(health["status"] as? String == "ok")
    #expect((health["boot_id"] as? String)?.count == 16)
    #expect(health["uptime_seconds"] is Int)
    #expect(health["version"] is String)
  }

  @Test(arguments: IODriver.available)
  func whatCannotBeServedIsSaid(driver: IODriver) throws {
    let server = try RunningServer(driver)
    let web = try server.web()
    #expect(try web.get("/nowhere").status == 404)
    let post = try web.ask("POST /health HTTP/1.1", fields: ["Host: a", "Content-Length: 3"])
    #expect(post.status == 405 && post.fields["allow"] == "GET, HEAD")
    try web.peer.send([1, 2, 3])
    #expect(try web.get("/health").status == 200, "a body that was skipped does not disturb")
    let refusals: [(status: Int, request: String)] = [
      (400, "GET  /health HTTP/1.1\r\n\r\n"), (400, "GET /health HTTP/1.1\r\nHost : a\r\n\r\n"),
      (400, "GET /health HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"),
      (413, "GET /health HTTP/1.1\r\nHost: a\r\nContent-Length: 65537\r\n\r\n"),
      (431, "GET /health HTTP/1.1\r\nCookie: \(String(repeating: "x", count: 9000))\r\n\r\n"),
      (505, "GET /health HTTP/2.0\r\n\r\n"),
    ]
    for (status, request) in refusals {
      let web = try server.web()
      #expect(try web.get("/health").status == 200)
      try web.peer.send(Array(request.utf8))
      let answer = try web.answer()
      #expect(answer.status == status, "\(request.prefix(60))")
      #expect(answer.fields["connection"] == "close")
      #expect(try web.peer.receiveToEnd().isEmpty)
    }
  }

  @Test(arguments: IODriver.available)
  func connectionsAreKeptAndClosedAsAsked(driver: IODriver) throws {
    let server = try RunningServer(driver)
    let old = try server.web()
    #expect(try old.ask("GET /health HTTP/1.0").fields["connection"] == "close")
    #expect(try old.peer.receiveToEnd().isEmpty)
    let oldKept = try server.web()
    for _ in 0..<3 {
      #expect(try oldKept.ask("GET /health HTTP/1.0", fields: ["Connection: keep-alive"]).status == 200)
    }
    let closing = try server.web()
    #expect(try closing.get("/health", fields: ["Connection: close"]).status == 200)
    #expect(try closing.peer.receiveToEnd().isEmpty)
  }

  @Test(arguments: IODriver.available)
  func pipelinedRequestsAreAnsweredInOrder(driver: IODriver) throws {
    let server = try RunningServer(driver)
    let web = try server.web()
    let targets = ["/health", "/nowhere", "/metrics", "/readyz", "/stats"]
    let requests = (0..<20).flatMap { _ in targets }.map { "GET \($0) HTTP/1.1\r\nHost: a\r\n\r\n" }
    try web.peer.send(Array(requests.joined().utf8))
    for _ in 0..<20 {
      #expect(try web.answer().status == 200)
      #expect(try web.answer().status == 404)
      #expect(try web.answer().body.contains("# TYPE"))
      #expect(try web.answer().body.contains("\"ok\""))
      #expect(try web.answer().body.contains("\"models\""))
    }
  }
}
