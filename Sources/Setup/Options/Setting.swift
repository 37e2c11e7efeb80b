import Base
import IO

/// A value as it was given, which remembers where it came from so that a complaint can say so.
struct Setting {
  enum Origin {
    case positional, flag, variable
  }

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

  /// What the kernel thinks of the name it says itself.
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
  func host() -> String { Setting.withoutBrackets(text) }

  static func withoutBrackets(_ host: String) -> String {
    host.hasPrefix("[") && host.hasSuffix("]") ? String(host.dropFirst().dropLast()) : host
  }

  func failure(_ complaint: String) -> OptionFailure {
    let value = OptionFailure.quoted(text)
    return switch origin {
    case .positional:
      OptionFailure(
        message: "\(flag.rawValue) \(value) \(complaint); for example: lmcache-server 0.0.0.0 \(Limits.portDefault)",
        exitCode: ExitCode.positional)
    case .flag:
      OptionFailure(
        message: "\(flag.name) \(value) \(complaint); for example: \(flag.name) \(flag.example)",
        exitCode: ExitCode.flag)
    case .variable:
      OptionFailure(
        message: "\(flag.variable) \(value) \(complaint); for example: \(flag.variable)=\(flag.example)",
        exitCode: ExitCode.flag)
    }
  }
}
