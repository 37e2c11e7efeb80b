import Policy

/// What the policy that learns has seen.
enum PolicyFamilies {
  static func all(_ figures: PolicyFigures) -> [MetricFamily] {
    prompts(figures) + classes(figures) + comparison(figures)
  }

  private static func prompts(_ figures: PolicyFigures) -> [MetricFamily] {
    [
      MetricFamily(
        "prompts_total", .counter, "Prompts that were looked up or stored, by how much of each was here.", by: "found",
        PolicyFigures.Found.allCases.map { ("\($0)", figures.prompts[$0.rawValue]) }),
      MetricFamily(
        "prompt_chunks_total", .counter,
        "Their chunks: found from the front on, stored anew, or turned away since a long prompt is not worth its room.",
        by: "outcome",
        [
          ("found", figures.chunksFound), ("stored", figures.chunksStored), ("turned_away", figures.chunksTurnedAway),
        ]),
    ]
  }

  private static func classes(_ figures: PolicyFigures) -> [MetricFamily] {
    let ages = PolicyFigures.ageBounds.map { "\($0)" } + ["+Inf"]
    let evictions = PolicyFigures.reuseNames.enumerated().flatMap { group, reuses in
      ages.enumerated().map { age, bound in
        MetricFamily.Sample(
          labels: [("reuses", reuses), ("turnovers", bound)],
          value: "\(figures.evictions(reuseGroup: group, age: age))")
      }
    }
    return [
      MetricFamily(
        "chunk_uses_total", .counter, "Chunks found, by how often each had come back before.", by: "reuses",
        PolicyFigures.reuseNames.enumerated().map { ($1, figures.uses[$0]) }),
      MetricFamily(
        "class_evictions_total", .counter,
        "Chunks that gave way, by how often each had come back, and since its last use: below so many turn-overs of the room.",
        evictions),
    ]
  }

  private static func comparison(_ figures: PolicyFigures) -> [MetricFamily] {
    let curve = figures.curve.enumerated().map { place, share in
      MetricFamily.Sample(labels: [("room", "\(Double(place + 1) / 4)")], value: "\(share)")
    }
    return [
      MetricFamily(
        "policy_trusted", .gauge, "1 while what was learnt decides what goes; 0 while the order of last use does.",
        figures.isTrusted ? 1 : 0),
      MetricFamily(
        "policy_prompts_mixed", .gauge, "1 while prompts come so mixed on connections that they cannot be told apart.",
        figures.areMixed ? 1 : 0),
      MetricFamily(
        "policy_classes_alike", .gauge,
        "1 while chunks of one age are worth about the same, whatever is known of them: age alone decides what goes.",
        figures.areAlike ? 1 : 0),
      MetricFamily(
        "last_use_found_chunks", .gauge,
        "Of all chunk uses, those that the order of last use would have found, estimated from a sample.",
        figures.foundByLastUse),
      MetricFamily(
        "found_share", .gauge,
        "The share of chunks that the order of last use would find with so many times the present room.", curve),
    ]
  }
}
