import Foundation

/// The server's I/O drivers. Most tests run over each.
enum IODriver: String, CaseIterable, CustomStringConvertible {
  case uring, epoll

  var description: String { rawValue }

  /// The drivers that work here. The list is printed for scripts/test.sh.
  static let available: [IODriver] = {
    let drivers: [IODriver] = uringRefusal == nil ? [.uring, .epoll] : [.epoll]
    print("DRIVERS: EndToEndTests ran over \(drivers.map(\.rawValue).joined(separator: ", "))")
    return drivers
  }()

  /// Why a server does not start with io_uring, or nil. A sandbox may refuse it.
  static let uringRefusal: String? = {
    do {
      let server = try RunningServer(.uring)
      withExtendedLifetime(server) {}
      return nil
    } catch {
      return "\(error)"
    }
  }()
}
