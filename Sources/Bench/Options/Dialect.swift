/// What a target speaks.
package enum Dialect: String, CaseIterable, Sendable {
  case lm, redis, memcached
}
