import Base

extension Limits {
  /// An argument up to this long is gathered with its request; a longer value goes straight into pages.
  static let respGatheredBytesMax = 1024
  /// Replies beyond the connection's own buffer are gathered in pieces of this size: a hundred short ones leave in one send.
  static let outboxChunkBytes = 4096
  /// A value up to this size is copied behind its head, which is cheaper than a region and a pin held while it is sent.
  static let respCopiedValueBytesMax = 2048
  /// What a client may leave unread. Clients send a whole pipeline before they read its first reply, so the bounds hold
  /// the replies of 64 SETs and GETs of 8 MiB, and a million short ones; in a small budget a third of it.
  static let respPinnedBytesMax = 512 * 1024 * 1024
  static let respPinnedPercentMax = 33
  /// What all of them together may leave unread of the budget. At the bound each has one value at a time.
  static let respPinnedTogetherPercentMax = 50
  static let respQueuedValuesMax = 4096
  static let respQueuedTextBytesMax = 16 * 1024 * 1024
  /// What MULTI may queue, values aside.
  static let respTransactionBytesMax = 4 * 1024 * 1024
  /// Values of one client that may hold pages while they wait for the rest of their request, or for EXEC: a pipeline of
  /// today's engines in a transaction. Small ones beyond are gathered, larger ones dropped.
  static let respHeldValuesMax = 128
  /// Hosts whose walks along a prefix are told apart; should they be more, some share a place.
  static let respBurstsPerWorker = 64
  /// A client that reads nothing for this long while its bound is reached is waiting for us as we are for it.
  package static let respBacklogNanoseconds: UInt64 = 10_000_000_000
  /// What one step of SCAN or KEYS gathers.
  static let respScanBytesMax = 64 * 1024
  static let respScanCountMax = 100_000
  /// A longer pattern selects nothing that a shorter one would not: keys of today have 300 bytes at most.
  static let respPatternBytesMax = 1024
  /// Steps of matching within one turn of a loop: some 100 us.
  static let respMatchStepsPerTurn = 64 * 1024
  /// Arguments that are looked at, or looked up, within one turn of a loop: less than 1 ms.
  static let respArgumentsPerTurn = 1024
  /// Of one command: all that there are, several times over. More of them would keep other clients of the loop waiting.
  static let respOptionWordsMax = 64
  /// Of a client's name, or its library's.
  static let respClientNameBytesMax = 256

  // MARK: Users
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
  /// costs so much, and such a key is no engine's.
  static let userMatchStepsPerKey = 64 * 1024
}
