/// Which kind of value a protocol asks for: to each, the other's values do not exist.
package enum ValueKind: Sendable {
  case withMeta
  case plain
}
