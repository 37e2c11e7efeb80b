import Glibc

/// Times as `2026-08-01T12:00:00.123Z`.
enum LogTimestamp {
  private static let secondsPerDay: Int64 = 86_400
  private static let daysPerEra: Int64 = 146_097

  /// Nanoseconds since 1970 by the wall clock.
  static func now() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }

  static func append(_ nanoseconds: Int64, to line: inout [UInt8]) {
    let (seconds, rest) = floorDivide(nanoseconds, 1_000_000_000)
    let (days, second) = floorDivide(seconds, secondsPerDay)
    let date = date(ofDay: days)
    appendPadded(date.year, digits: 4, to: &line)
    line.append(UInt8(ascii: "-"))
    appendPadded(date.month, digits: 2, to: &line)
    line.append(UInt8(ascii: "-"))
    appendPadded(date.day, digits: 2, to: &line)
    line.append(UInt8(ascii: "T"))
    appendPadded(second / 3600, digits: 2, to: &line)
    line.append(UInt8(ascii: ":"))
    appendPadded(second / 60 % 60, digits: 2, to: &line)
    line.append(UInt8(ascii: ":"))
    appendPadded(second % 60, digits: 2, to: &line)
    line.append(UInt8(ascii: "."))
    appendPadded(rest / 1_000_000, digits: 3, to: &line)
    line.append(UInt8(ascii: "Z"))
  }

  /// Years begin in March here, so that a leap day is the last of its year; an era is 400 of them.
  private static func date(ofDay days: Int64) -> (year: Int64, month: Int64, day: Int64) {
    let daysFromYearZero: Int64 = 719_468
    let (era, dayOfEra) = floorDivide(days + daysFromYearZero, daysPerEra)
    let leapDays = dayOfEra / 1460 - dayOfEra / 36_524 + dayOfEra / (daysPerEra - 1)
    let yearOfEra = (dayOfEra - leapDays) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let monthFromMarch = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
    let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
    return (era * 400 + yearOfEra + (month <= 2 ? 1 : 0), month, day)
  }

  private static func floorDivide(_ value: Int64, _ divisor: Int64) -> (quotient: Int64, remainder: Int64) {
    let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
  }

  private static func appendPadded(_ value: Int64, digits: Int, to line: inout [UInt8]) {
    var power: Int64 = (1..<digits).reduce(1) { product, _ in product * 10 }
    while power > 0 {
      line.append(UInt8(ascii: "0") + UInt8(value / power % 10))
      power /= 10
    }
  }
}
