/// One load, run on every target in turn. A sweep over sizes is one case a size.
package struct Case: Sendable {
  package var workload: Workload
  package var sizes: SizeMix
  /// For exist-beside the asking connections; `beside` holds the others.
  package var connections: Int
  package var depth: Int
  package var threads: Int
  /// Arrivals a second over all connections; nil is a closed loop.
  package var arrivalsPerSecond: Double?
  /// As given to --model.
  package var model: String?
  package var mix: OperationMix?
  package var beside: Beside?
  package var keys: Int
  /// In the order of the command line; ratios are to the first.
  package var results: [TargetResult] = []

  package struct Beside: Sendable {
    package var operation: Operation
    package var connections: Int

    package init(operation: Operation, connections: Int) {
      self.operation = operation
      self.connections = connections
    }
  }

  package init(
    workload: Workload, sizes: SizeMix, connections: Int, depth: Int, threads: Int = 1,
    arrivalsPerSecond: Double? = nil, model: String? = nil, mix: OperationMix? = nil, beside: Beside? = nil, keys: Int
  ) {
    self.workload = workload
    self.sizes = sizes
    self.connections = connections
    self.depth = depth
    self.threads = threads
    self.arrivalsPerSecond = arrivalsPerSecond
    self.model = model
    self.mix = mix
    self.beside = beside
    self.keys = keys
  }
}
