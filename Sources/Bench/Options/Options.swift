import Glibc

/// The options of the command line.
package struct Options: Sendable {
  package let workload: Workload
  package var output = OutputOptions()
  var targets: [Target] = []
  /// Several sizes, connections, depths or rates: a case for each combination.
  var sizes: [SizeMix]
  var connections = [1]
  var depths = [1]
  var threads = 1
  var model: ModelLayout?
  /// Nil: as many as make up some hundred MiB.
  var keys: Int?
  var firstKey = 0
  var mix: OperationMix
  var seconds = 2.0
  /// Operations a round, instead of seconds.
  var count: Int?
  var rounds = 5
  var warmupSeconds = 0.2
  /// Arrivals a second: open loops, a case each. Empty: a closed loop.
  var rates: [Double] = []
  var isPoisson = false
  var beside = Case.Beside(operation: .get, connections: 4)
  var idleConnections = 0
  /// The kernel drops received bodies instead of copying them to the client.
  var drops = false
  var verifies = false
  var fillsFirst = true
  var realTime = true
  var nagle = false
  var spins = false
  var session = SessionOptions()

  init(_ workload: Workload) {
    self.workload = workload
    // EXIST needs many keys, the others large values.
    sizes = [SizeMix(bytes: workload == .exist ? 4096 : 32 << 20)]
    mix =
      switch workload {
      case .get: OperationMix(get: 1, put: 0, exist: 0)
      case .put, .fill: OperationMix(get: 0, put: 1, exist: 0)
      case .churn: OperationMix(get: 2, put: 1, exist: 0)
      case .exist, .existBeside, .session: OperationMix(get: 0, put: 0, exist: 1)
      case .mixed: OperationMix(get: 70, put: 20, exist: 10)
      }
  }
}
