import Base
import Store
import Testing

@testable import Setup

/// Quotas as options say them.
@Suite struct TenantOptionTests {
  private static func quotas(_ arguments: [String]) throws -> [Quota] {
    guard case .serve(let options) = try OptionParser.parse(arguments, environment: { _ in nil }) else { return [] }
    return options.quotas
  }

  @Test func theyAddUpInOrder() throws {
    let quotas = try Self.quotas([
      "--quota", "model=m:1GiB,tag:a=b=c:2MiB", "--quota=model=/models/x:y*:3G", "--quota", "tag:team=*:1MiB",
    ])
    #expect(
      quotas == [
        Quota(.model("m"), bytes: 1 << 30), Quota(.tag(name: "a", value: "b=c"), bytes: 2 << 20),
        Quota(.model("/models/x:y*"), bytes: 3_000_000_000), Quota(.tag(name: "team", value: "*"), bytes: 1 << 20),
      ])
    #expect(quotas.map(\.name) == ["model=m", "tag:a=b=c", "model=/models/x:y*", "tag:team=*"])
  }

  static let refusals = [
    ("model=m", "has no :SIZE at its end"), ("model=m:", "has no size behind its last colon"),
    ("model=m:1x", "has no size behind its last colon"), ("model=m:100KiB", "is less than 1 MiB"),
    ("model=:1GiB", "does not begin with model=NAME or tag:KEY=VALUE"), ("tag:a:1GiB", "does not begin with"),
    ("tag:=b:1GiB", "does not begin with"), ("tag:a=:1GiB", "does not begin with"), ("m:1GiB", "does not begin with"),
    ("model=m@1:1GiB", "has an @"), ("model=m:1GiB,model=m:2GiB", "has model=m twice"), (",", "has no quota"),
    ("model=m:1GiB,model=n", "has 'model=n', which has no :SIZE"),
  ]

  @Test(arguments: refusals) func whatIsNoneIsRefused(text: String, words: String) {
    let failure = #expect(throws: OptionFailure.self) { try Self.quotas(["--quota", text]) }
    #expect(failure?.message.contains(words) == true, "\(failure?.message ?? "")")
    #expect(failure?.exitCode == 2)
  }

  @Test func thereAreNotTooMany() {
    let text = (0...Limits.quotasMax).map { "model=m\($0):1GiB" }.joined(separator: ",")
    #expect(throws: OptionFailure.self) { try Self.quotas(["--quota", text]) }
  }
}
