import Base
import Glibc

/// Buffers for received bodies: many of a value's size, used in turn, as an engine takes every chunk into its own
/// memory. A single buffer would stay in the processor's caches, where a copy costs next to nothing.
///
/// Targets take turns, so all of them share it.
final class Landing: @unchecked Sendable {  // a stretch belongs to one connection
  private let memory: UnsafeMutableRawBufferPointer

  /// As large as the largest case needs; empty if bodies are dropped or none come.
  init(_ plans: [CasePlan]) {
    memory = .allocate(byteCount: plans.map(Self.bytes).max() ?? 0, alignment: Limits.benchLandingAlignment)
    guard !memory.isEmpty else { return }
    madvise(memory.baseAddress!, memory.count, MADV_HUGEPAGE)
    // Touched now, so that the rounds do not pay for page faults.
    memset(memory.baseAddress!, 1, memory.count)
  }

  deinit { memory.deallocate() }

  /// The part of one of `count` connections.
  func stretch(of connection: Int, among count: Int) -> UnsafeMutableRawBufferPointer {
    let each = memory.count / count / Self.pageBytes * Self.pageBytes
    return UnsafeMutableRawBufferPointer(rebasing: memory[connection * each..<(connection + 1) * each])
  }

  /// The bytes of a buffer for a body and the line end behind it.
  static func bufferBytes(ofValue bytes: Int) -> Int { (bytes + 2 + pageBytes - 1) / pageBytes * pageBytes }

  private static let pageBytes = 4096

  private static func bytes(for plan: CasePlan) -> Int {
    guard !plan.options.drops, plan.mayGet else { return 0 }
    let each = bufferBytes(ofValue: plan.keySpace.shapes.map(\.bytes).max()!)
    let values = plan.options.workload == .churn ? Int.max : plan.keys
    return max(plan.receivers, min(values, Limits.benchLandingBytes / each)) * each
  }
}
