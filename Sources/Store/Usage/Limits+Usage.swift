import Base

extension Limits {
  /// Models, tags and clients that are told apart, each with a place for none and one for all others: a name is a row in each of
  /// several families of metrics, and who scrapes pays for every row.
  package static let modelPlaces = 32
  package static let tagPlaces = 32
  package static let clientPlaces = 64
  /// What a label shows; a longer name counts as one of the others.
  package static let usageNameBytesMax = 128
  /// A name gives its place to another only so long after it was last entered: each new name is a new series for whoever
  /// scrapes, and a client that makes names up must not make many.
  package static let usageNameRestNanoseconds: UInt64 = 3_600_000_000_000
  /// What LMCache cuts prompts into unless it is told otherwise: so many tokens a chunk is taken to have that does not say.
  static let chunkTokensDefault = 256
  /// More than any chunk has: a shape that says so is not one.
  static let chunkTokensMax = 1 << 20
  /// So much of a long key is looked at for its names: today's have 300 bytes at most.
  static let usageKeyBytesMax = 512
  /// What remembers keys that were evicted: a place of 8 bytes for each 8 KiB of the budget, and no more than this. A chunk has
  /// a hundred KiB and more.
  static let departedShare = 1024
  static let departedBytesMax = 1024 * 1024
}
