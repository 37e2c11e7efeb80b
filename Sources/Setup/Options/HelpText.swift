import Base

/// What `--help` prints.
package enum HelpText {
  package static var text: String {
    """
    \(about)

    Usage:
      lmcache-server [flags]
      lmcache-server <host> <port> [cpu] [flags]   the form of LMCache's lmcache_server
    \(ServerCommands.usage)
      lmcache-server --print-config [flags]        each setting, and where it comes from
      lmcache-server --help | --version
      lmcache-server probe|stats|top|ls|get|rm --help

    Flags, each also as --flag=value. \(precedence)

    \(Flag.all.map(entry).joined(separator: "\n"))

    \(sizes)

    \(file)

    Examples:
    \(examples)

    Point LMCache at it:
    \(pointing)

    """
  }

  // What the manual page says too.

  static let about = """
    lmcache-server keeps the KV chunks of LMCache engines in memory, with --disk on disk too,
    and serves them over lm:// and redis://.
    """

  static let precedence = """
    A flag wins over its variable, and that over the configuration file; an
    empty variable counts as unset, except the password's, which is refused.
    """

  static let sizes = """
    SIZE is a number of bytes or a number with a unit, counted as Kubernetes counts: K M G T are thousands
    (2G is 2,000,000,000 bytes), Ki Mi Gi Ti are 1024s (2Gi is 2,147,483,648). A final B changes nothing.
    """

  static let file = """
    The configuration file is YAML. A flag's name is written with _ for -, as in max_connections: 500; these
    names of LMCache mean what they mean there: \(EngineName.names.prefix(3).joined(separator: " "))
    \(EngineName.names.dropFirst(3).joined(separator: " ")).
    Where the file has a section 'server', only that counts; the rest is the engines'. SIGHUP reads it again.
    """

  static let examples = """
      lmcache-server                                  every address, port \(Limits.portDefault)
      lmcache-server 0.0.0.0 8000 --memory 40GiB      IPv4 only, 40 GiB of memory
      lmcache-server --disk /srv/a --disk /srv/b      two devices, which a restart finds again
      LMCACHE_SERVER_LOG_FORMAT=json lmcache-server   for a log collector
    """

  static let pointing = """
      export LMCACHE_REMOTE_URL=lm://HOST:\(Limits.portDefault) LMCACHE_REMOTE_SERDE=naive
    or, in the engine's LMCache configuration file:
      remote_url: "lm://HOST:\(Limits.portDefault)"
      remote_serde: "naive"
    """

  private static func entry(_ flag: Flag) -> String {
    """
      \(flag.name) \(flag.placeholder)   [\(flag.variable)]
          \(flag.meaning)
          default: \(flag.standard)
    """
  }
}
