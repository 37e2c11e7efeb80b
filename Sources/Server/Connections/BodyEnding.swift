import Store

/// How the receiving of a body ended.
enum BodyEnding {
  case whole
  case drop(DropReason)
}
