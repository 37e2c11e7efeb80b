/// What the command line asks for.
package enum Command: Equatable, Sendable {
  case serve(ServerOptions)
  case probe(host: String, port: UInt16)
  case help
  case version
}
