import IO
import Wire

/// CLUSTER: one node that holds all slots, for clients that ask.
extension RESPSession {
  private static var slotCount: Int { 16_384 }

  /// Without an address: clients stay with the one by which they came, which alone is certain to reach this server.
  func clusterSlots() {
    reply { $0.array(1, into: &$1) }
    reply { $0.array(3, into: &$1) }
    reply(integer: 0)
    reply(integer: Self.slotCount - 1)
    reply { $0.array(4, into: &$1) }
    reply(bulk: "" as StaticString)
    reply(integer: connection.transport.own?.port ?? 0)
    reply(bulk: worker.server.runID)
    reply { $0.array(0, into: &$1) }
  }

  func clusterInfo() {
    let count = Self.slotCount
    reply(
      verbatim: """
        cluster_state:ok\r
        cluster_slots_assigned:\(count)\r
        cluster_slots_ok:\(count)\r
        cluster_slots_pfail:0\r
        cluster_slots_fail:0\r
        cluster_known_nodes:1\r
        cluster_size:1\r
        cluster_current_epoch:1\r
        cluster_my_epoch:1\r\n
        """)
  }

  func clusterMyID() { reply(bulk: worker.server.runID) }
}
