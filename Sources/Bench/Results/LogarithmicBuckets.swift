/// Buckets whose width grows with the value, so that the relative error is the same everywhere. Values below
/// `perOctave` (a power of two) have a bucket each.
enum LogarithmicBuckets {
  @inline(__always)
  static func index(of value: UInt64, perOctave: Int, count: Int) -> Int {
    guard value >= UInt64(perOctave) else { return Int(value) }
    let octave = UInt64.bitWidth - 1 - value.leadingZeroBitCount - perOctave.trailingZeroBitCount
    return min((octave + 1) * perOctave + Int(value >> UInt64(octave)) - perOctave, count - 1)
  }

  static func middle(of bucket: Int, perOctave: Int) -> Double {
    guard bucket >= perOctave else { return Double(bucket) }
    let octave = bucket / perOctave - 1
    let low = UInt64(bucket % perOctave + perOctave) << UInt64(octave)
    return Double(low) + Double(UInt64(1) << UInt64(octave)) / 2
  }
}
