import Glibc

/// The operations as plain system calls. Those on sockets do not block; nil means that they would.
enum SystemCalls {
  static func perform(_ operation: Operation) -> Int32? {
    switch operation {
    case .accept(let listener):
      return retrying {
        Int(
          accept4(
            listener, __SOCKADDR_ARG(__sockaddr__: nil), nil, Int32(SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)))
      }
    case .connect(let descriptor, let address, let addressBytes):
      if Glibc.connect(descriptor, __CONST_SOCKADDR_ARG(__sockaddr__: address), addressBytes) == 0 { return 0 }
      return errno == EINPROGRESS || errno == EINTR ? nil : -errno
    case .receive(let descriptor, let regions, let count, let options):
      let flags = Int32(MSG_DONTWAIT) | (options.contains(.discard) ? Int32(MSG_TRUNC) : 0)
      if count == 1 { return retrying { recv(descriptor, regions.pointee.iov_base, regions.pointee.iov_len, flags) } }
      var header = message(regions, count)
      return retrying { recvmsg(descriptor, &header, flags) }
    case .send(let descriptor, let regions, let count):
      return send(descriptor, regions, count: count, flags: 0)
    case .lend:
      preconditionFailure("a lender's part")
    case .read, .write, .sync, .cancel:
      preconditionFailure("not an operation on a socket")
    }
  }

  /// An operation on a file, which may wait for its device.
  static func performOnFile(_ operation: Operation) -> Int32 {
    let result =
      switch operation {
      case .read(let file, let regions, let count, let offset):
        retrying { preadv(file, regions, Int32(count), off_t(offset)) }
      case .write(let file, let regions, let count, let offset):
        retrying { pwritev(file, regions, Int32(count), off_t(offset)) }
      case .sync(let file): retrying { Int(fdatasync(file)) }
      default: preconditionFailure("not an operation on a file")
      }
    return result ?? -EAGAIN
  }

  static func send(_ descriptor: Int32, _ regions: UnsafeMutablePointer<iovec>, count: Int, flags: Int32) -> Int32? {
    let flags = flags | Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL)
    if count == 1 {
      return retrying { Glibc.send(descriptor, regions.pointee.iov_base, regions.pointee.iov_len, flags) }
    }
    var header = message(regions, count)
    return retrying { sendmsg(descriptor, &header, flags) }
  }

  /// How a connect that was under way has ended.
  static func connectResult(_ descriptor: Int32) -> Int32 {
    var failure: Int32 = 0
    var bytes = socklen_t(MemoryLayout<Int32>.size)
    getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &failure, &bytes)
    return -failure
  }

  static func makeNonBlocking(_ descriptor: Int32) {
    let flags = fcntl(descriptor, F_GETFL, 0)
    precondition(flags >= 0, "a verb was given a bad descriptor")
    _ = fcntl(descriptor, F_SETFL, flags | O_NONBLOCK)
  }

  private static func message(_ regions: UnsafeMutablePointer<iovec>, _ count: Int) -> msghdr {
    var header = msghdr()
    header.msg_iov = regions
    header.msg_iovlen = count
    return header
  }

  static func retrying(_ call: () -> Int) -> Int32? {
    while true {
      let result = call()
      if result >= 0 { return Int32(truncatingIfNeeded: result) }
      switch errno {
      case EINTR: continue
      case EAGAIN: return nil
      default: return -errno
      }
    }
  }
}
