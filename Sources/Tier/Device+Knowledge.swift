import Base
import Disk
import IO
import Policy
import Store

/// What the policy has learnt, for the next process to go on from. Only the first device keeps it.
extension Device {
  func keepKnowledge() async {
    guard number == 0 else { return }
    var next = loop.now + Limits.knowledgeNanoseconds
    while isWorking {
      await loop.sleepUntilNudged(nanoseconds: 1_000_000_000)
      guard loop.now >= next else { continue }
      next = loop.now + Limits.knowledgeNanoseconds
      await saveKnowledge()
    }
  }

  /// A new file takes the place of the old one once it is whole.
  func saveKnowledge() async {
    guard number == 0, let knowledge = store.knowledge?.bytes, knowledge.count <= Limits.knowledgeBytesMax else {
      return
    }
    let blocks = DiskFormat.blocks(of: knowledge.count)
    let buffer = AlignedBuffer(byteCount: blocks * DiskFormat.blockBytes)
    buffer.bytes.copyBytes(from: knowledge)
    let name = DiskFormat.knowledgeName + ".new"
    do {
      let byteCount = buffer.bytes.count
      let file = try await calling { directory throws(DirectoryFailure) in
        try directory.make(name, byteCount: byteCount)
      }
      defer { close(file) }
      let transfer = Transfer(.write, at: 0, loop: loop, gate: gate)
      transfer.append(buffer.bytes)
      try await transfer.run(file)
      try await sync(file)
      try await calling { directory throws(DirectoryFailure) in try directory.rename(name, to: DiskFormat.knowledgeName)
      }
    } catch {
      log.warning("what the policy has learnt could not be kept", ["path": .text(path), "reason": .text("\(error)")])
    }
  }

  func adoptKnowledge() async {
    guard number == 0, !hasAdoptedKnowledge,
      let file = try? await calling({ directory throws(DirectoryFailure) in try directory.open(DiskFormat.knowledgeName)
      })
    else { return }
    defer { close(file) }
    guard file.byteCount > 0, file.byteCount <= Limits.knowledgeBytesMax,
      file.byteCount % DiskFormat.blockBytes == 0
    else { return }
    let buffer = AlignedBuffer(byteCount: file.byteCount)
    let transfer = Transfer(.read, at: 0, loop: loop, gate: gate)
    transfer.append(buffer.bytes)
    guard (try? await transfer.run(file)) != nil else { return }
    hasAdoptedKnowledge = true
    // The file is whole blocks, which 0 fills.
    let bytes = Array(buffer.bytes)
    guard let count = Knowledge.byteCount(claimedBy: bytes), count <= bytes.count,
      let knowledge = Knowledge(bytes: Array(bytes[..<count]))
    else { return }
    store.adopt(knowledge)
  }
}
