import Glibc
import Testing

@testable import IO

/// The start of connections, from both sides.
@Suite(.patience)
struct AcceptTests {
  @Test(arguments: realDrivers)
  func everyConnectionIsAcceptedAndSetUp(kind: DriverKind) async throws {
    let listener = try ListeningSocket.open(host: "127.0.0.1", port: 0)
    let port = ListeningSocket.port(of: listener)
    try await onLoop(kind) { loop in
      async let accepted = acceptMany(loop, listener, count: 100)
      await loop.settle()
      let clients = try (0..<100).map { _ in try Sockets.connect(port: port) }
      let descriptors = try await accepted
      #expect(Set(descriptors).count == 100)
      for descriptor in descriptors {
        #expect(option(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY) == 1)
        #expect(option(descriptor, SOL_SOCKET, SO_KEEPALIVE) == 1)
        #expect(fcntl(descriptor, F_GETFD, 0) & FD_CLOEXEC != 0)
        #expect(fcntl(descriptor, F_GETFL, 0) & O_NONBLOCK != 0, "lending would block the loop")
        loop.driver.close(descriptor)
      }
      for client in clients { Glibc.close(client) }
      loop.driver.close(listener)
    }
  }

  @Test(arguments: realDrivers)
  func shuttingAListenerDownEndsItsAccept(kind: DriverKind) async throws {
    let listener = try ListeningSocket.open(host: "127.0.0.1", port: 0)
    try await onLoop(kind) { loop in
      async let outcome = Result.of { () throws(IOFailure) in try await loop.accept(listener) }
      await loop.settle()
      loop.driver.shutdown(listener, .both)
      #expect(await outcome == .failure(.listenerClosed))
      let again = await Result.of { () throws(IOFailure) in try await loop.accept(listener) }
      #expect(again == .failure(.listenerClosed))
      loop.driver.close(listener)
    }
  }

  @Test(arguments: realDrivers)
  func connectReachesAListener(kind: DriverKind) async throws {
    let listener = try ListeningSocket.open(host: "127.0.0.1", port: 0)
    let address = Address(port: ListeningSocket.port(of: listener))
    try await onLoop(kind) { loop in
      let client = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
      async let accepted = loop.accept(listener)
      try await loop.connect(client, to: address.pointer, addressBytes: address.bytes, deadline: EventLoop.never)
      let server = try await accepted
      try await loop.sendAll(client, Buffer(pattern: 10))
      try await expect(loop.receiveAll(server, into: Buffer(count: 10)), 10)
      for descriptor in [client, server, listener] { loop.driver.close(descriptor) }
    }
  }

  @Test(arguments: realDrivers)
  func nobodyListeningIsRefused(kind: DriverKind) async throws {
    let listener = try ListeningSocket.open(host: "127.0.0.1", port: 0)
    let address = Address(port: ListeningSocket.port(of: listener))
    Glibc.close(listener)
    try await onLoop(kind) { loop in
      let client = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
      let outcome = await Result<Bool, IOFailure>.of { () throws(IOFailure) in
        try await loop.connect(client, to: address.pointer, addressBytes: address.bytes, deadline: EventLoop.never)
        return true
      }
      #expect(outcome == .failure(.refused))
      loop.driver.close(client)
    }
  }

  /// A listener with a full backlog does not answer: the connect waits until its deadline.
  @Test(arguments: realDrivers)
  func aConnectWithoutAnswerTimesOut(kind: DriverKind) async throws {
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    let any = Address(port: 0)
    try #require(bind(listener, __CONST_SOCKADDR_ARG(__sockaddr__: any.pointer), any.bytes) == 0)
    try #require(listen(listener, 0) == 0)
    let address = Address(port: ListeningSocket.port(of: listener))
    try await onLoop(kind) { loop in
      var clients: [Int32] = []
      var outcome: Result<Bool, IOFailure> = .success(true)
      while clients.count < 10, outcome == .success(true) {
        let client = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        clients.append(client)
        outcome = await Result<Bool, IOFailure>.of { () throws(IOFailure) in
          try await loop.connect(
            client, to: address.pointer, addressBytes: address.bytes, deadline: loop.now + 200_000_000)
          return true
        }
      }
      #expect(outcome == .failure(.timedOut))
      for client in clients { loop.driver.close(client) }
    }
    Glibc.close(listener)
  }

  // The limit on descriptors applies to the whole process, so these two run in processes of their own.

  @Test(.enabled(if: realDrivers.contains(.uring), "io_uring is refused here"))
  func runningOutOfDescriptorsIsReportedByUring() async {
    await #expect(processExitsWith: .success) { try await acceptWithoutDescriptors(.uring) }
  }

  @Test
  func runningOutOfDescriptorsIsReportedByEpoll() async {
    await #expect(processExitsWith: .success) { try await acceptWithoutDescriptors(.epoll) }
  }
}

private func acceptWithoutDescriptors(_ kind: DriverKind) async throws {
  let listener = try ListeningSocket.open(host: "127.0.0.1", port: 0)
  let client = try Sockets.connect(port: ListeningSocket.port(of: listener))
  try await onLoop(kind) { loop in
    let next = dup(client)
    Glibc.close(next)
    var limit = rlimit()
    getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    let usual = limit.rlim_cur
    limit.rlim_cur = rlim_t(next)
    setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    let outcome = await Result.of { () throws(IOFailure) in try await loop.accept(listener) }
    precondition(outcome == .failure(.outOfDescriptors), "accept said \(outcome)")

    limit.rlim_cur = usual
    setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    let accepted = try await loop.accept(listener)
    precondition(accepted == next, "the waiting connection is still there")
  }
}

private func acceptMany(_ loop: EventLoop, _ listener: Int32, count: Int) async throws(IOFailure) -> [Int32] {
  var descriptors: [Int32] = []
  for _ in 0..<count { descriptors.append(try await loop.accept(listener)) }
  return descriptors
}

private func option(_ descriptor: Int32, _ level: Int32, _ name: Int32) -> Int32 {
  var value: Int32 = 0
  var bytes = socklen_t(MemoryLayout<Int32>.size)
  getsockopt(descriptor, level, name, &value, &bytes)
  return value
}
