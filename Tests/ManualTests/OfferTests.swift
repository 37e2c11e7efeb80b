import Testing

@testable import Manual

@Suite
struct OfferTests {
  static let offers: [(placeholder: String, words: [String], paths: ValueOffer.Paths)] = [
    ("auto|uring|epoll", ["auto", "uring", "epoll"], .none), ("on|off|HOST:PORT", ["on", "off"], .none),
    ("PATH|off", ["off"], .directories), ("FILE", [], .files), ("FILE.svg", [], .files), ("[FILE]", [], .files),
    ("DIR", [], .directories), ("HOST PORT", [], .none), ("SIZE", [], .none), ("N[,N]", [], .none),
    ("HOST:PORT KEY... | --model M | --all", [], .none), ("1.2|1.3", ["1.2", "1.3"], .none),
    ("[DOOR=]BLOCK", [], .none), ("", [], .none),
    // Nothing that a shell would run.
    ("a|$(reboot)|`b`|c'd", ["a"], .none),
  ]

  @Test(arguments: offers)
  func aPlaceholderTellsWhatToOffer(placeholder: String, words: [String], paths: ValueOffer.Paths) {
    let offer = ValueOffer(placeholder)
    #expect(offer.words == words && offer.paths == paths)
  }
}
