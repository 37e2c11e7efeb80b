import Base
import Policy

extension Limits {
  // MARK: Memory
  /// Bodies in flight may hold this share of the budget; beyond it one of them becomes a drain.
  static let inFlightPercentMax = 50
  /// How far ahead of use pages are populated: a second of PUTs at a few hundred MiB/s.
  static let populateAheadBytes = 128 * 1024 * 1024
  /// How much one population step touches: a huge page. A body that waits for it waits no longer than that, and what was
  /// just zeroed is still in the processor's caches when the body is copied there.
  static let populateStepBytes = 2 * 1024 * 1024
  /// What a memory limit must leave for code, stacks and kernel socket memory, which are charged to it too.
  package static let reserveBytesMin = 256 * 1024 * 1024
  /// The same for large limits: page tables, sockets and fragmentation grow with what is kept.
  package static let reservePercent = 12

  // MARK: Time
  /// The most that a positive EXIST promises unless `--lease` says otherwise: what a burst of 4 GiB takes that shares a
  /// link of 10 Gb/s with seven others.
  package static let leaseSecondsDefault = 30
  package static let leaseSecondsMax = 3600
  /// The least: a burst of 4 GiB takes 3.4 s on a link of 10 Gb/s that is its own.
  package static let promiseSecondsMin = 5
  /// One client's touches within this time count as one walk along a prefix.
  static let burstNanoseconds: UInt64 = 1_000_000_000
  /// So many entries whose time has come are put back into the order at once.
  static let restoredMax = 64
  /// How often a waiting body looks whether its pages are wanted elsewhere.
  package static let bodyTickNanoseconds: UInt64 = 250_000_000

  // MARK: Names
  /// What RESP clients may name a value: today's keys have 300 bytes at most; a length fits two bytes of a record.
  package static let nameBytesMax = 64 * 1024 - 1

  package static func checkStore() {
    PolicyLimits.check()
    precondition(Asker.streams <= PolicyLimits.sources, "the policy knows each stream of requests")
    precondition(inFlightPercentMax < 100, "bodies leave room for what they bring")
    precondition(promiseSecondsMin <= leaseSecondsDefault, "a promise fits the lease")
    precondition(leaseSecondsDefault <= leaseSecondsMax, "the lease is one that can be asked for")
  }
}

extension Limits {
  /// A record holds an entry's fields and its key: whole lines of the processor's cache.
  static let recordBytes = 320
  /// Enough stripes that a dozen loops seldom meet on one.
  static let indexStripes = 64
  /// A stripe's table begins this small and doubles.
  static let stripeSlotsMin = 16
  /// The arena begins on a huge page, so that all of it can be huge.
  static let arenaAlignmentBytes = blockBytes
  /// Less than this has no room for one body beside the tables.
  package static let storeBytesMin = 1024 * 1024
  /// One body a connection; more connections than this sending at once is not a deployment but an attack.
  package static let bodiesMaxDefault = 4096
  /// A lane's touches are applied under one taking of the ledger.
  static let touchesPerLane = 256
  /// What one population step touches, in pages.
  static let populateStepPages = populateStepBytes / pageBytes
  /// A block is a huge page: what the kernel gives, takes back and lends at full speed.
  static let blockBytes = 2 * 1024 * 1024
  static let pagesPerBlock = blockBytes / pageBytes
  /// Bodies in flight take whole blocks while they hold no more than this: a crowd of slow ones takes page by page.
  static let blockInFlightPercentMax = inFlightPercentMax / 2
  /// How many blocks are looked at for pages that may come back when there is no room for a whole one.
  static let absentLooksMax = 16
  /// So much may be populated beyond the budget before it is given back: connections come and go all the time.
  static let withdrawBytesMin = 4 * 1024 * 1024
  /// The system is asked how much memory it has left once for so much that was populated: what that costs is little
  /// beside populating, and what others take meanwhile is little beside the floor.
  static let roomBytesPerReading = 16 * 1024 * 1024
  /// Lending ends where it would leave less than this share of the reserve beside the budget: the other half is for the
  /// process itself and for what readers keep.
  static let lendingFloorPercent = 50
  /// Nothing is populated that would leave less: sockets, lists and the heap grow between two readings.
  static let roomFloorPercent = 25
  /// Where others have taken all but this share of it, the store gives back what it has: thousands of connections come
  /// between two readings.
  static let roomBrinkPercent = 18
  /// The allocator is asked for freed memory when this much was discharged: asking takes milliseconds.
  static let trimBytesMin = 16 * 1024 * 1024
  /// So long a writer's wish for pins counts: readers look for it once a second.
  static let pinWishNanoseconds: UInt64 = 2_000_000_000
  /// Between two readers that give way. What could not be evicted is looked at again in the next second.
  static let pinWishRestNanoseconds: UInt64 = 1_500_000_000
  /// How many entries one call may look at before it says "ask again".
  static let victimLooksMax = 128
  /// A body is slow when `slowBodyNanoseconds` brought less than this.
  static let slowBodyBytes = 64 * 1024
  static let slowBodyNanoseconds: UInt64 = 250_000_000
  /// A condemned body looks at every tick: two ticks later it should be gone.
  static let condemnedGraceNanoseconds = 2 * bodyTickNanoseconds
  /// A client's send stalls while its body waits for pages, and its engine with it: no longer than this.
  static let pageWaitNanosecondsMax: UInt64 = 5_000_000_000
  /// A large body waits so long for a block that is being renewed, which takes less than a millisecond, and then goes on
  /// page by page.
  static let blockWaitNanosecondsMax: UInt64 = 50_000_000
  /// Loops read their clocks at slightly different moments: room for that in the ring of lease seconds.
  static let leaseRingSlackSeconds = 64
  /// While all that is kept is promised or read, connection buffers may overdraw the budget by this share of it, and by this
  /// much in a small one: a client that looks up and fetches is not cut off because others do. The reserve beside the
  /// budget is seven times as large at least.
  static let overdraftShare = 64
  static let overdraftBytesMin = 256 * 1024
  /// More of one client's requests for memory than this wait for room.
  static let overdraftEachMax = 64 * 1024
  /// Keys that differ in the rank alone: more than any engine has ranks, layers of a chunk apart.
  static let sistersMax = 1024
  /// Pins are in a writer's way when what eviction met of them in a second is more than this share of the room.
  static let pinsInTheWayShare = 64
  /// Rows of entries that are promised or read, of 250 ms each: what is promised for longer is looked at again on the way.
  static let heldBuckets = 128
  /// The same for what was just stored or fetched.
  static let freshBuckets = 16
  /// For so long, and as long as it is no more than this share of the room, goes what was stored or fetched last.
  static let freshTenths = 20
  static let freshShare = 20
  /// Entries that cannot go are set aside, some tenths of a microsecond each: so many before the caller counts one look.
  static let setAsidePerLook = 16
  /// Records never become pages again: long keys may not fill the budget with them. A key of today has one annex, a
  /// chunk of it a thousand times as many bytes.
  static let annexPercentMax = 10
  /// How many entries go for one long key when its share is full. A key is not worth the chunks of a whole prompt.
  static let annexLooksMax = 4
  /// The longest key, and what another room may write around it.
  static let scratchBytes = nameBytesMax + 16
  /// How far one look for expired entries walks, four times a second in every lane: half a millisecond where all
  /// entries have deadlines.
  static let sweepHomesMax = 4096
  /// How far one step of a removal looks, and how much it removes, before others have their turn: under a millisecond.
  static let removalHomesPerStep = 4096
  static let removalsPerStep = 128
  /// A stripe is locked no longer than for so many homes.
  static let homesPerLock = 128
  /// An engine that found the server broken PUTs `test@1@0@0@` and a type, and GETs it back; losing that looks like a broken
  /// server for ever. Only so: a model may be named `test`, but no chunk of its has the hash 0.
  static let keptKeyBytesMax = 48
  static let keptKeyPrefix: StaticString = "test@1@0@0@"
  /// The log of changes: some 10,000, a second or two of the smallest chunks.
  static let changeLogBytes = 1024 * 1024
  /// What a reader copies out of it at once, under its lock: the longest key has room.
  static let changeBatchBytes = 128 * 1024

  // MARK: Devices
  /// Values that wait to be looked at by a device's writer, of 24 bytes each: what a second of the smallest chunks brings.
  static let offeredMax = 256 * 1024
  /// Look-ups that wait to be brought up: the chunks of some long prompts.
  static let wantedMax = 16 * 1024
  /// Keys that change while a device is not known, of 16 bytes each: what minutes of a rolling update bring.
  static let changedKeysMax = 256 * 1024
  /// What values on devices may take of memory beside their keys, as a share of the budget.
  package static let awayShare = 4
  /// What may wait for a device in order to be evicted, as a share of the budget: room for a burst, and no more than what
  /// eviction passes by in good time.
  static let leavingShare = 16
  /// When eviction looks again at what a device is to write, unless the device says before that it has.
  static let unwrittenNanoseconds: UInt64 = 250_000_000
  /// Rows of those, of 250 ms each.
  static let unwrittenBuckets = 4

  // MARK: Quotas
  /// Each is compared with the fields of every key that is stored, and has series of metrics of its own.
  package static let quotasMax = 64
  /// Less than this holds no chunk of most models.
  package static let quotaBytesMin = 1024 * 1024
  /// No key of LMCache has so many; what comes behind is not looked at.
  static let quotaFieldsMax = 32
  /// How many values of a quota that cannot go are met before a body of it is dropped: some 50 us.
  static let quotaLooksMax = 64

  // MARK: Usage
  /// Models, tags and clients that are told apart, each with a place for none and one for all others: a name is a row in each of
  /// several families of metrics, and who scrapes pays for every row.
  package static let modelPlaces = 32
  package static let tagPlaces = 32
  package static let clientPlaces = 64
  /// What a label shows; a longer name counts as one of the others.
  package static let usageNameBytesMax = 128
  /// A name gives its place to another only so long after it was last entered: each new name is a new series for what
  /// scrapes, and a client that makes names up must not make many.
  package static let usageNameRestNanoseconds: UInt64 = 3_600_000_000_000
  /// What LMCache cuts prompts into unless it is told otherwise: so many tokens a chunk is taken to have that does not say.
  static let chunkTokensDefault = 256
  /// More than any chunk has: a shape that says so is not one.
  static let chunkTokensMax = 1 << 20
  /// So much of a long key is looked at for its names: today's have 300 bytes at most.
  static let usageKeyBytesMax = 512
  /// What remembers keys that were evicted: a place of 8 bytes for each 8 KiB of the budget, and no more than this. A chunk has
  /// a hundred KiB and more.
  static let departedShare = 1024
  static let departedBytesMax = 1024 * 1024
}
