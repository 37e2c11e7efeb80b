/// What a value had to go for.
package enum EvictionReason: Int, CaseIterable, Sendable {
  /// Bytes of bodies that arrive.
  case pages
  /// Records, and slots of the index.
  case tables
  /// Connections: what they hold beside pages.
  case buffers
  /// A smaller budget.
  case budget
  /// The key of the engines' recovery check, for which a promise is broken.
  case recovery
  /// Others in the system, which took nearly all of its memory.
  case system
  /// Newer ones of its quota.
  case quota

  /// Whether a client is refused where nothing goes: then also what a device has yet to write goes.
  var cannotWait: Bool {
    switch self {
    case .pages, .tables, .buffers, .recovery: true
    case .budget, .system, .quota: false
    }
  }
}

/// In which order values go.
package enum EvictionPolicy: String, CaseIterable, Sendable {
  /// The least likely to come back for the room that they take, learnt from what did.
  case returns
  /// Least recently used, with one twist: what a client touches in one walk is linked each just older than the one
  /// before. A prefix is walked from its root, and a chunk is useless without those before it: so the tail goes first.
  case lru
}

/// What came of trying to evict.
enum EvictionOutcome {
  case evicted
  /// Those looked at stay; others may go.
  case spared
  /// None can go.
  case exhausted
}
