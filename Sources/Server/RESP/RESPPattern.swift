import Base

/// Patterns of KEYS, SCAN and CONFIG GET, as Redis matches them: `*`, `?`, `[a-z]`, `[^a]`, and `\` before a letter that
/// stands for itself.
struct RESPPattern {
  let bytes: UnsafeRawBufferPointer
  var ignoresCase = false

  /// How far a try has come, so that a long one may be interrupted.
  struct Progress {
    fileprivate var pattern = 0
    fileprivate var position = 0
    /// Behind the last `*`, where a failed try goes on: no pattern takes more than its length times the name's.
    fileprivate var retry: (pattern: Int, position: Int)?
  }

  var isTooLong: Bool { bytes.count > Limits.respPatternBytesMax }

  /// Goes on with a try. Nil when all steps are spent before it is over.
  func matches(_ name: UnsafeRawBufferPointer, _ progress: inout Progress, steps: inout Int) -> Bool? {
    var (pattern, position, retry) = (progress.pattern, progress.position, progress.retry)
    while position < name.count || pattern < bytes.count {
      guard steps > 0 else {
        (progress.pattern, progress.position, progress.retry) = (pattern, position, retry)
        return nil
      }
      steps -= 1
      if pattern < bytes.count, bytes[pattern] == UInt8(ascii: "*") {
        pattern += 1
        retry = (pattern, position)
        continue
      }
      if pattern < bytes.count, position < name.count, let next = step(pattern, name[position], &steps) {
        (pattern, position) = (next, position + 1)
        continue
      }
      guard let last = retry, last.position < name.count else { return false }
      (pattern, position) = (last.pattern, last.position + 1)
      retry = (pattern, position)
    }
    return true
  }

  /// Behind what stands at `place`, if that matches `byte`.
  private func step(_ place: Int, _ byte: UInt8, _ steps: inout Int) -> Int? {
    switch bytes[place] {
    case UInt8(ascii: "?"): return place + 1
    case UInt8(ascii: "["): return choice(place + 1, byte, &steps)
    case UInt8(ascii: "\\") where place + 1 < bytes.count: return isSame(bytes[place + 1], byte) ? place + 2 : nil
    default: return isSame(bytes[place], byte) ? place + 1 : nil
    }
  }

  private func choice(_ start: Int, _ byte: UInt8, _ steps: inout Int) -> Int? {
    var place = start
    defer { steps -= min(steps, place - start) }
    let isNegated = place < bytes.count && bytes[place] == UInt8(ascii: "^")
    if isNegated { place += 1 }
    var isMatch = false
    while place < bytes.count, bytes[place] != UInt8(ascii: "]") {
      if bytes[place] == UInt8(ascii: "\\"), place + 1 < bytes.count {
        place += 1
        if isSame(bytes[place], byte) { isMatch = true }
      } else if place + 2 < bytes.count, bytes[place + 1] == UInt8(ascii: "-") {
        if isWithin(bytes[place], bytes[place + 2], byte) { isMatch = true }
        place += 2
      } else if isSame(bytes[place], byte) {
        isMatch = true
      }
      place += 1
    }
    // Without its end a choice is the last thing of the pattern.
    return isMatch != isNegated ? min(place + 1, bytes.count) : nil
  }

  private func isWithin(_ first: UInt8, _ last: UInt8, _ byte: UInt8) -> Bool {
    let (low, high) = (fold(min(first, last)), fold(max(first, last)))
    return fold(byte) >= low && fold(byte) <= high
  }

  private func isSame(_ left: UInt8, _ right: UInt8) -> Bool { fold(left) == fold(right) }

  private func fold(_ byte: UInt8) -> UInt8 { ignoresCase ? RESPWord.lowercase(byte) : byte }
}
