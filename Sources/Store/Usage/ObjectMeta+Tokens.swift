import Base

extension ObjectMeta {
  /// How many tokens a chunk of this shape has; 0 where it is of one layer, and others of the same tokens lie beside it. Formats by
  /// the numbers that LMCache gives them.
  var tokens: Int {
    let count: Int32
    switch format {
    // Both sides, layers, tokens, width; and the same without sides.
    case 1, 6: count = shape.2
    // Of a layer.
    case 2, 3: return 0
    // Bytes that somebody encoded: they do not say.
    default: return Limits.chunkTokensDefault
    }
    return (1...Limits.chunkTokensMax).contains(Int(count)) ? Int(count) : Limits.chunkTokensDefault
  }
}
