/// The commands that ask a server which runs.
package enum Tool: String, CaseIterable, Sendable {
  case probe, stats, top
  case list = "ls"
  case get
  case remove = "rm"

  /// What follows its name, before the flags.
  var usage: String {
    switch self {
    case .probe: "HOST PORT"
    case .stats, .top: "HOST:PORT"
    case .list: "HOST:PORT [PATTERN]"
    case .get: "HOST:PORT KEY"
    case .remove: "HOST:PORT KEY... | --model M | --tag NAME=VALUE | --all"
    }
  }

  /// In the help of the whole program.
  var summary: String {
    switch self {
    case .probe: "exits 0 when a server answers there"
    case .stats: "what a server holds and does"
    case .top: "the same, live"
    case .list: "the names of what it holds"
    case .get: "the bytes of a value"
    case .remove: "removes values"
    }
  }

  /// What a person has to know, a paragraph each.
  var notes: [String] {
    switch self {
    case .probe:
      [
        """
        Asks for HEALTH over lm, as the probe of LMCache's charts does, and exits 0 when the server
        says that it is well, 1 when not, or when nobody answers within 4 s.
        """
      ]
    case .stats:
      [
        """
        PORT is any that speaks HTTP: that of --port, or with --tls that of --tls-port. Counts are
        since the server's start. Exits 1 where the server says that it is not well: starting,
        draining, stuck.
        """
      ]
    case .top:
      [
        """
        Rates are differences between two looks, and hits the share of look-ups that found their
        chunk. q, Ctrl-C or SIGTERM end it. Where the output is no terminal, it is a line for each
        interval.
        """
      ]
    case .list:
      [
        Self.names,
        """
        PATTERN is as in Redis: * ? [a-z], and \\ before what is meant literally. A name is a line;
        what is no text in it is escaped, and \\ is \\\\. --null writes names as they are. What
        comes or goes meanwhile may be missed.
        """,
      ]
    case .get:
      [
        Self.names,
        """
        Writes the bytes of the value, and nothing else. Exits 1 where there is none. To the server
        it is a GET like any other: the value counts as used.
        """,
      ]
    case .remove:
      [
        """
        Keys are removed by RESP, at the port of --port, under their names as ls shows them; of a
        chunk either name will do. With --admin or --token-file they are removed at the server's
        door of administration instead, where a chunk has one key, K. --model, --tag and --all are
        always asked for there, and need --yes.
        """,
        "Prints how many went. Exits 1 where keys were named and none of them was there.",
      ]
    }
  }

  private static let names = """
    A chunk with the key K has two names: Kkv_bytes are its bytes, Kmetadata its format and shape
    (little-endian numbers of 32 bits: length, format, then type and four dimensions for each
    group). Other values have their key for a name.
    """

  var examples: [(words: String, meaning: String)] {
    switch self {
    case .probe:
      [
        ("probe 127.0.0.1 65432", "by the plain port"),
        ("probe 127.0.0.1 65433 --tls --insecure-skip-verify", "in a pod that has a port of TLS alone"),
      ]
    case .stats:
      [
        ("stats 127.0.0.1:65432", "one screen"), ("stats [::1]:65432 --json | jq .memory", "for programs"),
        ("stats cache.example:65433 --tls --ca /etc/tls/ca.crt", "by TLS"),
      ]
    case .top:
      [
        ("top 127.0.0.1:65432", "until q"), ("top 127.0.0.1:65432 --interval 10 | tee load.log", "a line every 10 s"),
        ("top 127.0.0.1:65432 --count 1 | cat", "one line"),
      ]
    case .list:
      [
        ("ls 127.0.0.1:65432 | head", "some names"), ("ls 127.0.0.1:65432 'meta-llama/*kv_bytes' --long", "with sizes"),
        ("ls 127.0.0.1:65432 --user team-a --password-file secret", "what a user may reach"),
      ]
    case .get:
      [
        ("get 127.0.0.1:65432 'llama@1@0@1f3a@bfloat16kv_bytes' -o chunk", "the bytes of a chunk"),
        ("get 127.0.0.1:65432 'llama@1@0@1f3a@bfloat16metadata' | od -A d -t d4", "its shape"),
      ]
    case .remove:
      [
        ("rm 127.0.0.1:65432 'llama@1@0@1f3a@bfloat16kv_bytes'", "a chunk"),
        ("rm 127.0.0.1:65430 --token-file token --model meta-llama/Llama-3-8B --yes", "all of a model"),
        ("rm 127.0.0.1:65430 --token-file token --tag user=alice --yes", "all of a tag"),
      ]
    }
  }
}
