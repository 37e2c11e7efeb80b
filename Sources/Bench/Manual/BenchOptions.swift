import Manual

/// The records of what the benchmark takes, for its help, its manual page and the completions of shells.
enum BenchOptions {
  static let groups = [
    Manual.OptionGroup("Targets", targets), Manual.OptionGroup("Load", load), Manual.OptionGroup("Session", session),
    Manual.OptionGroup("Client", client), Manual.OptionGroup("Output", OutputOptions.manual),
  ]

  private static let targets = [
    ManualOption(
      "--vs", takes: "TARGET", "one more to compare; a target by itself says the same", repeats: true),
    ManualOption(
      "--server-pid", takes: "P", "process of a server, in the order of the targets: its processor time and memory",
      repeats: true),
  ]

  private static let load = [
    ManualOption(
      "--size", takes: "SIZE[,SIZE]",
      "4096, 64KiB, 32MiB ...; 4KiB,1MiB: a case each; 4KiB:50,1MiB:30: one case, sizes by weight",
      standard: "32MiB; exist 4KiB"),
    ManualOption(
      "--model", takes: "NAME",
      "sizes, shapes and keys as LMCache makes them: NAME[-tpN][,layerwise] with NAME llama-3-8b, llama-3-70b,"
        + " qwen2.5-32b or deepseek-v3"),
    ManualOption(
      "--mix", takes: "WEIGHTS", "what mixed does, such as get=70,exist=30", standard: "get=70,put=20,exist=10"),
    ManualOption("--connections", takes: "N[,N]", "how many, each number a case", standard: "1"),
    ManualOption("--depth", takes: "N[,N]", "requests under way on each connection", standard: "1"),
    ManualOption("--threads", takes: "N", "of the client; one serves many connections", standard: "1"),
    ManualOption("--keys", takes: "N", "how many values", standard: "512 MiB of them, 16 to 1024"),
    ManualOption("--first-key", takes: "N", "other numbers, other keys", standard: "0"),
    ManualOption(
      "--rate", takes: "N[,N]",
      "arrivals a second over all connections, latency counted from when they were due", standard: "closed loop"),
    ManualOption("--poisson", "arrivals at random times instead of even ones"),
    ManualOption("--seconds", takes: "S", "length of a round", standard: "2"),
    ManualOption("--count", takes: "N", "a round's operations, instead of its length"),
    ManualOption("--rounds", takes: "N", "for each target", standard: "5"),
    ManualOption("--warmup", takes: "S", "seconds before the first round, not measured", standard: "0.2"),
    ManualOption("--bulk", takes: "get|put", "what goes on beside exist-beside", standard: "get"),
    ManualOption("--bulk-connections", takes: "N", "on how many connections", standard: "4"),
    ManualOption("--idle", takes: "N", "connections that stay open and say nothing", standard: "0"),
    ManualOption("--no-fill", "the values are there already"),
  ]

  private static let session = [
    ManualOption("--users", takes: "N", "conversations at once", standard: "8"),
    ManualOption("--turns", takes: "N", "turns of each, which repeat what was said", standard: "4"),
    ManualOption("--turn-tokens", takes: "N", "what a turn adds", standard: "512"),
    ManualOption("--system-tokens", takes: "N", "how all of them begin", standard: "1024"),
    ManualOption(
      "--trace", takes: "FILE", "JSON lines instead: timestamp (ms), input_length, output_length, hash_ids"),
    ManualOption("--block-tokens", takes: "N", "tokens that a hash id of the trace stands for", standard: "512"),
    ManualOption(
      "--speed", takes: "N|max", "times faster than recorded", standard: "max: as fast as the store answers"),
    ManualOption("--requests", takes: "N", "no more than these"),
    ManualOption(
      "--salt", takes: "N", "the same keys at every call", standard: "other ones, so that the store is empty"),
  ]

  private static let client = [
    ManualOption("--drop", "the kernel drops received bodies; else each goes to a buffer of its own, as in an engine"),
    ManualOption("--verify", "compare every byte of every GET"),
    ManualOption("--spin", "poll for replies instead of sleeping: the server spends nothing on waking the client"),
    ManualOption("--nagle", "leave Nagle's algorithm on, as LMCache's own client does"),
    ManualOption("--no-realtime", "leave the asking thread of exist-beside at normal priority"),
  ]
}

extension OutputOptions {
  static let manual = [
    ManualOption(
      "--json", takes: "[FILE]",
      "everything as one JSON document; without FILE to standard output, instead of the table"),
    ManualOption("--csv", takes: "[FILE]", "one line a target and case, to the same rules"),
    ManualOption(
      "--plot", takes: "FILE.svg",
      "a picture: throughput and latency over what was swept (sizes, rates, connections, depth), or, of a single case,"
        + " throughput, percentiles of latency, and latency over time"),
  ]
}
