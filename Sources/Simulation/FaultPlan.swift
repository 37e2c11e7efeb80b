import Base

/// What goes wrong in one simulated life, and how often. Drawn from the seed, so that some lives are calm and some are hell.
package struct FaultPlan: Sendable {
  /// An operation moves fewer bytes than it could.
  package var shortPerMille: Int
  /// A send need not wait, as mostly with a real kernel. Not a fault.
  package var promptSendPerMille: Int
  /// A send to a full socket cannot be waited for.
  package var noWaitPerMille: Int
  /// An operation, or the news of its end, takes much longer than usual.
  package var latePerMille: Int
  /// A connection is torn down with data under way; asked at every delivery.
  package var resetPerMille: Int
  /// Accepting finds no descriptor.
  package var outOfDescriptorsPerMille: Int
  /// A connection has gone before it is accepted.
  package var abortedPerMille: Int
  /// The kernel finds no memory for a transfer, in or out.
  package var outOfMemoryPerMille: Int
  package var lateNanosecondsMax: Int
  /// A device fails to read, write or sync. Not drawn: only tests of files ask for it.
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
