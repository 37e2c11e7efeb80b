import Base

/// How LMCache cuts the KV cache of a model into values, for chunks of 256 tokens.
struct ModelLayout: Sendable {
  let name: String
  let keyName: String
  let layers: Int
  /// Heads of one rank times their length; for MLA the one latent row.
  let hidden: Int
  let ranks: Int
  /// Multi-head latent attention: one row a token and layer, the same on every rank and stored once.
  let isLatent: Bool
  let isLayerwise: Bool

  static let chunkTokens = 256
  private static let elementBytes = 2
  private static let bfloat16: Int32 = 3

  private struct Family {
    let name: String
    let keyName: String
    let layers: Int
    let heads: Int
    let headLength: Int
    let isLatent: Bool
  }

  private static let families = [
    Family(
      name: "llama-3-8b", keyName: "meta-llama/Meta-Llama-3-8B-Instruct", layers: 32, heads: 8, headLength: 128,
      isLatent: false),
    Family(
      name: "llama-3-70b", keyName: "meta-llama/Meta-Llama-3-70B-Instruct", layers: 80, heads: 8, headLength: 128,
      isLatent: false),
    Family(
      name: "qwen2.5-32b", keyName: "Qwen/Qwen2.5-32B-Instruct", layers: 64, heads: 8, headLength: 128,
      isLatent: false),
    Family(
      name: "deepseek-v3", keyName: "deepseek-ai/DeepSeek-V3", layers: 61, heads: 1, headLength: 576, isLatent: true),
  ]

  static var namesKnown: String { families.map(\.name).joined(separator: ", ") }

  /// `NAME[-tpN][,layerwise]`.
  init(parsing text: String) throws(Failure) {
    let words = text.split(separator: ",", omittingEmptySubsequences: false)
    let bad = Failure(
      "--model '\(text)' is not NAME[-tpN][,layerwise] with NAME one of \(Self.namesKnown) and N 1, 2, 4 or 8")
    guard let name = words.first, words.count == 1 || words.dropFirst() == ["layerwise"],
      let family = Self.families.first(where: { name == $0.name || name.hasPrefix($0.name + "-tp") })
    else { throw bad }
    var ranks = 1
    if name != family.name {
      guard let count = Int(name.dropFirst(family.name.count + 3)), [1, 2, 4, 8].contains(count) else { throw bad }
      ranks = count
    }
    self.name = text
    keyName = family.keyName
    layers = family.layers
    isLatent = family.isLatent
    isLayerwise = words.count == 2
    // The data of MLA is whole on every rank; only the first rank stores it, under a world size of 1.
    self.ranks = isLatent ? 1 : ranks
    hidden = family.heads * family.headLength / self.ranks
  }

  /// The values of one chunk: one for each rank, or for each layer of each rank.
  var parts: [ValueShape] {
    var parts: [ValueShape] = []
    for rank in 0..<ranks {
      let head = "\(keyName)@\(ranks)@\(rank)@"
      guard isLayerwise else {
        parts.append(ValueShape(bytes: valueBytes, meta: meta, keyHead: head, keyTail: "@bfloat16"))
        continue
      }
      for layer in 0..<layers {
        parts.append(ValueShape(bytes: valueBytes, meta: meta, keyHead: head, keyTail: "@bfloat16@\(layer)"))
      }
    }
    return parts
  }

  var valueBytes: Int {
    let rowsPerToken = (isLatent ? 1 : 2) * (isLayerwise ? 1 : layers)
    return rowsPerToken * hidden * Self.elementBytes * Self.chunkTokens
  }

  private var meta: ObjectMeta {
    let (tokens, hidden) = (Int32(Self.chunkTokens), Int32(hidden))
    let layers = Int32(isLayerwise ? 1 : layers)
    if isLatent { return ObjectMeta(format: 6, type: Self.bfloat16, shape: (1, layers, tokens, hidden)) }
    if isLayerwise { return ObjectMeta(format: 2, type: Self.bfloat16, shape: (tokens, 2, hidden, 0)) }
    return ObjectMeta(format: 1, type: Self.bfloat16, shape: (2, layers, tokens, hidden))
  }
}
