/// What HELLO answers, at every door that speaks RESP.
package enum RESPGreeting {
  /// The Redis whose replies these are.
  package static let redisVersion: StaticString = "7.2.0"
  package static let bytesMax = 256

  package static func write(_ encoder: RESPReplyEncoder, clientID: Int, into output: inout OutputRawSpan) {
    encoder.map(7, into: &output)
    encoder.bulk("server", into: &output)
    encoder.bulk("redis", into: &output)
    encoder.bulk("version", into: &output)
    encoder.bulk(redisVersion, into: &output)
    encoder.bulk("proto", into: &output)
    encoder.integer(encoder.version.rawValue, into: &output)
    encoder.bulk("id", into: &output)
    encoder.integer(clientID, into: &output)
    encoder.bulk("mode", into: &output)
    encoder.bulk("standalone", into: &output)
    encoder.bulk("role", into: &output)
    encoder.bulk("master", into: &output)
    encoder.bulk("modules", into: &output)
    encoder.array(0, into: &output)
  }
}
