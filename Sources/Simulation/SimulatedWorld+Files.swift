import Base
import Glibc
import IO

/// Pretend files. An operation waits for its turn at the device, and can be cancelled until then. What it does to the file
/// it does in its turn; the news of it comes later, as the seed says.
extension SimulatedWorld {
  func submitToFile(_ waiting: VirtualSocket.Waiting) {
    waitingForDevice.append(waiting)
    agenda.add(.attemptOnFile(waiting.driver, token: waiting.token), at: now + delay())
  }

  func attemptOnFile(_ token: UInt64, of driver: SimulatedDriver) {
    if let place = keptByDevice.firstIndex(where: { $0.token == token && $0.driver === driver }) {
      let waiting = keptByDevice.remove(at: place)
      return attemptOnDisk(waiting, diskFiles[waiting.operation.file!]!, isKept: true)
    }
    guard let waiting = takeWaitingForDevice(token, of: driver) else { return }
    if let open = diskFiles[waiting.operation.file!] { return attemptOnDisk(waiting, open, isKept: false) }
    let fails = random.chance(perMille: faults.deviceFailurePerMille)
    finish(waiting, fails ? -EIO : perform(waiting.operation))
  }

  func takeWaitingForDevice(_ token: UInt64, of driver: SimulatedDriver) -> VirtualSocket.Waiting? {
    let place = waitingForDevice.firstIndex { $0.token == token && $0.driver === driver }
    return place.map { waitingForDevice.remove(at: $0) }
  }

  private func perform(_ operation: Operation) -> Int32 {
    switch operation {
    case .read(let file, let regions, let count, let offset):
      let start = min(Int(offset), files[file]!.count)
      let there = min(wanted(regions, count), files[file]!.count - start)
      let taken = shortened(there, least: 1)
      copy(Array(files[file]![start..<start + taken]), taken, into: regions, count)
      return Int32(taken)
    case .write(let file, let regions, let count, let offset):
      let taken = shortened(wanted(regions, count), least: 1)
      let end = Int(offset) + taken
      // A gap reads as zeros, as the hole in a real file does.
      if files[file]!.count < end { files[file]! += [UInt8](repeating: 0, count: end - files[file]!.count) }
      files[file]!.replaceSubrange(Int(offset)..<end, with: bytes(of: regions, count, taken))
      return Int32(taken)
    case .sync: return 0
    default: preconditionFailure("not an operation on a file")
    }
  }

  func wanted(_ regions: UnsafeMutablePointer<iovec>, _ count: Int) -> Int {
    (0..<count).reduce(0) { $0 + regions[$1].iov_len }
  }
}
