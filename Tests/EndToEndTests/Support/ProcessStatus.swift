import Foundation

/// The kernel's figures of a process.
struct ProcessStatus {
  let pid: pid_t

  /// Resident memory now, and its peak.
  func residentBytes() throws -> Int { try kibibytes("VmRSS") * 1024 }
  func residentBytesMax() throws -> Int { try kibibytes("VmHWM") * 1024 }

  /// Clock ticks, 100 a second, of all threads.
  func processorTicks() throws -> Int {
    let words = try text("stat").split(separator: ")").last!.split(separator: " ")
    guard words.count > 12, let user = Int(words[11]), let system = Int(words[12]) else {
      throw HarnessFailure("/proc/\(pid)/stat is not understood")
    }
    return user + system
  }

  func descriptors() throws -> Int { try FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/fd").count }

  private func kibibytes(_ field: String) throws -> Int {
    let line = try text("status").split(separator: "\n").first { $0.hasPrefix(field + ":") }
    guard let number = line?.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first.flatMap({ Int($0) })
    else { throw HarnessFailure("/proc/\(pid)/status has no \(field)") }
    return number
  }

  private func text(_ file: String) throws -> String {
    // Read to the end: files of /proc have no size.
    let handle = try FileHandle(forReadingFrom: URL(filePath: "/proc/\(pid)/\(file)"))
    return String(decoding: try handle.readToEnd() ?? Data(), as: UTF8.self)
  }
}
