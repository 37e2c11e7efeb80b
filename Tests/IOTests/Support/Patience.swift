import Testing

extension Trait where Self == TimeLimitTrait {
  /// Ends a test that hangs; far longer than a slow machine takes.
  static var patience: Self { .timeLimit(.minutes(10)) }
}
