import Base
import Glibc

/// Where received bodies go: many buffers of a value's size, one after the other, as an engine takes every chunk into memory
/// of its own. A single buffer would stay in the processor's caches, where a copy costs next to nothing.
///
/// Targets take turns, so all of them share it.
final class Landing: @unchecked Sendable {  // a stretch belongs to one connection
  private let memory: UnsafeMutableRawBufferPointer

  /// Enough for the largest of these cases; nothing where bodies are dropped or none come.
  init(_ plans: [CasePlan]) {
    memory = .allocate(byteCount: plans.map(Self.bytes).max() ?? 0, alignment: Limits.benchLandingAlignment)
    guard !memory.isEmpty else { return }
    madvise(memory.baseAddress!, memory.count, MADV_HUGEPAGE)
    // New memory would be paid for by the rounds.
    memset(memory.baseAddress!, 1, memory.count)
  }

  deinit { memory.deallocate() }

  /// What belongs to one of so many connections.
  func stretch(of connection: Int, among count: Int) -> UnsafeMutableRawBufferPointer {
    let each = memory.count / count / Self.pageBytes * Self.pageBytes
    return UnsafeMutableRawBufferPointer(rebasing: memory[connection * each..<(connection + 1) * each])
  }

  /// What a body takes, with the end of a line behind it.
  static func bufferBytes(ofValue bytes: Int) -> Int { (bytes + 2 + pageBytes - 1) / pageBytes * pageBytes }

  private static let pageBytes = 4096

  private static func bytes(for plan: CasePlan) -> Int {
    guard !plan.options.drops, plan.mayGet else { return 0 }
    let each = bufferBytes(ofValue: plan.keySpace.shapes.map(\.bytes).max()!)
    let values = plan.options.workload == .churn ? Int.max : plan.keys
    return max(plan.receivers, min(values, Limits.benchLandingBytes / each)) * each
  }
}
