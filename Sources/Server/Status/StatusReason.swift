/// Why clients gain nothing, and what helps: for the headline where it is all of them, for a hint where it is some.
struct StatusReason {
  let count: StatusCount
  let why: String
  let change: String

  private init(_ count: StatusCount, _ why: String, _ change: String) {
    (self.count, self.why, self.change) = (count, why, change)
  }

  /// They come, and are not let in or not served.
  static let refused = [
    StatusReason(
      .refusedAddress, "their addresses are not allowed",
      "add their addresses to --allow, or the door to what is open"),
    StatusReason(
      .refusedPassword, "they gave no password, a wrong one, or may not do what they asked",
      "give the engines the user and the password that the server knows, with the rights that they need"),
    StatusReason(
      .refusedTLS, "one side speaks TLS and the other does not, or does not trust the certificate",
      "use the TLS port with rediss:// or https://, and give clients the certificate's authority"),
    StatusReason(
      .refusedFull, "all connections were taken",
      "raise --max-connections or the limit of each address, or close idle clients"),
  ]

  /// What they store is not kept.
  static let dropped = [
    StatusReason(
      .droppedLarge, "each is larger than half of the budget", "raise --memory, or lower LMCache's chunk_size"),
    StatusReason(
      .droppedFull, "memory is full of what is promised, read or arriving", "raise --memory, or lower --lease"),
    StatusReason(
      .droppedByLimit, "a limit that was set holds them off", "raise the quota or the limit of each address"),
  ]

  /// The most frequent of them.
  static func first(of reasons: [StatusReason], in moment: StatusMoment) -> StatusReason {
    reasons.max { moment[$0.count] < moment[$1.count] }!
  }
}
