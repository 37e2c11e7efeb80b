extension Run {
  /// What spoils the figures: values that were not there although they had been stored, and requests that a server could not
  /// serve. A line each; what a session does not find is its result.
  package var faults: [String] {
    cases.flatMap { one in
      one.results.compactMap { result in
        let misses = one.workload == .session ? 0 : result.misses
        guard misses > 0 || result.errors > 0 else { return nil }
        let title = ([CaseTitle.workload(one)] + CaseTitle.parameters(one)).joined(separator: ", ")
        return "\(title): \(result.label) missed \(misses) and failed \(result.errors)"
      }
    }
  }
}
