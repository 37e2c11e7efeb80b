import CYaml

/// What libyaml finds in a text, one thing after the other.
struct YAMLEvents: ~Copyable {
  enum Kind {
    case begin, end, document, documentEnd, alias, scalar(String, isPlain: Bool), list, listEnd, mapping, mappingEnd
  }

  struct Event {
    let line: Int
    let isTagged: Bool
    let kind: Kind
  }

  private let parser = UnsafeMutablePointer<yaml_parser_t>.allocate(capacity: 1)
  /// libyaml reads it wherever it is, so it must not move.
  private let text: UnsafeMutableBufferPointer<UInt8>

  init(_ bytes: [UInt8]) {
    text = .allocate(capacity: bytes.count)
    _ = text.initialize(from: bytes)
    // It fails only where there is no memory.
    precondition(yaml_parser_initialize(parser) == 1, "a parser can be made")
    yaml_parser_set_input_string(parser, text.baseAddress, text.count)
  }

  deinit {
    yaml_parser_delete(parser)
    parser.deallocate()
    text.deallocate()
  }

  mutating func next() throws(YAMLFailure) -> Event {
    var event = yaml_event_t()
    guard yaml_parser_parse(parser, &event) == 1 else { throw failure }
    defer { yaml_event_delete(&event) }
    let line = Int(event.start_mark.line) + 1
    let (kind, isTagged): (Kind, Bool)
    switch event.type {
    case YAML_DOCUMENT_START_EVENT: (kind, isTagged) = (.document, false)
    case YAML_DOCUMENT_END_EVENT: (kind, isTagged) = (.documentEnd, false)
    case YAML_ALIAS_EVENT: (kind, isTagged) = (.alias, false)
    case YAML_SCALAR_EVENT:
      let scalar = event.data.scalar
      let value = UnsafeBufferPointer(start: scalar.value, count: scalar.length)
      (kind, isTagged) = (
        .scalar(String(decoding: value, as: UTF8.self), isPlain: scalar.style == YAML_PLAIN_SCALAR_STYLE),
        scalar.tag != nil
      )
    case YAML_SEQUENCE_START_EVENT: (kind, isTagged) = (.list, event.data.sequence_start.tag != nil)
    case YAML_SEQUENCE_END_EVENT: (kind, isTagged) = (.listEnd, false)
    case YAML_MAPPING_START_EVENT: (kind, isTagged) = (.mapping, event.data.mapping_start.tag != nil)
    case YAML_MAPPING_END_EVENT: (kind, isTagged) = (.mappingEnd, false)
    case YAML_STREAM_START_EVENT: (kind, isTagged) = (.begin, false)
    default: (kind, isTagged) = (.end, false)
    }
    return Event(line: line, isTagged: isTagged, kind: kind)
  }

  /// libyaml's own words, which repeat nothing of the text: it may hold a secret.
  private var failure: YAMLFailure {
    let problem = parser.pointee.problem.map { String(cString: $0) } ?? "cannot be read"
    guard parser.pointee.error == YAML_READER_ERROR else {
      return YAMLFailure(line: Int(parser.pointee.problem_mark.line) + 1, complaint: problem)
    }
    // The reader counts bytes and no lines.
    let before = text.prefix(parser.pointee.problem_offset)
    return YAMLFailure(line: before.count { $0 == UInt8(ascii: "\n") } + 1, complaint: problem)
  }
}
