import Testing

extension Trait where Self == TimeLimitTrait {
  /// What hangs is ended; nothing that a busy machine makes slow comes near it.
  static var patience: Self { .timeLimit(.minutes(10)) }
}
