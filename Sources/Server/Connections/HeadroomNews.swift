import Base
import Store

/// A line of the log when memory becomes too short for lending, and one when there is enough again.
struct HeadroomNews {
  private var told = true
  private var silentUntil: UInt64 = 0

  mutating func tell(of store: Store, now: UInt64, to log: Log) {
    guard store.mayLend != told, now >= silentUntil else { return }
    told.toggle()
    silentUntil = now + Limits.lendingNewsNanoseconds
    if told {
      log.info(
        "large values are sent without copying again",
        ["headroom": .text(ByteSize.text(max(0, store.headroomBytes ?? 0)))])
    } else {
      log.warning(
        "large values are copied for now",
        [
          "reason": .text(
            "too little memory is left beside the budget: readers keep what was sent to them, or others took it")
        ])
    }
  }
}
