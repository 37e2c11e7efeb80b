import Base
import Glibc
import IO

/// Operations from submission to completion.
extension SimulatedWorld {
  func submit(_ operation: Operation, token: UInt64, from driver: SimulatedDriver) {
    let waiting = VirtualSocket.Waiting(operation: operation, token: token, driver: driver)
    switch operation {
    case .accept(let listener):
      sockets[listener]!.receiving.append(waiting)
      agenda.add(.attemptAccept(listener: listener), at: now + delay())
    case .receive(let descriptor, _, _, _):
      precondition(toleratesMisuse || sockets[descriptor]!.receiving.isEmpty, "one reader a socket")
      sockets[descriptor]!.receiving.append(waiting)
      agenda.add(.attemptReceive(descriptor), at: now + delay())
    case .send(let descriptor, _, _), .lend(let descriptor, _, _, _):
      precondition(toleratesMisuse || sockets[descriptor]!.sending == nil, "one writer a socket")
      sockets[descriptor]!.sending = waiting
      agenda.add(.attemptSend(descriptor), at: now + delay())
    case .connect(let descriptor, _, _):
      connect(descriptor, waiting)
    case .read, .write, .sync:
      submitToFile(waiting)
    case .cancel(let target):
      agenda.add(.cancel(driver, token: target), at: now + delay())
    }
  }

  func handle(_ happening: Happening) {
    switch happening {
    case .attemptReceive(let descriptor): attemptReceive(descriptor)
    case .attemptSend(let descriptor): attemptSend(descriptor)
    case .attemptAccept(let listener): attemptAccept(listener)
    case .attemptOnFile(let driver, let token): attemptOnFile(token, of: driver)
    case .carryOut(let calls): calls()
    case .deliver(let descriptor, let sender, let parcel): deliver(parcel, to: descriptor, from: sender)
    case .deliverEnd(let descriptor): deliverEnd(to: descriptor)
    case .reset(let descriptor): reset(descriptor)
    case .cancel(let driver, let token): cancel(token, of: driver)
    case .complete(let driver, let token, let result): driver.complete(Completion(token: token, result: result))
    }
  }

  func finish(_ waiting: VirtualSocket.Waiting, _ result: Int32) {
    agenda.add(.complete(waiting.driver, token: waiting.token, result: result), at: now + delay())
  }

  private func attemptReceive(_ descriptor: Int32) {
    guard var socket = sockets[descriptor], let waiting = socket.receiving.first,
      case .receive(_, let regions, let count, let options) = waiting.operation
    else { return }
    var result: Int32
    if socket.isReset {
      result = -ECONNRESET
    } else if !socket.inbox.isEmpty, !socket.isReceiveShut {
      if random.chance(perMille: faults.outOfMemoryPerMille) {
        result = -ENOMEM
        harm(descriptor)
      } else {
        let wanted = (0..<count).reduce(0) { $0 + regions[$1].iov_len }
        let there = min(wanted, socket.inbox.count)
        let taken = socket.readsWhole ? there : shortened(there, least: 1)
        let bytes = socket.inbox.take(taken)
        if !options.contains(.discard) { copy(bytes, taken, into: regions, count) }
        result = Int32(taken)
      }
    } else if socket.hasEnded || socket.isReceiveShut {
      result = 0
    } else {
      return
    }
    socket.receiving.removeFirst()
    sockets[descriptor] = socket
    finish(waiting, result)
    // Room has become free on this side.
    if let peer = socket.peer, sockets[peer]?.sending != nil { agenda.add(.attemptSend(peer), at: now + delay()) }
  }

  /// Nil when the send has to wait.
  func sendAtOnce(_ descriptor: Int32, _ regions: UnsafeMutablePointer<iovec>, _ count: Int) -> Int32? {
    precondition(toleratesMisuse || sockets[descriptor]!.sending == nil, "bytes keep their order")
    guard random.chance(perMille: faults.promptSendPerMille) else { return nil }
    return send(regions, count, copied: count, from: descriptor)
  }

  private func attemptSend(_ descriptor: Int32) {
    guard let waiting = sockets[descriptor]?.sending, let (regions, count, copied) = waiting.operation.sentRegions
    else { return }
    let result = send(regions, count, copied: copied, from: descriptor)
    if result == nil, !random.chance(perMille: faults.noWaitPerMille) { return }
    sockets[descriptor]!.sending = nil
    finish(waiting, result ?? -EAGAIN)
  }

  /// The number of bytes sent; nil when there is no room. The regions behind the first `copied` are lent.
  private func send(
    _ regions: UnsafeMutablePointer<iovec>, _ count: Int, copied: Int, from descriptor: Int32
  ) -> Int32? {
    let socket = sockets[descriptor]!
    if socket.isReset { return -ECONNRESET }
    guard !socket.isSendShut, let peer = socket.peer, sockets[peer] != nil else { return -EPIPE }
    if random.chance(perMille: faults.outOfMemoryPerMille) {
      harm(descriptor)
      return -ENOMEM
    }
    let wanted = (0..<count).reduce(0) { $0 + regions[$1].iov_len }
    let room = sockets[peer]!.room
    guard room > 0 || wanted == 0 else { return nil }
    // A kernel takes at least a small reply whole when nothing of the connection is outstanding.
    let isFresh = room == sockets[peer]!.windowBytes
    let taken = shortened(min(wanted, room), least: isFresh ? 64 : 1)
    let sent = min(taken, (0..<copied).reduce(0) { $0 + regions[$1].iov_len })
    transmit(.copied(bytes(of: regions, count, sent)), from: descriptor, to: peer)
    guard taken > sent else { return Int32(taken) }
    return Int32(sent + lend(pieces(of: regions, count, from: sent, to: taken), from: descriptor, to: peer))
  }

  /// The number of bytes sent by reference. Less than a page is copied, as by a real kernel.
  private func lend(_ pieces: [iovec], from descriptor: Int32, to peer: Int32) -> Int {
    let byteCount = pieces.reduce(0) { $0 + $1.iov_len }
    if byteCount >= Limits.unitBytes, let pages = LentPages(pieces) {
      lentBytes += UInt64(pages.count)
      // Read before transmit, which may consume the pages.
      let count = pages.count
      transmit(.lent(pages), from: descriptor, to: peer)
      return count
    }
    var pieces = pieces
    transmit(.copied(bytes(of: &pieces, pieces.count, byteCount)), from: descriptor, to: peer)
    return byteCount
  }

  private func attemptAccept(_ listener: Int32) {
    guard var socket = sockets[listener], let waiting = socket.receiving.first else { return }
    let result: Int32
    if socket.isReceiveShut {
      result = -EINVAL
    } else if socket.backlog.isEmpty {
      return
    } else if random.chance(perMille: faults.outOfDescriptorsPerMille) {
      result = -EMFILE
      outOfDescriptorsCount += 1
    } else if random.chance(perMille: faults.abortedPerMille) {
      let gone = socket.backlog.removeFirst()
      harm(gone)
      close(gone, resetting: true)
      abortedCount += 1
      result = -ECONNABORTED
    } else {
      result = socket.backlog.removeFirst()
    }
    socket.receiving.removeFirst()
    sockets[listener] = socket
    finish(waiting, result)
  }

  private func cancel(_ token: UInt64, of driver: SimulatedDriver) {
    if let waiting = takeWaitingForDevice(token, of: driver) { return finish(waiting, -ECANCELED) }
    // Few sockets and a rare event: looking at all of them, in order, is simple and the same every time.
    for descriptor in sockets.keys.sorted() {
      let receiving = sockets[descriptor]!.receiving
      if let place = receiving.firstIndex(where: { $0.token == token && $0.driver === driver }) {
        sockets[descriptor]!.receiving.remove(at: place)
        return finish(receiving[place], -ECANCELED)
      }
      if let waiting = sockets[descriptor]!.sending, waiting.token == token, waiting.driver === driver {
        sockets[descriptor]!.sending = nil
        return finish(waiting, -ECANCELED)
      }
    }
  }

  func shortened(_ bytes: Int, least: Int) -> Int {
    guard bytes > least, random.chance(perMille: faults.shortPerMille) else { return bytes }
    return random.pick(least...bytes)
  }

  func copy(_ bytes: [UInt8], _ count: Int, into regions: UnsafeMutablePointer<iovec>, _ regionCount: Int) {
    bytes.withUnsafeBytes { source in
      var copied = 0
      for position in 0..<regionCount where copied < count {
        let piece = min(regions[position].iov_len, count - copied)
        memcpy(regions[position].iov_base, source.baseAddress! + copied, piece)
        copied += piece
      }
    }
  }

  /// The pieces of the regions between two offsets.
  private func pieces(of regions: UnsafeMutablePointer<iovec>, _ count: Int, from start: Int, to end: Int) -> [iovec] {
    var place = 0
    var pieces: [iovec] = []
    for region in UnsafeBufferPointer(start: regions, count: count) {
      let first = max(start, place)
      let last = min(end, place + region.iov_len)
      if first < last { pieces.append(iovec(iov_base: region.iov_base + (first - place), iov_len: last - first)) }
      place += region.iov_len
    }
    return pieces
  }

  func bytes(of regions: UnsafeMutablePointer<iovec>, _ regionCount: Int, _ count: Int) -> [UInt8] {
    // Swift writes the count of an empty array to memory that all threads share.
    if count == 0 { return [] }
    // By calls of memcpy: a debug build takes its time over anything else.
    return [UInt8](unsafeUninitializedCapacity: count) { buffer, copied in
      for position in 0..<regionCount where copied < count {
        let piece = min(regions[position].iov_len, count - copied)
        memcpy(buffer.baseAddress! + copied, regions[position].iov_base, piece)
        copied += piece
      }
    }
  }
}

extension Operation {
  /// The regions to send, and how many of them are to be copied.
  fileprivate var sentRegions: (UnsafeMutablePointer<iovec>, count: Int, copied: Int)? {
    switch self {
    case .send(_, let regions, let count): (regions, count, count)
    case .lend(_, let regions, let count, let copied): (regions, count, copied)
    default: nil
    }
  }
}
