/// For the report of a life that is stuck: who waits for what.
extension SimulatedWorld: CustomStringConvertible {
  package var description: String {
    openSockets.map { describe($0, sockets[$0]!) }.joined(separator: "\n")
  }

  private func describe(_ descriptor: Int32, _ socket: VirtualSocket) -> String {
    var words = ["socket \(descriptor)"]
    if let peer = socket.peer { words.append(sockets[peer] == nil ? "peer gone" : "peer \(peer)") }
    words.append("inbox \(socket.inbox.count), under way \(socket.underWay), window \(socket.windowBytes)")
    if !socket.receiving.isEmpty { words.append("\(socket.receiving.count) receiving") }
    if socket.sending != nil { words.append("sending") }
    if socket.hasEnded { words.append("has ended") }
    if socket.isReset { words.append("is reset") }
    if socket.isReceiveShut || socket.isSendShut { words.append("is shut") }
    if !socket.backlog.isEmpty { words.append("backlog \(socket.backlog.count)") }
    return words.joined(separator: ", ")
  }
}
