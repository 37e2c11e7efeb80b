import Base
import Glibc

/// What became of a key that engines ask for.
package enum KeyChange: UInt8, Sendable {
  case published
  /// Evicted, deleted, expired, or asked for and not there.
  case gone
}

/// The news of published and departed keys, for one reader that tells others. One for all lanes, because what happened to
/// a key on two of them must be told in the order in which it happened; a note costs a copy of the key under a lock.
///
/// Bounded: when the reader is too slow everything in it is forgotten, and the reader told to begin anew.
package final class ChangeQueue: @unchecked Sendable {
  private struct State {
    var used = 0
    var hasOverflowed = false
  }

  /// A note: what, the key's length, the key.
  private static let headBytes = 2

  private let memory: UnsafeMutableRawBufferPointer
  private let state = Guarded(State())

  init(byteCount: Int = Limits.changeQueueBytes) {
    memory = .allocate(byteCount: byteCount, alignment: 1)
  }

  deinit { memory.deallocate() }

  package func note(_ change: KeyChange, _ key: UnsafeRawBufferPointer) {
    precondition(key.count <= Limits.keyBytesMax, "only keys that lm can name are told of")
    state.withLock { state in
      guard !state.hasOverflowed else { return }
      guard state.used + Self.headBytes + key.count <= memory.count else {
        state.hasOverflowed = true
        state.used = 0
        return
      }
      memory[state.used] = change.rawValue
      memory[state.used + 1] = UInt8(key.count)
      UnsafeMutableRawBufferPointer(rebasing: memory[(state.used + Self.headBytes)...]).copyMemory(from: key)
      state.used += Self.headBytes + key.count
    }
  }

  /// Moves all notes to `notes`. False when some were lost: whatever was told before may be wrong.
  package func take(into notes: inout [UInt8]) -> Bool {
    state.withLock { state in
      notes.removeAll(keepingCapacity: true)
      notes.append(contentsOf: memory[..<state.used])
      state.used = 0
      defer { state.hasOverflowed = false }
      return !state.hasOverflowed
    }
  }

  /// The note that begins at `offset`, and where the next one does.
  package static func note(in notes: [UInt8], at offset: Int) -> (change: KeyChange, key: Range<Int>, next: Int)? {
    guard offset < notes.count, let change = KeyChange(rawValue: notes[offset]) else { return nil }
    let start = offset + headBytes
    let end = start + Int(notes[offset + 1])
    return (change, start..<end, end)
  }
}
