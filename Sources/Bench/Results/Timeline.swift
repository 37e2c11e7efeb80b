/// Speed and latency over a target's own time: its rounds one after the other, without the pauses between them.
package struct Timeline: Sendable {
  package struct Point: Sendable {
    /// From the start of the first round.
    package var seconds: Double
    package var operations: Int
    package var bytes: Int
    /// Nanoseconds; zero where nothing ended.
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

  /// How much time a point stands for. Long cases have wider points, so that there are never many.
  package var pointSeconds: Double
  package var points: [Point]

  package init(pointSeconds: Double = 0.1, points: [Point] = []) {
    self.pointSeconds = pointSeconds
    self.points = points
  }
}
