import Base
import IO

@testable import Simulation

/// One thing that goes wrong in a life, at a time that its seed says.
final class TierFault: CustomStringConvertible {
  private enum Kind: CaseIterable {
    case lost, misdirected, rot, readFailure, writeFailure, syncFailure, hang, gone
  }

  private var turnsLeft: Int
  private let kind: Kind
  private let disk: Int
  private var isArmed = false
  private var goneFor = 0
  private(set) var hasHappened = false

  init(after turns: Int, _ random: inout SplitMix64) {
    turnsLeft = turns
    kind = Kind.allCases.randomElement(using: &random)!
    disk = random.pick(0...1)
  }

  var description: String { "\(kind)" }

  /// Called between turns; true once it has happened.
  func go(_ disks: [SimulatedDisk]) -> Bool {
    let disk = disks[disk % disks.count]
    if turnsLeft > 0 {
      turnsLeft -= 1
      return false
    }
    if !isArmed {
      isArmed = true
      arm(disk)
    }
    if kind == .gone {
      goneFor += 1
      disk.isGone = goneFor < 200
      return true
    }
    guard !hasHappened, disk.damage.count + disk.failureCount + disk.hangCount > 0 else { return hasHappened }
    hasHappened = true
    let steps = disk.faults.steppedWritePerMille
    disk.faults = .none
    disk.faults.steppedWritePerMille = steps
    return true
  }

  private func arm(_ disk: SimulatedDisk) {
    switch kind {
    case .lost: disk.faults.lostWritePerMille = 1000
    case .misdirected: disk.faults.misdirectedWritePerMille = 1000
    case .rot: disk.faults.rotPerMille = 1000
    case .readFailure: disk.faults.readFailurePerMille = 1000
    case .writeFailure: disk.faults.writeFailurePerMille = 1000
    case .syncFailure: disk.faults.syncFailurePerMille = 1000
    case .hang: disk.faults.hangPerMille = 1000
    case .gone: break
    }
  }

  /// Many, of all kinds or of some.
  static func plan(_ random: inout SplitMix64) -> DiskFaultPlan {
    var plan = DiskFaultPlan()
    plan.lostWritePerMille = [0, 0, 10].randomElement(using: &random)!
    plan.misdirectedWritePerMille = [0, 0, 10].randomElement(using: &random)!
    plan.rotPerMille = [0, 0, 20].randomElement(using: &random)!
    plan.readFailurePerMille = [0, 0, 5, 50].randomElement(using: &random)!
    plan.writeFailurePerMille = [0, 0, 5, 50].randomElement(using: &random)!
    plan.syncFailurePerMille = [0, 0, 50].randomElement(using: &random)!
    plan.directoryFailurePerMille = [0, 0, 20].randomElement(using: &random)!
    plan.hangPerMille = [0, 0, 2].randomElement(using: &random)!
    plan.steppedWritePerMille = [0, 100].randomElement(using: &random)!
    return plan
  }
}
