import Base

extension Store {
  /// From here on memory is populated, and values are lent, as far as the system has room: `room` tells how much more this
  /// process may take, or nil. It is asked by the thread that populates, once for every few blocks.
  package func watchRoom(_ room: @escaping @Sendable () -> Int?) { vault.watch(room) }

  /// For who keeps house: the system is asked again soon, whatever happens meanwhile. A store that has no memory yet has
  /// none to give back, and is not to be woken to take some.
  package func wantRoomReading() {
    guard vault.ledger.withLock({ $0.pages.resident > 0 }) else { return }
    vault.headroom.wantLook()
    vault.populationSignal.raise()
  }

  /// False while readers keep so much of what was lent that the system gets short of memory.
  package var mayLend: Bool { !vault.headroom.isShort }

  /// What lent memory may still take; nil when the system does not tell.
  package var headroomBytes: Int? { vault.headroom.bytes }

  /// How often lending stopped for want of headroom.
  package var lendingPauses: UInt64 { vault.headroom.pauses.value }

  /// Memory that was lent to the kernel, and replaced before its next use.
  package var renewedBytes: UInt64 { vault.renewedBlocks.value * UInt64(Limits.blockBytes) }

  /// Memory that was lent and went back to the system, which had too little left to replace it.
  package var unrenewedBytes: UInt64 { vault.unrenewedBlocks.value * UInt64(Limits.blockBytes) }
}
