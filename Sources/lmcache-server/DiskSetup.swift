import Base
import IO
import Server
import Setup
import Store
import Tier

/// The second tier as the options want it: a loop for each directory.
struct DiskSetup {
  let books: DiskBooks
  let options: DiskOptions
  private let directories: [FileDirectory]

  /// Nil where no disk is named.
  static func make(_ options: ServerOptions) throws(OptionFailure) -> DiskSetup? {
    guard let disk = options.disk else { return nil }
    let setup = DiskSetup(
      books: DiskBooks(deviceCount: disk.paths.count, offering: disk.write == .evicted ? .leaving : .stored),
      options: disk, directories: disk.paths.map { FileDirectory(path: $0) })
    if disk.requires { for directory in setup.directories { try setup.require(directory, options) } }
    return setup
  }

  /// The server is not to start without it.
  private func require(_ directory: FileDirectory, _ options: ServerOptions) throws(OptionFailure) {
    if let refusal = DirectoryCheck.refusal(of: directory, formats: self.options.formats) {
      throw OptionFailure(message: "\(options.name(of: .disk)): \(refusal)", exitCode: ExitCode.machine)
    }
  }

  var deviceCount: Int { directories.count }

  func makeLoops(from index: Int, _ choice: DriverChoice) throws(OptionFailure) -> [EventLoop] {
    var loops: [EventLoop] = []
    do {
      for number in directories.indices {
        let driver = try choice.makeDriver(verbsMax: Limits.deviceVerbs, lends: false)
        loops.append(EventLoop(index: index + number, driver: driver, verbsMax: Limits.deviceVerbs))
      }
    } catch {
      throw OptionFailure(message: "\(error); --io epoll may help", exitCode: ExitCode.machine)
    }
    return loops
  }

  func makeTier(_ store: Store, _ loops: [EventLoop], _ log: Log) -> DiskTier {
    var configuration = DeviceConfiguration(
      sizeBytes: options.sizeBytes, writeRateBytes: options.writeRateBytes,
      wallMilliseconds: { WallClock.milliseconds() })
    configuration.writesAll = options.write == .all
    configuration.formats = options.formats
    let devices = directories.enumerated().map { number, directory in
      Device(
        number: number, loop: loops[number], store: store, books: books, directory: directory,
        configuration: configuration, lane: store.lane(loops[number].index), log: log)
    }
    return DiskTier(
      store: store, books: books, devices: devices, graceNanoseconds: UInt64(options.graceSeconds) * 1_000_000_000,
      isReadyOnlyWhenLoaded: options.waits)
  }

  func announce(_ log: Log) {
    let size = options.sizeBytes.map { ByteSize.text($0) } ?? "\(Limits.diskFreePercent) % of what is free"
    for directory in directories {
      log.info(
        "disk \(directory.path)",
        [
          "size": .text(size), "write": .text(options.write.rawValue),
          "rate": .text("\(ByteSize.text(options.writeRateBytes)) a second"),
        ])
    }
  }
}
