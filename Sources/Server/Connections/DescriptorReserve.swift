import Base
import Glibc

/// Descriptors held back so that a probe still gets in when the process has none left.
struct DescriptorReserve: ~Copyable {
  private let count: Int
  private var spares: [Int32] = []

  init(count: Int) {
    self.count = count
    refill()
  }

  deinit { for spare in spares { Glibc.close(spare) } }

  /// Frees one descriptor for the next accept; false when all are spent.
  mutating func spend() -> Bool {
    guard let spare = spares.popLast() else { return false }
    Glibc.close(spare)
    return true
  }

  /// True when nothing is missing afterwards.
  @discardableResult
  mutating func refill() -> Bool {
    while spares.count < count {
      let spare = open("/dev/null", O_RDONLY | O_CLOEXEC)
      guard spare >= 0 else { return false }
      spares.append(spare)
    }
    return true
  }
}
