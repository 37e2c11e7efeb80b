import Foundation

/// What the server moves bytes with. Most tests run over each.
enum IODriver: String, CaseIterable, CustomStringConvertible {
  case uring, epoll

  var description: String { rawValue }

  /// io_uring is missing where a sandbox refuses it; its tests then do not run, and this says so.
  static let available: [IODriver] = {
    guard let server = try? RunningServer(.uring) else {
      FileHandle.standardError.write(Data("io_uring does not work here: only epoll is tested\n".utf8))
      return [.epoll]
    }
    withExtendedLifetime(server) {}
    return [.uring, .epoll]
  }()
}
