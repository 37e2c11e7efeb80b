import Base
import Glibc
import IO

/// Connections: how they begin, carry bytes and end.
extension SimulatedWorld {
  func connect(_ descriptor: Int32, _ waiting: VirtualSocket.Waiting) {
    guard let listener = listener(wantedBy: waiting.operation), !sockets[listener]!.isReceiveShut else {
      return finish(waiting, -ECONNREFUSED)
    }
    let accepted = makeSocket()
    sockets[accepted]!.peer = descriptor
    sockets[descriptor]!.peer = accepted
    sockets[listener]!.backlog.append(accepted)
    agenda.add(.attemptAccept(listener: listener), at: now + delay())
    finish(waiting, 0)
  }

  /// - Parameter port: connections to this port go to this listener; without one it is the server's, which gets
  ///   connections that name no port.
  package func makeListener(port: UInt16? = nil) -> Int32 {
    let descriptor = makeSocket()
    sockets[descriptor]!.windowBytes = 0
    if let port { listeners[port] = descriptor }
    return descriptor
  }

  private func listener(wantedBy operation: Operation) -> Int32? {
    if case .connect(_, let address, let addressBytes) = operation, addressBytes > 0 {
      // The port is at the same offset in both families.
      let bytes = UnsafeRawBufferPointer(start: address, count: Int(addressBytes))
      return listeners[UInt16(bytes[2]) << 8 | UInt16(bytes[3])]
    }
    let named = listeners.values
    return sockets.keys.sorted().first { isListener($0) && !named.contains($0) && !sockets[$0]!.isReceiveShut }
  }

  private func isListener(_ descriptor: Int32) -> Bool { sockets[descriptor]!.windowBytes == 0 }

  func transmit(_ parcel: Parcel, from descriptor: Int32, to peer: Int32) {
    guard parcel.count > 0 else { return }
    sockets[peer]!.underWay += parcel.count
    agenda.add(.deliver(to: peer, from: descriptor, parcel), at: arrival(at: peer))
  }

  private func arrival(at peer: Int32) -> UInt64 {
    let time = max(sockets[peer]!.lastArrival, now + delay())
    sockets[peer]!.lastArrival = time
    return time
  }

  func deliver(_ parcel: Parcel, to descriptor: Int32, from sender: Int32) {
    guard sockets[descriptor] != nil else {
      // The receiver is gone, and the sender is told so.
      return agenda.add(.reset(sender), at: now + delay())
    }
    if random.chance(perMille: faults.resetPerMille) {
      harm(descriptor)
      return reset(descriptor)
    }
    sockets[descriptor]!.underWay -= parcel.count
    sockets[descriptor]!.inbox.append(parcel)
    agenda.add(.attemptReceive(descriptor), at: now + 1)
  }

  func deliverEnd(to descriptor: Int32) {
    guard sockets[descriptor] != nil else { return }
    sockets[descriptor]!.hasEnded = true
    agenda.add(.attemptReceive(descriptor), at: now + 1)
  }

  /// Whether a fault has hit the connection.
  package func isHarmed(_ descriptor: Int32) -> Bool { harmed.contains(descriptor) }

  func harm(_ descriptor: Int32) {
    harmed.insert(descriptor)
    if let peer = sockets[descriptor]?.peer { harmed.insert(peer) }
  }

  /// Both ends learn of it at once; bytes under way are lost.
  func reset(_ descriptor: Int32) {
    for end in [descriptor, sockets[descriptor]?.peer].compactMap({ $0 }) where sockets[end] != nil {
      sockets[end]!.isReset = true
      sockets[end]!.inbox = Inbox()
      agenda.add(.attemptReceive(end), at: now + 1)
      agenda.add(.attemptSend(end), at: now + 1)
    }
  }

  func shutdown(_ descriptor: Int32, _ direction: Direction) {
    guard sockets[descriptor] != nil else { return }
    if isListener(descriptor) {
      sockets[descriptor]!.isReceiveShut = true
      for waiting in sockets[descriptor]!.backlog { close(waiting, resetting: true) }
      sockets[descriptor]!.backlog = []
      agenda.add(.attemptAccept(listener: descriptor), at: now + 1)
      return
    }
    if direction != .send {
      sockets[descriptor]!.isReceiveShut = true
      agenda.add(.attemptReceive(descriptor), at: now + 1)
    }
    guard direction != .receive, !sockets[descriptor]!.isSendShut else { return }
    sockets[descriptor]!.isSendShut = true
    agenda.add(.attemptSend(descriptor), at: now + 1)
    if let peer = sockets[descriptor]!.peer, sockets[peer] != nil {
      agenda.add(.deliverEnd(to: peer), at: arrival(at: peer))
    }
  }

  /// As TCP does: sent bytes still arrive, unless bytes were left unread, which resets the connection.
  func close(_ descriptor: Int32) {
    if files.removeValue(forKey: descriptor) != nil || closeDiskFile(descriptor) { return }
    close(descriptor, resetting: false)
  }

  func close(_ descriptor: Int32, resetting: Bool) {
    guard let socket = sockets[descriptor] else { preconditionFailure("closed twice: \(descriptor)") }
    precondition(
      toleratesMisuse || (socket.receiving.isEmpty && socket.sending == nil), "closed while a verb waits on it")
    sockets[descriptor] = nil
    guard let peer = socket.peer, sockets[peer] != nil else { return }
    if socket.inbox.isEmpty, !resetting {
      agenda.add(.deliverEnd(to: peer), at: arrival(at: peer))
    } else {
      agenda.add(.reset(peer), at: arrival(at: peer))
    }
    // The peer's sender must learn that the receiver is gone.
    agenda.add(.attemptSend(peer), at: now + delay())
  }
}
