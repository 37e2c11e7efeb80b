import Testing

@testable import Base

struct SecretTests {
  private let secret = Secret(Array("correct horse".utf8))

  @Test func onlyTheWholeIsTheSame() {
    #expect(secret.isSame(as: Array("correct horse".utf8)))
    for other in ["", "c", "correct hors", "correct horse ", "correct horsf", "Correct horse", "correct horse\0"] {
      #expect(!secret.isSame(as: Array(other.utf8)), "\(other)")
    }
    #expect(!secret.isSame(as: Array("correct horse".utf8) + [UInt8](repeating: 0, count: 256)))
  }

  @Test func itIsNotPrinted() {
    struct Holder { let secret: Secret }
    var dumped = ""
    dump(Holder(secret: secret), to: &dumped)
    for text in [
      "\(secret)", String(describing: secret), String(reflecting: secret), "\(Holder(secret: secret))", dumped,
    ] {
      #expect(!text.contains("correct") && !text.contains("99, 111") && !text.contains("[UInt8]"), "\(text)")
    }
  }
}
