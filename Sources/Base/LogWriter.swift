import Glibc

/// The one thread that waits for the reader of the log.
struct LogWriter {
  let queue: LogQueue
  let format: SharedLogFormat
  let descriptor: Int32

  func run() {
    // A reader that went away must not end the server; the write then fails with EPIPE.
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGPIPE)
    pthread_sigmask(SIG_BLOCK, &signals, nil)

    var bytes: [UInt8] = []
    while let (records, dropped) = queue.takeAll() {
      bytes.removeAll(keepingCapacity: true)
      let encoder = LogEncoder(format: format.load())
      for record in records { encoder.append(record, to: &bytes) }
      if dropped > 0 { encoder.append(confession(dropped), to: &bytes) }
      write(bytes)
    }
  }

  private func confession(_ dropped: Int) -> LogRecord {
    LogRecord(
      nanoseconds: LogTimestamp.now(), level: .warning,
      message: "log lines were dropped because stderr is read too slowly", fields: ["dropped": .number(dropped)])
  }

  /// Gives up only when the bytes can never be read.
  private func write(_ bytes: [UInt8]) {
    bytes.withUnsafeBytes { buffer in
      var rest = UnsafeRawBufferPointer(buffer)[...]
      while !rest.isEmpty {
        let written = Glibc.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
        if written >= 0 {
          rest = rest.dropFirst(written)
        } else if errno == EAGAIN {
          waitUntilWritable()
        } else if errno != EINTR {
          return
        }
      }
    }
  }

  /// Another process on the same terminal may have made it non-blocking.
  private func waitUntilWritable() {
    var wanted = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
    poll(&wanted, 1, -1)
  }
}
