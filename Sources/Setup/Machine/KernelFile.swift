import Base
import Glibc

/// A small file of the kernel that is read again and again: no descriptor is kept and nothing is allocated.
struct KernelFile: Sendable {
  /// Twice what the longest of them has, `memory.stat`. On the stack.
  private typealias Buffer = InlineArray<8192, UInt8>

  private let path: [CChar]

  init(_ path: String, _ files: SystemFiles) { self.path = Array(files.fullPath(path).utf8CString) }

  /// Nil when it cannot be read.
  func read(_ body: (KernelNumbers) -> Int?) -> Int? {
    let descriptor = path.withUnsafeBufferPointer { open($0.baseAddress!, O_RDONLY | O_CLOEXEC) }
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var memory = Buffer(repeating: 0)
    var span = memory.mutableSpan
    return span.withUnsafeMutableBytes { buffer in
      var count = 0
      while count < buffer.count {
        let part = Glibc.read(descriptor, buffer.baseAddress! + count, buffer.count - count)
        if part < 0, errno == EINTR { continue }
        guard part >= 0 else { return nil }
        if part == 0 { break }
        count += part
      }
      return body(KernelNumbers(UnsafeRawBufferPointer(rebasing: buffer[..<count])))
    }
  }

  /// The number of a file that holds one. Nil for `max`, which is none.
  var number: Int? { read(\.first) }
}

/// The numbers in such a file.
struct KernelNumbers {
  private let text: UnsafeRawBufferPointer

  init(_ text: UnsafeRawBufferPointer) { self.text = text }

  /// What the file begins with.
  var first: Int? { number(at: 0) }

  /// What follows `name` on a line of its own.
  func named(_ name: StaticString) -> Int? {
    let length = name.utf8CodeUnitCount
    var start = 0
    while start + length < text.count, let line = text.baseAddress.map({ $0 + start }) {
      if isBlank(start + length), memcmp(line, name.utf8Start, length) == 0 { return number(at: start + length) }
      guard let newline = memchr(line, Int32(UInt8(ascii: "\n")), text.count - start) else { return nil }
      start += UnsafeRawPointer(newline) - line + 1
    }
    return nil
  }

  private func isBlank(_ index: Int) -> Bool { text[index] == UInt8(ascii: " ") || text[index] == UInt8(ascii: "\t") }

  private func number(at start: Int) -> Int? {
    var index = start
    while index < text.count, isBlank(index) { index += 1 }
    var value: Int?
    while index < text.count, case let digit = text[index] &- UInt8(ascii: "0"), digit < 10 {
      let (tens, isLarge) = (value ?? 0).multipliedReportingOverflow(by: 10)
      let (sum, isLarger) = tens.addingReportingOverflow(Int(digit))
      if isLarge || isLarger { return Int.max }
      value = sum
      index += 1
    }
    return value
  }
}
