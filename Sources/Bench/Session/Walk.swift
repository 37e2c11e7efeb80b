/// A connection's progress on one prompt.
struct Walk {
  enum Phase { case free, looking, reading, storing }

  var phase = Phase.free
  var prompt = 0
  var due: UInt64 = 0
  /// Values of the prompt: its chunks times their parts.
  var values = 0
  // Of the current phase: requests sent, and replies received.
  var issued = 0
  var answered = 0
  /// Values that EXIST found from the first on without a gap.
  var found = 0
  var hasMissed = false
  /// Values to read; cut at the first one that is gone in spite of EXIST.
  var usable = 0
}
