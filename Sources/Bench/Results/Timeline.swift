/// Speed and latency over a target's own time: its rounds in a row, without the pauses between them.
package struct Timeline: Sendable {
  package struct Point: Sendable {
    /// From the start of the first round.
    package var seconds: Double
    package var operations: Int
    package var bytes: Int
    /// Nanoseconds; zero if no operation ended.
    package var half: Double
    package var most99: Double
    package var largest: Double

    package init(seconds: Double, operations: Int, bytes: Int, half: Double, most99: Double, largest: Double) {
      self.seconds = seconds
      self.operations = operations
      self.bytes = bytes
      self.half = half
      self.most99 = most99
      self.largest = largest
    }
  }

  /// The time of one point. Long cases have wider points, which bounds their number.
  package var pointSeconds: Double
  package var points: [Point]

  package init(pointSeconds: Double = 0.1, points: [Point] = []) {
    self.pointSeconds = pointSeconds
    self.points = points
  }
}
