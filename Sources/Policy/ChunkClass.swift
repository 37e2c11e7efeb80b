/// What is known of a chunk's chance to come back, beside its age: how often it did, where it stood in its prompt, what
/// the prompt was like.
package struct ChunkClass: Equatable, Sendable {
  static let reuseCount = 6
  static let distanceCount = 3
  private static let newCount = 3
  private static let lengthCount = 5
  /// Without a reuse, the prompt's length tells more; afterwards its reuses do.
  private static let unusedCount = distanceCount * newCount * lengthCount
  package static let count = unusedCount + (reuseCount - 1) * distanceCount * newCount
  /// Of a chunk whose prompt is still under way.
  static let underWay = ChunkClass(reuses: 0, distance: 2, new: 6, length: 20)

  let number: UInt8

  init(number: UInt8) { self.number = number }

  /// - Parameters:
  ///   - reuses: how often the chunk came back
  ///   - distance: how many chunks of its prompt follow it
  ///   - new: how many chunks of its prompt had never been seen
  ///   - length: of its prompt, in chunks
  init(reuses: Int, distance: Int, new: Int, length: Int) {
    let reuse =
      switch reuses {
      case ...2: reuses
      case ...4: 3
      case ...8: 4
      default: 5
      }
    let place = min(distance, Self.distanceCount - 1) * Self.newCount + (new <= 2 ? 0 : new <= 5 ? 1 : 2)
    guard reuse == 0 else {
      number = UInt8(Self.unusedCount + (reuse - 1) * Self.distanceCount * Self.newCount + place)
      return
    }
    let size =
      switch length {
      case ...2: 0
      case ...5: 1
      case ...20: 2
      case ...80: 3
      default: 4
      }
    number = UInt8(place * Self.lengthCount + size)
  }

  var row: Int { Int(number) * AgeBin.count }

  /// The group of reuses, from 0 to 5.
  var reuses: Int {
    Int(number) < Self.unusedCount
      ? 0 : 1 + (Int(number) - Self.unusedCount) / (Self.distanceCount * Self.newCount)
  }

  var distance: Int {
    Int(number) < Self.unusedCount
      ? Int(number) / (Self.newCount * Self.lengthCount)
      : (Int(number) - Self.unusedCount) % (Self.distanceCount * Self.newCount) / Self.newCount
  }
}
