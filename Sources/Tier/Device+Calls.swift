import IO

/// What is asked of the directory and is no transfer. It may wait for the device, so the loop makes none of it itself.
extension Device {
  /// Has calls of the directory made elsewhere, one after the other.
  func calling<Answer: Sendable>(
    _ body: @escaping @Sendable (any DeviceDirectory) throws(DirectoryFailure) -> Answer
  ) async throws(DirectoryFailure) -> Answer {
    await callGate.enter()
    let number = gate.begin(.write)
    defer {
      gate.end(number)
      callGate.leave()
    }
    let (directory, loop) = (directory, loop)
    let answer: Result<Answer, DirectoryFailure> = await withUnsafeContinuation { waiter in
      directory.carryOut {
        let answer = Result { () throws(DirectoryFailure) in try body(directory) }
        // On the loop, where the caller waits by then.
        loop.startRoot { waiter.resume(returning: answer) }
      }
    }
    return try answer.get()
  }

  /// No task waits for that.
  func close(_ file: DeviceFile) {
    let directory = directory
    directory.carryOut { directory.close(file) }
  }

  func sync(_ file: DeviceFile) async throws(IOFailure) {
    let number = gate.begin(.write)
    defer { gate.end(number) }
    try await loop.sync(file)
  }
}
