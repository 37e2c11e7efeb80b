import Base

/// Makes the one document of a YAML text into nodes, within bounds.
struct YAMLReader: ~Copyable {
  private var events: YAMLEvents
  private var nodeCount = 0

  private init(_ bytes: [UInt8]) { events = YAMLEvents(bytes) }

  /// Nil for a text that says nothing.
  static func read(_ bytes: [UInt8]) throws(YAMLFailure) -> YAMLNode? {
    var reader = YAMLReader(bytes)
    return try reader.document()
  }

  private mutating func document() throws(YAMLFailure) -> YAMLNode? {
    _ = try events.next()
    guard case .document = try events.next().kind else { return nil }
    let root = try node(try events.next(), depth: 1)
    _ = try events.next()
    let event = try events.next()
    guard case .document = event.kind else { return root.isNull ? nil : root }
    throw YAMLFailure(line: event.line, complaint: "a second document begins, and a configuration file has one")
  }

  private mutating func node(_ event: YAMLEvents.Event, depth: Int) throws(YAMLFailure) -> YAMLNode {
    nodeCount += 1
    guard nodeCount <= Limits.configurationValuesMax else {
      throw YAMLFailure(
        line: event.line, complaint: "more than \(Limits.configurationValuesMax) values, which no configuration has")
    }
    guard depth <= Limits.configurationDepthMax else {
      throw YAMLFailure(
        line: event.line, complaint: "nested more than \(Limits.configurationDepthMax) deep, as no configuration is")
    }
    let content: YAMLNode.Content
    switch event.kind {
    case .scalar(let text, let isPlain): content = .scalar(text, isPlain: isPlain)
    case .list: content = .list(try list(depth: depth + 1))
    case .mapping: content = .mapping(try mapping(depth: depth + 1))
    case .alias: content = .alias
    case .begin, .end, .document, .documentEnd, .listEnd, .mappingEnd:
      preconditionFailure("libyaml puts no such event where a value is due")
    }
    return YAMLNode(line: event.line, isTagged: event.isTagged, content: content)
  }

  private mutating func list(depth: Int) throws(YAMLFailure) -> [YAMLNode] {
    var nodes: [YAMLNode] = []
    while true {
      let event = try events.next()
      if case .listEnd = event.kind { return nodes }
      nodes.append(try node(event, depth: depth))
    }
  }

  private mutating func mapping(depth: Int) throws(YAMLFailure) -> [YAMLPair] {
    var pairs: [YAMLPair] = []
    while true {
      let event = try events.next()
      if case .mappingEnd = event.kind { return pairs }
      let key = try node(event, depth: depth)
      pairs.append(YAMLPair(key: key, value: try node(try events.next(), depth: depth)))
    }
  }
}
