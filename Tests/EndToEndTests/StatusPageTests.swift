import COpenSSL
import Foundation
import Testing

/// The page for people, as a browser is given it. What it does there `scripts/page-test.sh` tests.
@Suite
struct StatusPageTests {
  /// A phone on a slow line has it within a second.
  private static let bytesMax = 64 * 1024

  @Test(arguments: IODriver.available)
  func thePageIsOneDocumentThatAsksNobodyElse(driver: IODriver) throws {
    let server = try RunningServer(driver)
    let answer = try server.web().get("/", fields: ["Sec-Fetch-Site: none", "Accept: text/html"])
    #expect(answer.status == 200)
    #expect(answer.fields["content-type"] == "text/html; charset=utf-8")
    #expect(answer.fields["x-content-type-options"] == "nosniff")
    #expect(answer.fields["content-encoding"] == nil)
    let page = answer.body
    #expect(page.hasPrefix("<!DOCTYPE html>\n") && page.hasSuffix("</html>\n"))
    #expect(page.utf8.count < Self.bytesMax)
    // The namespace of SVG is a name that nobody asks for.
    let rest = page.replacing("http://www.w3.org/2000/svg", with: "")
    for address in ["http:", "https:", "src=\"", "@import", "url("] {
      #expect(!rest.contains(address), "\(address)")
    }
  }

  @Test(arguments: IODriver.available)
  func itsPolicyAllowsItsOwnStyleAndScriptAlone(driver: IODriver) throws {
    let server = try RunningServer(driver)
    let answer = try server.web().get("/")
    let policy = try #require(answer.fields["content-security-policy"])
    let style = try Self.digest(of: "style", in: answer.body)
    let script = try Self.digest(of: "script", in: answer.body)
    let expected: Set = [
      "default-src 'none'", "style-src '\(style)'", "script-src '\(script)'", "connect-src 'self'", "img-src data:",
      "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'",
    ]
    #expect(Set(policy.components(separatedBy: "; ")) == expected)
    #expect(!answer.body.contains(" style=\"") && !answer.body.contains(" onclick="), "the policy would forbid it")
  }

  /// What comes from the server, such as a model's name, is put into the page as text.
  @Test func nothingOfTheScriptMakesMarkupOfText() throws {
    let server = try RunningServer(IODriver.available[0])
    let page = try server.web().get("/").body
    for word in ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "Function(", "srcdoc"] {
      #expect(!page.contains(word), "\(word)")
    }
  }

  /// As a browser reckons it: of every byte between the first tag and its end.
  private static func digest(of tag: String, in page: String) throws -> String {
    let parts = page.components(separatedBy: "<\(tag)>")
    try #require(parts.count == 2, "there is one <\(tag)>")
    let text = Array(parts[1].components(separatedBy: "</\(tag)>")[0].utf8)
    var digest = [UInt8](repeating: 0, count: Int(SHA256_DIGEST_LENGTH))
    _ = SHA256(text, text.count, &digest)
    return "sha256-" + Data(digest).base64EncodedString()
  }
}
