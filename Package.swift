// swift-tools-version: 6.2
import PackageDescription

// Imports only go down: Server -> Objects -> Store, Wire; Server -> IO; all of them -> Base. Simulation sits beside IO's
// drivers, Setup beside Server.
let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("ExistentialAny"),
]
// Rooms that own no raw memory have the compiler mark what is unsafe.
let strictMemory = strict + [.strictMemorySafety()]
// Shown beside the version. A build without its checkout, as in an image, has to be told.
let commit = Context.environment["LMCACHE_SERVER_COMMIT"] ?? ""
// liburing.h beside Glibc defines fd_set twice without it.
let gnu: [CSetting] = [.define("_GNU_SOURCE")]

let package = Package(
  name: "lmcache-server",
  products: [
    .executable(name: "lmcache-server", targets: ["lmcache-server"]),
    .executable(name: "lmcache-bench", targets: ["lmcache-bench"]),
    .executable(name: "lmcache-policies", targets: ["lmcache-policies"]),
  ],
  targets: [
    .target(name: "CBuild", cSettings: [.define("BUILD_COMMIT", to: "\"\(commit)\"")]),
    .target(name: "CLiburing", cSettings: gnu, linkerSettings: [.linkedLibrary(":liburing.a")]),
    .target(name: "CHiredis", cSettings: gnu, linkerSettings: [.linkedLibrary(":libhiredis.a")]),
    // In this order: the first leans on the second.
    .target(
      name: "COpenSSL", cSettings: gnu,
      linkerSettings: [.linkedLibrary(":libssl.a"), .linkedLibrary(":libcrypto.a")]),
    .target(name: "CLinux", cSettings: gnu),
    // What is left out lies in the binary all the same: the C file takes it in.
    .target(name: "CPage", exclude: ["Parts"]),
    .target(name: "CXxhash"),
    .target(name: "CYaml", linkerSettings: [.linkedLibrary(":libyaml.a")]),
    .target(name: "Base", cSettings: gnu, swiftSettings: strict),
    .target(name: "Manual", swiftSettings: strictMemory),
    .target(name: "Wire", dependencies: ["Base"], swiftSettings: strictMemory),
    .target(
      name: "Store", dependencies: ["Base", "CLinux", "CXxhash", "Policy"], cSettings: gnu, swiftSettings: strict),
    .target(
      name: "Tier", dependencies: ["Base", "Disk", "IO", "Policy", "Store"], cSettings: gnu, swiftSettings: strict),
    .target(name: "Objects", dependencies: ["Base", "Store", "Wire"], swiftSettings: strict),
    .target(
      name: "Registry", dependencies: ["Base", "CLinux", "CXxhash"], cSettings: gnu, swiftSettings: strict),
    .target(name: "Policy", swiftSettings: strict),
    .target(name: "Disk", dependencies: ["Base", "CXxhash"], swiftSettings: strict),
    .target(name: "IO", dependencies: ["Base", "CLiburing", "CLinux"], cSettings: gnu, swiftSettings: strict),
    .target(name: "TLS", dependencies: ["Base", "COpenSSL"], cSettings: gnu, swiftSettings: strict),
    .target(name: "Simulation", dependencies: ["Base", "IO"], cSettings: gnu, swiftSettings: strict),
    .target(
      name: "Server",
      dependencies: [
        "Base", "CHiredis", "COpenSSL", "CPage", "Wire", "Policy", "Store", "Objects", "Registry", "IO", "Tier", "TLS",
      ],
      cSettings: gnu, swiftSettings: strict),
    .target(
      name: "Setup", dependencies: ["Base", "CBuild", "CYaml", "Manual", "Wire", "Store", "Registry", "IO", "TLS"],
      cSettings: gnu,
      swiftSettings: strict),
    .target(
      name: "Tools", dependencies: ["Base", "Wire", "Setup", "Server", "IO", "TLS"], cSettings: gnu,
      swiftSettings: strict),
    .executableTarget(
      name: "lmcache-server",
      dependencies: ["Base", "Disk", "Wire", "Setup", "Server", "Store", "Registry", "IO", "Tier", "TLS", "Tools"],
      cSettings: gnu, swiftSettings: strict),
    .target(name: "Bench", dependencies: ["Base", "Manual", "Wire", "CLinux"], cSettings: gnu, swiftSettings: strict),
    .executableTarget(name: "lmcache-bench", dependencies: ["Bench"], swiftSettings: strict),
    .executableTarget(
      name: "lmcache-policies", dependencies: ["Base", "Bench", "Policy", "Store"], cSettings: gnu,
      swiftSettings: strict),

    .testTarget(name: "BaseTests", dependencies: ["Base"], swiftSettings: strict),
    .testTarget(
      name: "HouseTests", dependencies: ["Base", "Store", "Registry", "IO", "Server", "Setup", "Tier", "TLS"],
      swiftSettings: strict),
    .testTarget(name: "ManualTests", dependencies: ["Manual"], swiftSettings: strict),
    .testTarget(name: "WireTests", dependencies: ["Base", "Wire"], swiftSettings: strict),
    .testTarget(
      name: "DiskTests", dependencies: ["Base", "Disk"], exclude: ["Golden", "Reader"], swiftSettings: strict),
    .testTarget(name: "PolicyTests", dependencies: ["Base", "Policy"], swiftSettings: strict),
    .testTarget(
      name: "StoreTests", dependencies: ["Base", "Wire", "Policy", "Store", "Objects"], swiftSettings: strict),
    .testTarget(name: "RegistryTests", dependencies: ["Base", "Registry"], swiftSettings: strict),
    .testTarget(name: "TLSTests", dependencies: ["Base", "COpenSSL", "TLS"], cSettings: gnu, swiftSettings: strict),
    .testTarget(name: "IOTests", dependencies: ["Base", "IO"], cSettings: gnu, swiftSettings: strict),
    .testTarget(
      name: "SetupTests", dependencies: ["Base", "TLS", "Manual", "Wire", "Store", "IO", "Setup"], cSettings: gnu,
      swiftSettings: strict),
    .testTarget(
      name: "SimulationTests",
      dependencies: [
        "Base", "Wire", "Store", "Objects", "Registry", "IO", "Simulation", "Server", "Tier", "Disk", "TLS",
      ],
      cSettings: gnu, swiftSettings: strict),
    .testTarget(
      name: "ServerTests", dependencies: ["Base", "Wire", "Store", "IO", "Server", "Tier"], cSettings: gnu,
      swiftSettings: strict),
    .testTarget(name: "ToolsTests", dependencies: ["Base", "Wire", "Tools"], swiftSettings: strict),
    .testTarget(name: "BenchTests", dependencies: ["Base", "Manual", "Wire", "Bench"], swiftSettings: strict),
    // The programs are dependencies so that they are built before their tests start them.
    .testTarget(
      name: "EndToEndTests",
      dependencies: ["Base", "COpenSSL", "TLS", "Wire", "lmcache-server", "lmcache-policies"],
      exclude: [
        "Support/failing-calls.c", "Support/failing-disk.c", "Support/malloc-counter.c", "Support/plain-files.c",
        "Support/refuse-io-uring.c",
      ],
      cSettings: gnu, swiftSettings: strict),
  ]
)
