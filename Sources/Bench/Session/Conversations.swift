/// Conversations of many users with one assistant: all begin with the same system prompt, and every turn repeats the
/// turns before and adds to them.
package struct Conversations: Equatable, Sendable {
  package var users = 8
  package var turns = 4
  /// The tokens that a turn adds: the question and the answer to the one before.
  package var turnTokens = 512
  package var systemTokens = 1024

  package init() {}

  /// Turn by turn, with all users in each turn.
  func prompts(chunkTokens: Int, requestsMax: Int? = nil) -> Prompts {
    let shared = systemTokens / chunkTokens
    let longest = (systemTokens + turns * turnTokens) / chunkTokens
    var prompts = Prompts()
    for turn in 1...turns {
      for user in 0..<users where prompts.count < requestsMax ?? .max {
        let tokens = systemTokens + turn * turnTokens
        // The chunk in which the system prompt ends also holds the user's first words.
        let chunks = (0..<tokens / chunkTokens).map {
          $0 < shared ? $0 : shared + user * (longest - shared) + $0 - shared
        }
        prompts.append(tokens: tokens, chunks: chunks, due: 0, user: user)
      }
    }
    return prompts
  }
}
