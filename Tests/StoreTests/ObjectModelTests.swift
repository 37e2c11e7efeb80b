import Testing

/// What names show, against a dictionary of keys that knows the rules of proto/objects.md, in long random sequences.
/// In a roomy store nothing is ever missing; in a tight one only what nobody was promised, and both halves together.
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
