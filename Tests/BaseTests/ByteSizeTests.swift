import Testing

@testable import Base

struct ByteSizeTests {
  @Test(arguments: [
    ("0", 0), ("123", 123), ("123B", 123), ("1K", 1000), ("1k", 1000), ("1KB", 1000), ("1Ki", 1024), ("1KiB", 1024),
    ("512MiB", 512 << 20), ("2G", 2_000_000_000), ("2GB", 2_000_000_000), ("2Gi", 2 << 30), ("1.5GiB", 3 << 29),
    ("1.5 GiB", 3 << 29), ("0.5T", 500_000_000_000), ("4Ti", 4 << 40), ("00012", 12), ("1.0000005M", 1_000_000),
    ("9223372036854775807", Int.max), ("8388607Ti", 8_388_607 << 40), ("1.000000000000000001Ki", 1024),
    ("512mib", 512 << 20),
  ])
  func parses(_ text: String, _ bytes: Int) { #expect(ByteSize.parse(text) == bytes) }

  @Test(arguments: [
    "", " ", "-1", "-1GiB", "+1", "nan", "NaN", "inf", "GiB", ".5G", "1.", "1.G", "1.2.3", "1,5G", "1e9", "0x10", "1 2",
    "1Gib1", "1GGi", "1Bi", "1BB", "1Pi", "1iB", "1  G", "1G ", " 1G", "9223372036854775808", "8388608Ti", "99999999T",
    "1.0000000000000000001G", "99999999999999999999999999999999999999999", "1.99999999999999999999999G", "٣G", "½",
    "1\0", "1G\n",
  ])
  func refuses(_ text: String) { #expect(ByteSize.parse(text) == nil) }

  @Test(arguments: [
    (0, "0 B"), (1, "1 B"), (1023, "1023 B"), (1024, "1 KiB"), (1536, "1.5 KiB"), (16 << 20, "16 MiB"),
    ((1 << 20) - 1, "1 MiB"), (1_048_474, "1023.9 KiB"), (3 << 29, "1.5 GiB"), ((1 << 30) - 1, "1 GiB"),
    (1_000_000_000, "953.7 MiB"),
    (5 << 40, "5 TiB"), (Int.max, "8388608 TiB"),
  ])
  func formats(_ bytes: Int, _ text: String) { #expect(ByteSize.text(bytes) == text) }

  @Test func whatIsShownIsNearWhatItIs() throws {
    var random = SplitMix64(seed: 7)
    for _ in 0..<20_000 {
      let bytes = Int(random.next() >> UInt64(random.pick(2...62)))
      #expect(ByteSize.parse("\(bytes)") == bytes)
      let text = ByteSize.text(bytes)
      let shown = try #require(ByteSize.parse(text), "\(text)")
      // Off by a twentieth of the unit, twice because it is rounded twice; the size is at least one unit.
      #expect(shown.subtractingReportingOverflow(bytes).partialValue.magnitude <= bytes / 9, "\(bytes) is not \(text)")
    }
  }

  @Test func unitsMultiplyExactly() {
    var random = SplitMix64(seed: 8)
    let units = [("K", 1000), ("Ki", 1024), ("M", 1_000_000), ("Mi", 1 << 20), ("G", 1_000_000_000), ("Gi", 1 << 30)]
    for _ in 0..<2000 {
      let count = random.pick(0...1_000_000)
      let tenth = random.pick(0...9)
      let (unit, factor) = units[random.pick(0...5)]
      #expect(ByteSize.parse("\(count).\(tenth)\(unit)") == count * factor + tenth * factor / 10)
    }
  }
}
