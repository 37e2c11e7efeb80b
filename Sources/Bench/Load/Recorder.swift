import Base

/// What one lane has seen in a case so far: written by its thread, looked at by the one that shows progress.
final class Recorder: @unchecked Sendable {
  let operations = Counter()
  let bytes = Counter()
  let misses = Counter()
  let errors = Counter()
  let late = Counter()
  let unsent = Counter()
  /// Of a session, that have been begun.
  let prompts = Counter()
  private let gets = LiveLatencies()
  private let puts = LiveLatencies()
  private let exists = LiveLatencies()
  /// Looked at only between rounds.
  var timeline: LiveTimeline
  /// Set between rounds. The values that are stored beforehand and the warm-up are not results.
  var isRecording = false
  /// When the round began, and how much measured time was before it.
  private var roundStart: UInt64 = 0
  private var earlier: UInt64 = 0

  init(slotNanoseconds: UInt64) { timeline = LiveTimeline(slotNanoseconds: slotNanoseconds) }

  func beginRound(at now: UInt64, after earlier: UInt64) {
    roundStart = now
    self.earlier = earlier
  }

  func record(_ operation: Operation, due: UInt64, now: UInt64, bytes moved: Int, wasThere: Bool) {
    guard isRecording else { return }
    operations.add()
    if moved > 0 { bytes.add(moved) }
    if !wasThere { misses.add() }
    charge(operation, due: due, now: now, bytes: moved)
  }

  func countError() { if isRecording { errors.add() } }
  func countLate() { if isRecording { late.add() } }

  func countUnsent(_ operation: Operation, due: UInt64, now: UInt64) {
    guard isRecording else { return }
    unsent.add()
    charge(operation, due: due, now: now, bytes: 0)
  }

  func snapshot(_ operation: Operation) -> Latencies {
    switch operation {
    case .get: gets.snapshot
    case .put: puts.snapshot
    case .exist: exists.snapshot
    }
  }

  private func charge(_ operation: Operation, due: UInt64, now: UInt64, bytes: Int) {
    let nanoseconds = now > due ? now - due : 0
    switch operation {
    case .get: gets.record(nanoseconds)
    case .put: puts.record(nanoseconds)
    case .exist: exists.record(nanoseconds)
    }
    timeline.record(nanoseconds, bytes: bytes, at: earlier + (now - roundStart))
  }
}
