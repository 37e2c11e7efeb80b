import Base

/// The faults of one simulated run and their frequency. Drawn from the seed, so some runs are calm and others rough.
package struct FaultPlan: Sendable {
  /// An operation moves fewer bytes than it could.
  package var shortPerMille: Int
  /// A send completes at once, as it mostly does with a real kernel. Not a fault.
  package var promptSendPerMille: Int
  /// Waiting for room on a full socket fails with EAGAIN.
  package var noWaitPerMille: Int
  /// An operation, or the report of its completion, takes much longer than usual.
  package var latePerMille: Int
  /// A connection is reset with data under way; drawn at every delivery.
  package var resetPerMille: Int
  /// Accept finds no free descriptor.
  package var outOfDescriptorsPerMille: Int
  /// A connection is gone before it is accepted.
  package var abortedPerMille: Int
  /// The kernel finds no memory for a transfer, in or out.
  package var outOfMemoryPerMille: Int
  package var lateNanosecondsMax: Int
  /// A device fails to read, write or sync. Not drawn: only tests of files set it.
  package var deviceFailurePerMille = 0

  package static func draw(from random: inout SplitMix64) -> FaultPlan {
    FaultPlan(
      shortPerMille: [0, 100, 500].randomElement(using: &random)!,
      promptSendPerMille: [0, 500, 1000].randomElement(using: &random)!,
      noWaitPerMille: [0, 0, 100].randomElement(using: &random)!,
      latePerMille: [0, 20, 200].randomElement(using: &random)!,
      resetPerMille: [0, 0, 1, 5].randomElement(using: &random)!,
      outOfDescriptorsPerMille: [0, 0, 50].randomElement(using: &random)!,
      abortedPerMille: [0, 0, 20].randomElement(using: &random)!,
      outOfMemoryPerMille: [0, 0, 0, 2].randomElement(using: &random)!,
      lateNanosecondsMax: [1_000_000, 30_000_000, 400_000_000].randomElement(using: &random)!)
  }

  package static let none = FaultPlan(
    shortPerMille: 0, promptSendPerMille: 1000, noWaitPerMille: 0, latePerMille: 0, resetPerMille: 0,
    outOfDescriptorsPerMille: 0, abortedPerMille: 0, outOfMemoryPerMille: 0, lateNanosecondsMax: 1)
}
