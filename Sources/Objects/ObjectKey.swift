/// What of a name is the key of its object: both halves of an object have the same one, however they are spelled.
package enum ObjectKey {
  package static func range(in name: UnsafeRawBufferPointer) -> Range<Int> {
    name.isEmpty ? 0..<0 : ObjectName(name).keyRange
  }
}
