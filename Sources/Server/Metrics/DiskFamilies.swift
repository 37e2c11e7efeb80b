import Base
import Store
import Synchronization
import Tier

/// What the second tier has done.
struct DiskNumbers {
  struct Device {
    let path: String
    let status: DeviceStatus
    let written, valueBytesWritten, bytesWritten, read, bytesRead, bytesFirstRead, readAhead: UInt64
    let checksumFailures, readFailures, writeFailures, impatient: UInt64
    let segmentsReclaimed, recordsReclaimed, recordsRescued, recordsBuried, recordsFound, recordsTorn: UInt64
    let recoveryMilliseconds: UInt64
    let drops: [(String, UInt64)]
    let leavingBytes: Int

    init(_ device: Tier.Device) {
      (path, status) = (device.path, device.currentStatus)
      let metrics = device
      func count(_ read: (borrowing DeviceMetrics) -> UInt64) -> UInt64 { read(metrics.metrics) }
      written = count { $0.recordsWritten.value }
      valueBytesWritten = count { $0.valueBytesWritten.value }
      bytesWritten = count { $0.bytesWritten.value }
      read = count { $0.recordsRead.value }
      bytesRead = count { $0.bytesRead.value }
      bytesFirstRead = count { $0.bytesFirstRead.value }
      readAhead = count { $0.readAhead.value }
      checksumFailures = count { $0.checksumFailures.value }
      readFailures = count { $0.readFailures.value }
      writeFailures = count { $0.writeFailures.value }
      impatient = count { $0.impatient.value }
      segmentsReclaimed = count { $0.segmentsReclaimed.value }
      recordsReclaimed = count { $0.recordsReclaimed.value }
      recordsRescued = count { $0.recordsRescued.value }
      recordsBuried = count { $0.recordsBuried.value }
      recordsFound = count { $0.recordsFound.value }
      recordsTorn = count { $0.recordsTorn.value }
      recoveryMilliseconds = count { $0.recoveryMilliseconds.value }
      drops =
        DeviceMetrics.Drop.allCases.map { reason in ("\(reason.label)", count { $0.drops(reason) }) }
        + [("queue_full", device.passedBy)]
      leavingBytes = max(0, device.leavingBytes)
    }
  }

  let devices: [Device]
  let reads, writes: Durations
  let away: Int
  let stagedBytes: Int
  let stagedFetched, stagedWasted, demoted: UInt64

  init(_ tier: DiskTier, _ books: StoreSnapshot) {
    devices = tier.devices.map { Device($0) }
    reads = Durations { read in tier.devices.reduce(0) { $0 + read($1.metrics.readLatency) } }
    writes = Durations { read in tier.devices.reduce(0) { $0 + read($1.metrics.writeLatency) } }
    away = books.away
    stagedBytes = max(0, tier.figures.stagedBytes.load(ordering: .relaxed))
    stagedFetched = tier.figures.stagedFetched.value
    stagedWasted = tier.figures.stagedWasted.value
    demoted = tier.figures.demoted.value
  }
}

enum DiskFamilies {
  static func all(_ numbers: DiskNumbers) -> [MetricFamily] {
    holdings(numbers) + writing(numbers) + reading(numbers) + trouble(numbers)
  }

  private static func each(
    _ name: String, _ kind: MetricFamily.Kind, _ help: String, _ numbers: DiskNumbers,
    _ value: (DiskNumbers.Device) -> some BinaryInteger
  ) -> MetricFamily {
    MetricFamily(name, kind, help, by: "path", numbers.devices.map { ($0.path, value($0)) })
  }

  private static func holdings(_ numbers: DiskNumbers) -> [MetricFamily] {
    let states = numbers.devices.flatMap { device in
      DeviceStatus.State.allCases.map { state in
        MetricFamily.Sample(
          labels: [("path", device.path), ("state", state.rawValue)], value: device.status.state == state ? "1" : "0")
      }
    }
    return [
      MetricFamily("disk_state", .gauge, "1 for the state that a disk is in.", states),
      each("disk_chunks", .gauge, "Chunks with a copy on disk.", numbers) { max(0, $0.status.records) },
      MetricFamily("disk_only_chunks", .gauge, "Of those, the ones that are not in memory.", numbers.away),
      each("disk_living_bytes", .gauge, "What they take on disk.", numbers) { max(0, $0.status.livingBytes) },
      each("disk_allocated_bytes", .gauge, "What the files take on disk.", numbers) { $0.status.allocatedBytes },
      each("disk_segments", .gauge, "Segments that the size allows.", numbers) { $0.status.segments },
      each("disk_segments_free", .gauge, "Of those, the ones that hold nothing.", numbers) { $0.status.segmentsFree },
      each("disk_found_chunks_total", .counter, "Chunks that a start found.", numbers) { $0.recordsFound },
      MetricFamily(
        "disk_recovery_seconds_total", .counter, "How long starts took to find them.",
        numbers.devices.map { device in
          .init(labels: [("path", device.path)], value: "\(Double(device.recoveryMilliseconds) / 1000)")
        }),
    ]
  }

  private static func writing(_ numbers: DiskNumbers) -> [MetricFamily] {
    [
      each("disk_written_chunks_total", .counter, "Chunks written.", numbers) { $0.written },
      each("disk_written_value_bytes_total", .counter, "Bytes of chunks written.", numbers) { $0.valueBytesWritten },
      each("disk_written_bytes_total", .counter, "All bytes written: over those of chunks, the amplification.", numbers)
      {
        $0.bytesWritten
      },
      MetricFamily(
        "disk_dropped_chunks_total", .counter, "Chunks that were not written, by reason.",
        numbers.devices.flatMap { device in
          device.drops.map {
            MetricFamily.Sample(labels: [("path", device.path), ("reason", $0.0)], value: "\($0.1)")
          }
        }),
      each("disk_queue_bytes", .gauge, "What memory gives up as soon as it is written.", numbers) { $0.leavingBytes },
      MetricFamily(
        "disk_demoted_chunks_total", .counter, "Chunks that left memory and stayed on disk.", numbers.demoted),
      each("disk_buried_chunks_total", .counter, "Copies that were replaced or deleted.", numbers) { $0.recordsBuried },
      each("disk_reclaimed_segments_total", .counter, "Segments that were used again.", numbers) {
        $0.segmentsReclaimed
      },
      each("disk_reclaimed_chunks_total", .counter, "Chunks that were lost with them.", numbers) {
        $0.recordsReclaimed
      },
      each("disk_rescued_chunks_total", .counter, "Chunks that were kept from being lost with them.", numbers) {
        $0.recordsRescued
      },
      MetricFamilies.histogram("disk_write_seconds", "How long batches of chunks took to be written.", numbers.writes),
    ]
  }

  private static func reading(_ numbers: DiskNumbers) -> [MetricFamily] {
    [
      each("disk_read_chunks_total", .counter, "Chunks brought into memory.", numbers) { $0.read },
      each("disk_read_bytes_total", .counter, "Their bytes.", numbers) { $0.bytesRead },
      each(
        "disk_first_read_bytes_total", .counter,
        "Of those, bytes read for the first time since they were written: what was written beyond them was of no use yet.",
        numbers
      ) { $0.bytesFirstRead },
      each("disk_read_ahead_chunks_total", .counter, "Chunks brought up for a look-up, before the fetch.", numbers) {
        $0.readAhead
      },
      MetricFamily(
        "disk_staged_chunks_total", .counter, "What came of those.", by: "outcome",
        [("fetched", numbers.stagedFetched), ("wasted", numbers.stagedWasted)]),
      MetricFamily("disk_staged_bytes", .gauge, "In memory for look-ups, and not fetched yet.", numbers.stagedBytes),
      MetricFamilies.histogram("disk_read_seconds", "How long chunks took to be brought up.", numbers.reads),
    ]
  }

  private static func trouble(_ numbers: DiskNumbers) -> [MetricFamily] {
    [
      each("disk_checksum_failures_total", .counter, "Chunks that were not what had been written.", numbers) {
        $0.checksumFailures
      },
      each("disk_torn_chunks_total", .counter, "Chunks that a start found half written.", numbers) { $0.recordsTorn },
      each("disk_read_failures_total", .counter, "Reads that failed.", numbers) { $0.readFailures },
      each("disk_write_failures_total", .counter, "Writes that failed.", numbers) { $0.writeFailures },
      each("disk_impatient_reads_total", .counter, "Fetches given up because the disk did not answer.", numbers) {
        $0.impatient
      },
    ]
  }
}
