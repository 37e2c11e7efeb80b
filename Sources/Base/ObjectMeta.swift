/// What an `lm` client says of a chunk besides its bytes. Opaque to the server: kept as given and echoed.
package struct ObjectMeta: Equatable, Sendable {
  package var format: Int32
  package var type: Int32
  package var shape: (Int32, Int32, Int32, Int32)
  package var location: Int32

  package init(format: Int32, type: Int32, shape: (Int32, Int32, Int32, Int32), location: Int32 = 0) {
    self.format = format
    self.type = type
    self.shape = shape
    self.location = location
  }

  package static func == (left: Self, right: Self) -> Bool {
    left.format == right.format && left.type == right.type && left.shape == right.shape
      && left.location == right.location
  }
}
