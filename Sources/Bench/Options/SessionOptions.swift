/// The prompts of a session, and when they come.
struct SessionOptions: Equatable, Sendable {
  var conversations = Conversations()
  /// A recorded load instead of conversations.
  var tracePath: String?
  var blockTokens = 512
  /// How many times faster than recorded; nil: as fast as the server answers.
  var speed: Double?
  var requestsMax: Int?
  /// Another salt gives other keys. Nil: a new salt at every call, so that a session begins with an empty store.
  var salt: UInt64?
}
