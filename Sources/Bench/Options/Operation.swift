/// A request of the client.
package enum Operation: Int, CaseIterable, Sendable {
  case get, put, exist

  package var name: String {
    switch self {
    case .get: "get"
    case .put: "put"
    case .exist: "exist"
    }
  }
}
