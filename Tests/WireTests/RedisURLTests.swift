import Base
import Testing

@testable import Wire

struct RedisURLTests {
  @Test func theirParts() throws {
    let whole = try RedisURL("redis://me:s%3Aecret@redis.local:7000/12")
    #expect(whole.address == HostAndPort(host: "redis.local", port: 7000))
    #expect(whole.user == "me")
    #expect(whole.password == "s:ecret")
    #expect(whole.database == 12)
    let short = try RedisURL("redis://redis.local")
    #expect(short.address.port == 6379)
    #expect(short.password == nil)
    #expect(try RedisURL("rediss://redis.local/1").address.port == 6380)
    #expect(try RedisURL("rediss://[::1]").address == HostAndPort(host: "::1", port: 6380))
    #expect(try RedisURL("redis://:only@h/").password == "only")
    #expect(!whole.isSecure)
    let secure = try RedisURL("rediss://me:token@h:6380/1")
    #expect(secure.isSecure)
    #expect(secure.address == HostAndPort(host: "h", port: 6380))
    #expect(secure.user == "me" && secure.password == "token" && secure.database == 1)
    #expect(throws: RedisURL.Failure.notRedis) { try RedisURL("http://h") }
    #expect(throws: RedisURL.Failure.badDatabase) { try RedisURL("redis://h/x") }
    #expect(throws: RedisURL.Failure.badEscape) { try RedisURL("redis://:%zz@h") }
    #expect(throws: RedisURL.Failure.badAddress) { try RedisURL("redis://h:0") }
  }
}
