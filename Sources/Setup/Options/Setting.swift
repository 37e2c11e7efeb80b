import Base
import IO

/// A value as it was given, and the parsers of what flags take.
struct Setting: Equatable, Sendable {
  let flag: Flag
  let origin: Origin
  let text: String

  func number(in range: ClosedRange<Int>, called what: String) throws(OptionFailure) -> Int {
    guard let number = DecimalDigits.parse(text), range.contains(number) else {
      throw failure("is not \(what) from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  func port() throws(OptionFailure) -> UInt16 { UInt16(try number(in: 0...65535, called: "a port")) }

  func bytes() throws(OptionFailure) -> Int {
    guard let bytes = ByteSize.parse(text) else { throw failure("is not a size") }
    guard bytes >= Limits.budgetBytesMin else {
      throw failure("is less than the \(ByteSize.text(Limits.budgetBytesMin)) that the server needs at least")
    }
    return bytes
  }

  func choice<Choice: CaseIterable & RawRepresentable>() throws(OptionFailure) -> Choice
  where Choice.RawValue == String {
    guard let choice = Choice(rawValue: text) else {
      throw failure("is not one of \(Flag.choices(of: Choice.self))")
    }
    return choice
  }

  /// Whether the kernel knows the name shows only when it is asked for it.
  func congestion() throws(OptionFailure) -> CongestionChoice.Wish {
    if text == "auto" { return .auto }
    let isName = text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
    guard !text.isEmpty, isName, text.utf8.count <= Limits.congestionNameBytesMax else {
      throw failure("is not auto and no name of a congestion control")
    }
    return .named(text)
  }

  func path() throws(OptionFailure) -> String {
    guard !text.isEmpty else { throw failure("is not a file") }
    return text
  }

  /// An IPv6 address may stand in brackets, as in a URL.
  func host() throws(OptionFailure) -> String {
    guard !text.contains(where: { $0 == "/" || $0 == "@" }) else { throw failure("is no host and no address") }
    return Setting.withoutBrackets(text)
  }

  static func withoutBrackets(_ host: String) -> String {
    host.hasPrefix("[") && host.hasSuffix("]") ? String(host.dropFirst().dropLast()) : host
  }

  func failure(_ complaint: String) -> OptionFailure {
    OptionFailure(
      message: "\(name)\(shown) \(complaint); for example: \(origin.example(of: flag))",
      exitCode: origin == .positional ? ExitCode.positional : ExitCode.flag)
  }

  /// A secret belongs in no log.
  private var shown: String { flag.isSecret ? "" : " \(OptionFailure.quoted(text))" }

  /// What gave it, as a complaint calls it.
  var name: String { origin.name(of: flag) }
}

/// What a flag says that is either on or off.
enum Switch: String, CaseIterable {
  case yes, no
}
