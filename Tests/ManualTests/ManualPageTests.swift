import Testing

@testable import Manual

@Suite
struct ManualPageTests {
  @Test func whatTroffWouldObeyIsText() {
    let lines = ManualPage(sample).text.split(separator: "\n")
    #expect(lines[0] == ".TH SOME\\-TOOL 1 \"\" \"some\\-tool 1.2\"")
    #expect(lines.contains("some\\-tool \\- it\\(aqs \\(dqquoted\\(dq"))
    #expect(lines.contains("\\&.it begins with a point"))
    #expect(lines.contains("and \\(aqthis\\(aq with \\e a slash"))
    #expect(lines.contains("\\&\\(aqsecond") && lines.contains("\\&.third"))
    let macros: Set<Substring> = [".TH", ".nh", ".SH", ".PP", ".TP", ".B", ".br", ".RS", ".RE", ".nf", ".fi"]
    for line in lines where line.hasPrefix(".") || line.hasPrefix("'") {
      #expect(macros.contains(line.prefix { $0 != " " }), "\(line)")
    }
  }

  @Test func allOfARecordIsSaid() throws {
    let text = ManualPage(sample).text
    let item = ".TP\n.B \\-\\-mode fast|safe\nhow it\\(aqs done; slowly. Default: fast. Variable: TOOL_MODE.\n"
    #expect(text.contains(item))
    #expect(
      text.contains(".TP\n.B look DIR [\\-\\-deep]\nwhat\\(aqs in it.\n.RS\n.TP\n.B \\-\\-deep\nall: [of] it.\n.RE\n"))
    #expect(text.contains(".SH SYNOPSIS\n.B some\\-tool\n[flags]\n.br\n.B some\\-tool\nlook DIR [\\-\\-deep]\n"))
  }
}
