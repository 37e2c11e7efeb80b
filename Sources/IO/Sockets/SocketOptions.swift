import Base
import Glibc

/// How accepted connections are set up.
enum SocketOptions {
  static func makeSocket(family: Int32) -> Int32? {
    let descriptor = socket(family, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { return nil }
    set(descriptor, level: Int32(IPPROTO_TCP), option: TCP_NODELAY, value: 1)
    return descriptor
  }

  static func configureAccepted(_ descriptor: Int32) {
    // Replies are small or in few large sends: nothing is gained by waiting for more.
    set(descriptor, level: Int32(IPPROTO_TCP), option: TCP_NODELAY, value: 1)
    // Clients set no keepalive and never reconnect, while address translators forget idle flows.
    set(descriptor, level: SOL_SOCKET, option: SO_KEEPALIVE, value: 1)
    set(descriptor, level: Int32(IPPROTO_TCP), option: TCP_KEEPIDLE, value: Limits.keepaliveIdleSeconds)
    set(descriptor, level: Int32(IPPROTO_TCP), option: TCP_KEEPINTVL, value: Limits.keepaliveIntervalSeconds)
    set(descriptor, level: Int32(IPPROTO_TCP), option: TCP_KEEPCNT, value: Limits.keepaliveProbes)
    set(descriptor, level: Int32(IPPROTO_TCP), option: TCP_USER_TIMEOUT, value: Limits.userTimeoutMilliseconds)
    limitUnsent(descriptor, bytes: Limits.unsentBytesMax)
  }

  /// What a peer does not read must not pile up in the kernel, which charges it to our container.
  static func limitUnsent(_ descriptor: Int32, bytes: Int) {
    set(descriptor, level: Int32(IPPROTO_TCP), option: TCP_NOTSENT_LOWAT, value: bytes)
  }

  /// Sends the acknowledgement that the kernel would otherwise hold back for up to 40 ms.
  static func acknowledge(_ descriptor: Int32) {
    set(descriptor, level: Int32(IPPROTO_TCP), option: TCP_QUICKACK, value: 1)
  }

  /// The name of what decides how fast it sends; nil where there is none, as in the simulator.
  static func congestion(of descriptor: Int32) -> String? {
    var name = [UInt8](repeating: 0, count: Limits.congestionNameBytesMax + 1)
    var byteCount = socklen_t(name.count)
    guard getsockopt(descriptor, Int32(IPPROTO_TCP), TCP_CONGESTION, &name, &byteCount) == 0 else { return nil }
    return String(decoding: name.prefix { $0 != 0 }, as: UTF8.self)
  }

  /// 0, or the errno with which the kernel refuses.
  static func setCongestion(_ descriptor: Int32, to name: String) -> Int32 {
    let bytes = Array(name.utf8)
    let result = setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_CONGESTION, bytes, socklen_t(bytes.count))
    return result == 0 ? 0 : errno
  }

  static func set(_ descriptor: Int32, level: Int32, option: Int32, value: Int) {
    var number = Int32(value)
    // An option that a kernel or a socket family lacks is a loss of comfort, not of correctness.
    setsockopt(descriptor, level, option, &number, socklen_t(MemoryLayout<Int32>.size))
  }
}
