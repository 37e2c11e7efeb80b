import Testing

@testable import Bench

@Suite
struct TraceTests {
  private func prompts(_ text: String, requestsMax: Int? = nil) throws(Failure) -> Prompts {
    try Trace.prompts(Array(text.utf8), name: "t.jsonl", blockTokens: 512, chunkTokens: 256, requestsMax: requestsMax)
  }

  @Test
  func aLineIsAPrompt() throws {
    let prompts = try prompts(
      """
      {"timestamp": 100, "input_length": 1300, "output_length": 5, "hash_ids": [4, 7, 9]}
      { "hash_ids":[4], "other": {"a": [1, -2.5e3, "x\\"}", null, true, {}]}, "input_length":512,"timestamp":350.5 }

      """)
    #expect(prompts.count == 2)
    #expect(prompts.tokens == [1300, 512])
    #expect(prompts.dues == [0, 250_500_000])
    // Five whole chunks of 256 tokens; the sixth would be partial.
    #expect((0..<prompts.chunkCount(of: 0)).map { prompts.chunk($0, of: 0) } == [8, 9, 14, 15, 18])
    #expect((0..<prompts.chunkCount(of: 1)).map { prompts.chunk($0, of: 1) } == [8, 9])
  }

  @Test
  func noMoreRequestsThanAskedFor() throws {
    let line = #"{"timestamp": 0, "input_length": 512, "output_length": 5, "hash_ids": [4]}"# + "\n"
    #expect(try prompts(line + line + "not JSON", requestsMax: 2).count == 2)
  }

  static let mistakes = [
    ("[]", "t.jsonl:2: column 1: \"[]\" where '{' should stand"),
    ("{", "t.jsonl:2: the line ends where a string should stand"),
    (#"{"timestamp": 1}"#, "t.jsonl:2: \"input_length\" is missing"),
    (#"{"timestamp": 1, "timestamp": 1}"#, "t.jsonl:2: \"timestamp\" stands there twice"),
    (
      #"{"timestamp": 1, "input_length": -4, "hash_ids": []}"#,
      "t.jsonl:2: '-4' is not a whole number up to 1073741824"
    ),
    (
      #"{"timestamp": 1, "input_length": 513, "hash_ids": [1]}"#,
      "t.jsonl:2: 1 hash_ids for 513 tokens; blocks of 512 tokens make 2"
    ),
    (
      #"{"timestamp": 1, "input_length": 512, "hash_ids": [1]} x"#,
      "t.jsonl:2: column 56: \"x\" where the end of the line should stand"
    ),
    (#"{"timestamp": -1, "input_length": 512, "hash_ids": [1]}"#, "t.jsonl:2: timestamp is out of range"),
    (
      #"{"timestamp": 0, "input_length": 512, "hash_ids": [1,]}"#,
      "t.jsonl:2: column 54: \"]}\" where a number should stand"
    ),
    (
      #"{"timestamp": nan, "input_length": 512, "hash_ids": [1]}"#,
      "t.jsonl:2: column 15: \"nan, \\\"input_\" where a number should stand"
    ),
  ]

  @Test(arguments: mistakes)
  func aMistakeIsNamedWithItsLine(line: String, message: String) {
    let good = #"{"timestamp": 0, "input_length": 512, "output_length": 5, "hash_ids": [4]}"# + "\n"
    #expect(throws: Failure(message)) { try prompts(good + line + "\n") }
  }

  @Test
  func anEmptyTraceIsNone() {
    #expect(throws: Failure("t.jsonl: no request in it")) { try prompts("\n\n") }
    #expect(throws: Failure("/nowhere/t.jsonl: No such file or directory")) {
      try Trace.prompts(path: "/nowhere/t.jsonl", blockTokens: 512, chunkTokens: 256, requestsMax: nil)
    }
  }

  @Test
  func deepValuesAreRefusedAndNotFollowed() {
    let deep = String(repeating: "[", count: 100_000)
    #expect(throws: Failure.self) { try prompts("{\"x\": \(deep)") }
  }
}
