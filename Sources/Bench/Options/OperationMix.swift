/// The operations of a mixed load, by weight.
package struct OperationMix: Equatable, Sendable {
  package var get: Int
  package var put: Int
  package var exist: Int

  package init(get: Int, put: Int, exist: Int) {
    self.get = get
    self.put = put
    self.exist = exist
  }

  package var totalWeight: Int { [get, put, exist].reduce(0, +) }
}
