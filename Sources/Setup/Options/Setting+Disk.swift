import Base

/// What flags about disks take.
extension Setting {
  /// What people set where engines take a directory, to have none.
  private static let absences: Set<String> = ["off", "false", "none", "null"]

  /// Empty for one of the words that mean no disk.
  func directories() throws(OptionFailure) -> [String] {
    if Setting.absences.contains(text.lowercased()) { return [] }
    var paths: [String] = []
    for part in text.split(separator: ",") {
      guard let path = try directory(String(part)) else { continue }
      guard !paths.contains(path) else { throw failure("names \(OptionFailure.quoted(path)) twice") }
      paths.append(path)
    }
    guard !paths.isEmpty else { throw failure("names no directory") }
    guard paths.count <= Limits.disksMax else {
      throw failure("names \(paths.count) directories, and \(Limits.disksMax) are the most")
    }
    return paths
  }

  /// Nil between two commas that nothing separates. A relative path would name another directory under every manager of
  /// services; `True`, which some set because other variables of engines take it, is one too.
  private func directory(_ part: String) throws(OptionFailure) -> String? {
    var path = part.drop { $0 == " " }
    while path.last == " " { path.removeLast() }
    guard !path.isEmpty else { return nil }
    if path.hasPrefix("file://") { path.removeFirst("file://".count) }
    guard path.hasPrefix("/") else {
      let which = part == text ? "" : "has \(OptionFailure.quoted(part)), which "
      throw failure("\(which)is no path that begins with /")
    }
    while path.last == "/" { path.removeLast() }
    guard !path.isEmpty else { throw failure("has the root directory, where chunks would lie among everything") }
    return String(path)
  }

  /// In the variable, which is the engines' own, a number alone counts GiB, as there.
  func diskBytes() throws(OptionFailure) -> Int {
    let isBare = text.allSatisfy { $0 == "." || ($0.isASCII && $0.isNumber) }
    guard let bytes = ByteSize.parse(origin == .variable(flag.variable) && isBare ? text + "GiB" : text) else {
      throw failure("is not a size")
    }
    return bytes
  }

  func writeRateBytes() throws(OptionFailure) -> Int {
    guard let bytes = ByteSize.parse(text) else { throw failure("is not a size") }
    guard bytes >= Limits.diskWriteRateBytesMin else {
      throw failure("is less than \(ByteSize.text(Limits.diskWriteRateBytesMin)), which would never write a disk full")
    }
    return bytes
  }
}
