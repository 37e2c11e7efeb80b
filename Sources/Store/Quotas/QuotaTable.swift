import Base
import Glibc

/// Finds the quota of a key. Quotas are numbered from 1; 0 is none.
final class QuotaTable: @unchecked Sendable {
  private struct Row {
    let isTag: Bool
    let isPrefix: Bool
  }

  private let rows: UnsafeMutablePointer<Row>
  /// What a field has to be, or to begin with.
  private let texts: ByteTable
  private let count: Int

  init?(_ quotas: [Quota]) {
    guard !quotas.isEmpty else { return nil }
    precondition(quotas.count <= Limits.quotasMax, "a quota's number fits a byte")
    count = quotas.count
    rows = .allocate(capacity: count)
    var texts: [[UInt8]] = []
    for (index, quota) in quotas.enumerated() {
      var (text, isTag) = ("", false)
      switch quota.subject {
      case .model(let model): text = model
      case .tag(let name, let value): (text, isTag) = ("\(name)%\(value)", true)
      }
      let isPrefix = text.hasSuffix("*")
      if isPrefix { text.removeLast() }
      (rows + index).initialize(to: Row(isTag: isTag, isPrefix: isPrefix))
      texts.append(Array(text.utf8))
    }
    self.texts = ByteTable(texts)
  }

  deinit { rows.deallocate() }

  func number(of key: UnsafeRawBufferPointer) -> UInt8 {
    guard let chunk = ChunkKey(key) else { return 0 }
    var found = count
    lower(&found, key, chunk.model, isTag: false)
    var (last, looks): (Range<Int>?, Int) = (nil, 0)
    while found > 0, looks < Limits.quotaFieldsMax, let field = chunk.next(of: key, behind: last) {
      lower(&found, key, field, isTag: true)
      (last, looks) = (field, looks + 1)
    }
    return found < count ? UInt8(found + 1) : 0
  }

  /// To the first quota that the field fits. Only those before the one that is found already are looked at.
  private func lower(_ found: inout Int, _ key: UnsafeRawBufferPointer, _ field: Range<Int>, isTag: Bool) {
    let field = UnsafeRawBufferPointer(rebasing: key[field])
    var index = 0
    while index < found {
      if rows[index].isTag == isTag, fits(index, field) { found = index }
      index += 1
    }
  }

  private func fits(_ index: Int, _ field: UnsafeRawBufferPointer) -> Bool {
    let text = texts[index]
    guard rows[index].isPrefix ? field.count >= text.count : field.count == text.count else { return false }
    return text.count == 0 || memcmp(text.baseAddress!, field.baseAddress!, text.count) == 0
  }
}
