/// A part of the picture, in pixels; y grows downwards.
struct Rectangle {
  var left: Double
  var top: Double
  var width: Double
  var height: Double

  var right: Double { left + width }
  var bottom: Double { top + height }
}
