/// What a flag says that is either on or off.
enum Switch: String, CaseIterable {
  case yes, no
}
