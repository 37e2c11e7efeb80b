/// In which of its two forms a client speaks `lm`.
enum LMDialect: Sendable {
  /// To a server: PUT has no answer.
  case server
  /// To an engine, of which this server plays one: PUT is answered before its body, and a GET may be followed by the news
  /// whether the client had memory for it.
  case peer
}
