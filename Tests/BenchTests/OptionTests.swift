import Testing

@testable import Bench

@Suite
struct OptionTests {
  private func parse(_ line: String) throws(Failure) -> Options {
    try Options.parse(line.split(separator: " ").map(String.init))
  }

  @Test
  func targetsAreReadInOrder() throws {
    let options = try parse("get ours=lm://a:1 --vs redis://:p@w@b:2 --vs memcached://[::1]:3 --vs x=redis://u:s@c:4")
    #expect(options.targets.map(\.label) == ["ours", "redis://b:2", "memcached://[::1]:3", "x"])
    #expect(options.targets.map(\.dialect) == [.lm, .redis, .memcached, .redis])
    #expect(options.targets.map(\.host) == ["a", "b", "::1", "c"])
    #expect(options.targets.map(\.port) == [1, 2, 3, 4])
    #expect(options.targets.map(\.password) == [nil, "p@w", nil, "s"])
    #expect(options.targets.map(\.user) == [nil, nil, nil, "u"])
    #expect(options.targets.map(\.name).allSatisfy { !$0.contains("p@w") && !$0.contains("u:s") })
  }

  @Test
  func passwordsAreNotRepeated() {
    #expect(Target.withoutPassword("redis://:secret@h:1") == "redis://h:1")
    #expect(Target.withoutPassword("r=redis://u:secret@h:1") == "r=redis://h:1")
    #expect(Target.withoutPassword("lm://h:1") == "lm://h:1")
    #expect(Target.withoutPassword("--size") == "--size")
  }

  @Test
  func listsAreSweepsAndWeightsAreMixes() throws {
    let sweep = try parse("get lm://h:1 --size 1MiB,4MiB --connections 1,4 --depth 1,16")
    #expect(sweep.sizes == [SizeMix(bytes: 1 << 20), SizeMix(bytes: 4 << 20)])
    let cases = try CasePlan.all(sweep)
    #expect(cases.count == 8)
    #expect(cases.map(\.connections) == [1, 1, 4, 4, 1, 1, 4, 4])
    let mix = try parse("get lm://h:1 --sizes 4KiB:50,1MiB:30")
    #expect(mix.sizes == [SizeMix([.init(bytes: 4096, weight: 50), .init(bytes: 1 << 20, weight: 30)])])
  }

  @Test
  func aModelSetsTheSize() throws {
    #expect(try parse("put lm://h:1 --model llama-3-70b-tp8").sizes == [SizeMix(bytes: 10_485_760)])
    #expect(try parse("session lm://h:1").model?.name == "llama-3-8b")
    #expect(try parse("--session lm://h:1 --size 64KiB").model == nil)
  }

  @Test
  func ratesMixesAndSpeeds() throws {
    let open = try parse("get lm://h:1 --rate 500,2000/s --poisson")
    #expect(open.rates == [500, 2000])
    #expect(try CasePlan.all(open).map(\.rate) == [500, 2000])
    #expect(try parse("mixed lm://h:1 --mix get=70,exist=30").mix == OperationMix(get: 70, put: 0, exist: 30))
    let session = try parse("session lm://h:1 --trace t --speed 10 --requests 5 --salt 3").session
    #expect(session.tracePath == "t" && session.speed == 10 && session.requestsMax == 5 && session.salt == 3)
    #expect(try parse("session lm://h:1 --trace t --speed max").session.speed == nil)
  }

  @Test
  func countsAreSharedOut() throws {
    let plan = try CasePlan.all(try parse("get lm://h:1 --count 10 --connections 4"))[0]
    #expect((0..<3).map { plan.span(round: 0, lane: $0, lanes: 3) } == [.count(3), .count(3), .count(4)])
    let fill = try CasePlan.all(try parse("fill lm://h:1 --keys 8 --rounds 3 --first-key 100"))[0]
    #expect(fill.allKeys == 100..<124)
  }

  static let mistakes = [
    ("", "no command; try --help"), ("get", "no target; give lm://host:port or the like"),
    ("get lm://h:1 --sise 1", "no option '--sise'; try --help"),
    ("get lm://h:1 --size", "--size needs a value"),
    ("get lm://h:1 --size 4KB", "--size '4KB' is not a size such as 4096, 64KiB or 32MiB (below 2 GiB)"),
    ("get lm://h:1 --size 2GiB", "--size '2GiB' is not a size such as 4096, 64KiB or 32MiB (below 2 GiB)"),
    ("get lm://h:1 --size 4KiB:1,8KiB", "--size '4KiB:1,8KiB': give every size its weight, or none"),
    ("get lm://h:1 --connections 0", "--connections '0' is not a whole number above zero"),
    ("get lm://h:1 --rate fast", "--rate 'fast' is not a number of arrivals such as 2000/s"),
    ("get lm://h:1 --mix get=1", "--mix belongs to mixed"),
    ("get lm://h:1 --verify --drop", "--verify needs the bodies that --drop drops"),
    ("get lm://h:1 --copy", "no option '--copy'; try --help"),
    ("churn lm://h:1 --rate 5", "--rate goes with get, put, exist, mixed and session"),
    ("mixed lm://h:1 --mix get=1,get=2", "--mix 'get=1,get=2' is not such as get=70,put=20,exist=10"),
    ("mixed lm://h:1 --mix get=0", "--mix 'get=0' asks for nothing"),
    ("get lm://h:1 --trace t", "--trace belongs to session"),
    ("get lm://h:1 --model llama-3-8b --size 1MiB", "--model sets the size; give no --size"),
    ("get lm://h:1 --count 5 --seconds 1", "give --count or --seconds, not both"),
    ("fill lm://h:1 --rate 5", "--rate goes with get, put, exist, mixed and session"),
    ("get lm://h:1 --threads 2", "every one of --threads needs a connection"),
    ("session lm://h:1 --speed 2", "--speed needs --trace; conversations have --rate"),
    ("get lm://h:1 --server-pid 1 --server-pid 1", "more --server-pid than targets"),
    ("get lm://h:1 --poisson", "--poisson needs --rate"),
    ("session lm://h:1 --rate 1,2", "a session has one --rate"),
  ]

  @Test(arguments: mistakes)
  func aMistakeIsNamed(line: String, message: String) {
    #expect(throws: Failure(message)) { try parse(line) }
  }

  @Test(arguments: ["h:1", "lm://h", "lm://:1", "lm://h:0", "lm://h:99999", "lm://:p@h:1", "=lm://h:1", "http://h:1"])
  func otherTargetsAreRefused(text: String) {
    #expect(throws: Failure.self) { try Target(parsing: text) }
  }
}
