/// The protocol of a target.
package enum Dialect: String, CaseIterable, Sendable {
  case lm, redis, memcached
}
