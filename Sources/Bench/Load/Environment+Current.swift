import Glibc

extension Environment {
  /// This machine at this moment.
  static func current() -> Environment {
    let processor = Kernel.text("/proc/cpuinfo")
    return Environment(
      date: date(),
      kernel: Kernel.text("/proc/sys/kernel/osrelease").split(separator: "\n").first.map(String.init) ?? "",
      processor: field("model name", in: processor) ?? "unknown", cores: sysconf(Int32(_SC_NPROCESSORS_ONLN)),
      memoryBytes: sysconf(Int32(_SC_PHYS_PAGES)) * sysconf(Int32(_SC_PAGESIZE)),
      isVirtual: (field("flags", in: processor) ?? "").split(separator: " ").contains("hypervisor"), version: "0.1.0")
  }

  private static func date() -> String {
    var now = time(nil)
    var parts = tm()
    gmtime_r(&now, &parts)
    var text = [CChar](repeating: 0, count: 32)
    let count = strftime(&text, text.count, "%Y-%m-%dT%H:%M:%SZ", &parts)
    return String(decoding: text[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  private static func field(_ name: String, in text: String) -> String? {
    for line in text.split(separator: "\n") where line.hasPrefix(name) {
      guard let colon = line.firstIndex(of: ":") else { continue }
      return String(line[line.index(after: colon)...].drop { $0 == " " })
    }
    return nil
  }
}
