/// Where and when the figures were taken.
package struct Environment: Sendable {
  /// ISO 8601, UTC.
  package var date: String
  package var kernel: String
  package var processor: String
  package var cores: Int
  package var memoryBytes: Int
  package var isVirtual: Bool
  /// Of the benchmark itself.
  package var version: String

  package init(
    date: String, kernel: String, processor: String, cores: Int, memoryBytes: Int, isVirtual: Bool, version: String
  ) {
    self.date = date
    self.kernel = kernel
    self.processor = processor
    self.cores = cores
    self.memoryBytes = memoryBytes
    self.isVirtual = isVirtual
    self.version = version
  }
}
