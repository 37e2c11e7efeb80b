import Testing

/// What names show, compared with a dictionary that knows the rules of proto/objects.md, in long random sequences. A
/// roomy store loses nothing; a tight one loses only objects without a promise, and both halves together.
@Suite struct ObjectModelTests {
  @Test(arguments: 1...8)
  func roomy(seed: Int) throws {
    let model = try ObjectModel(seed: UInt64(seed), mebibytes: 96, isTight: false)
    for _ in 0..<1500 { model.step() }
    model.finish()
  }

  @Test(arguments: 1...8)
  func tight(seed: Int) throws {
    let model = try ObjectModel(seed: UInt64(seed), mebibytes: seed % 2 == 0 ? 4 : 10, isTight: true)
    for _ in 0..<1500 { model.step() }
    model.finish()
  }
}
