import Base

extension Limits {
  /// A tenant has one or a few users; a file with more was made by a mistake.
  static let usersMax = 1024
  /// Each is looked for from the front when a client says who it is.
  static let userNameBytesMax = 128
  /// An old one, a new one, and some of other tools: each costs a comparison for every AUTH.
  static let userPasswordsMax = 16
  /// Tried one after the other for every key of a request.
  static let userPatternsMax = 64
  /// A model's path and a tag fit several times.
  static let userPatternBytesMax = 512
  static let userSubjectsMax = 16
  /// What one key may cost of matching: some 100 us. Only a pattern with several `*` against a key that was made for it
  /// costs so much, and such a key is nobody's.
  static let userMatchStepsPerKey = 64 * 1024
}
