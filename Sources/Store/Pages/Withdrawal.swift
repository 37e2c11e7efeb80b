/// Pages out of reach whose memory is to go back.
struct Withdrawal {
  private(set) var runs: [Range<Int>] = []
  private(set) var count = 0
  /// Some are parts of huge pages.
  var breaksBlocks = false

  mutating func append(_ pages: Range<Int>) {
    count += pages.count
    if let last = runs.last, last.upperBound == pages.lowerBound {
      runs[runs.count - 1] = last.lowerBound..<pages.upperBound
    } else {
      runs.append(pages)
    }
  }
}
