extension Run {
  /// What spoils the figures, one line each: stored values that were missing, and failed requests. The misses of a
  /// session are its result and no fault.
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
