import Testing

@testable import IO

extension Result where Success: Sendable, Failure == IOFailure {
  /// The result of a verb, as a value that can be compared.
  static func of(_ body: () async throws(IOFailure) -> Success) async -> Self {
    do { return .success(try await body()) } catch { return .failure(error) }
  }
}

/// Wraps a verb: `#expect` does not take calls that throw typed errors.
func expect<Value: Equatable>(_ value: Value, _ expected: Value, at place: SourceLocation = #_sourceLocation) {
  #expect(value == expected, sourceLocation: place)
}
