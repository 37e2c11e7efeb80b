import Base

/// What one lane has counted in a case so far: written by its thread, read by the thread that shows progress.
final class Recorder: @unchecked Sendable {
  let operations = Counter()
  let bytes = Counter()
  let misses = Counter()
  let errors = Counter()
  let late = Counter()
  let unsent = Counter()
  /// Prompts of a session that have begun.
  let prompts = Counter()
  private let gets = LiveLatencies()
  private let puts = LiveLatencies()
  private let exists = LiveLatencies()
  /// Read only between rounds.
  var timeline: LiveTimeline
  /// Set between rounds. The initial fill and the warm-up are not results.
  var isRecording = false
  /// When the round began, and the measured time before it.
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
