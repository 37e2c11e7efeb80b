/// The load that the benchmark puts on each target.
package enum Workload: String, CaseIterable, Sendable {
  case get, put, fill, exist
  case existBeside = "exist-beside"
  case mixed, churn, session
}
