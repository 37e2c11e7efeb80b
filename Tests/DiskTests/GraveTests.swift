import Base
import Testing

@testable import Disk

@Suite struct GraveTests {
  private static let sizes: [UInt32] = [16, 18, 64, 130, 65_152, 65_154, 65_536, 200_000]

  private func pages(_ graves: Graves, _ blocks: UInt32, life: UInt64 = 9) -> [Blocks] {
    (0..<SegmentLayout(blocks: blocks).gravePages).map { page in
      Blocks(1) { graves.writePage(page, to: $0, segment: 5, life: life) }
    }
  }

  private func merge(_ copies: [[Blocks]], blocks: UInt32, segment: UInt32 = 5, life: UInt64 = 9) -> Graves {
    var graves = Graves(blocks: blocks)
    for copy in copies {
      for (page, block) in copy.enumerated() {
        _ = block.read { graves.merge(page: page, $0, segment: segment, life: life) }
      }
    }
    return graves
  }

  private func holds(_ graves: Graves, _ model: Set<UInt32>) -> Bool {
    graves.count == model.count && graves.isEmpty == model.isEmpty && model.allSatisfy(graves.contains)
  }

  private func fill(_ graves: inout Graves, _ blocks: UInt32, _ random: inout SplitMix64) -> Set<UInt32> {
    var model: Set<UInt32> = []
    for _ in 0..<random.pick(0...200) {
      let block = random.even(0...Int(blocks) - 1)
      graves.insert(block)
      model.insert(block)
    }
    return model
  }

  // MARK: Layout

  @Test(arguments: sizes)
  func thePartsOfASegmentDoNotOverlap(blocks: UInt32) {
    let layout = SegmentLayout(blocks: blocks)
    var taken: [UInt32] = [0]
    for copy in 0...1 {
      for page in 0..<layout.gravePages { taken.append(layout.graveBlock(page: page, copy: copy)) }
    }
    #expect(taken == Array(0..<UInt32(taken.count)))
    #expect(layout.firstBlock % 2 == 0 && (0...1).contains(Int(layout.firstBlock) - taken.count))
    #expect(layout.gravePages * Graves.bitsPerPage >= Int(blocks) / 2)
    #expect((layout.gravePages - 1) * Graves.bitsPerPage < Int(blocks) / 2)
  }

  // MARK: Bits

  @Test(arguments: sizes, 0..<5)
  func theyAreThoseThatWereDug(blocks: UInt32, seed: UInt64) {
    var random = SplitMix64(seed: seed)
    var graves = Graves(blocks: blocks)
    #expect(graves.isEmpty && !graves.contains(0) && !graves.contains(blocks - 1))
    let model = fill(&graves, blocks, &random)
    #expect(holds(graves, model) && holds(merge([pages(graves, blocks)], blocks: blocks), model))
    let living = stride(from: 0, to: min(blocks, 2000), by: 2).filter { !model.contains($0) }
    #expect(!living.contains { graves.contains($0) })
  }

  @Test func eitherCopyCounts() {
    let blocks: UInt32 = 200_000
    var (first, second) = (Graves(blocks: blocks), Graves(blocks: blocks))
    for block in [6, 70_000, 199_998] as [UInt32] { first.insert(block) }
    for block in [8, 70_000, 130_304] as [UInt32] { second.insert(block) }
    let read = merge([pages(first, blocks), pages(second, blocks)], blocks: blocks)
    #expect(holds(read, [6, 8, 70_000, 130_304, 199_998]))
  }

  // MARK: What is not believed

  @Test func whatBelongsElsewhereSaysNothing() {
    let blocks: UInt32 = 200_000
    var graves = Graves(blocks: blocks)
    graves.insert(6)
    let written = pages(graves, blocks)
    #expect(merge([written], blocks: blocks, life: 8).isEmpty)
    #expect(merge([written], blocks: blocks, life: 10).isEmpty)
    #expect(merge([written], blocks: blocks, segment: 4).isEmpty)
    var read = Graves(blocks: blocks)
    let isTaken = written[0].read { read.merge(page: 1, $0, segment: 5, life: 9) }
    #expect(!isTaken && read.isEmpty)
    #expect(written[0].read { Graves.life(ofPage: 0, $0, segment: 5) } == 9)
    #expect(written[0].read { Graves.life(ofPage: 1, $0, segment: 5) } == nil)
    #expect(written[0].read { Graves.life(ofPage: 0, $0, segment: 6) } == nil)
  }

  @Test func everyByteCounts() {
    var graves = Graves(blocks: 64)
    graves.insert(6)
    var page = pages(graves, 64)[0]
    for index in page.bytes.indices {
      page.bytes[index] ^= 1
      var read = Graves(blocks: 64)
      #expect(!page.read { read.merge(page: 0, $0, segment: 5, life: 9) } && read.isEmpty, "byte \(index)")
      #expect(page.read { Graves.life(ofPage: 0, $0, segment: 5) } == nil)
      page.bytes[index] ^= 1
    }
    #expect(holds(merge([[page]], blocks: 64), [6]))
  }

  /// Bits that no record has are not taken, whoever has written them.
  @Test func bitsBehindTheEndAreNoGraves() {
    var graves = Graves(blocks: 200)
    for block in stride(from: 0, to: 200, by: 2) as StrideTo<UInt32> { graves.insert(block) }
    let read = merge([pages(graves, 200)], blocks: 66)
    #expect(holds(read, Set(stride(from: 0, to: 66, by: 2))))
  }

  /// Lost, torn, to the wrong place, rotten: after any one of them all that was dead is dead.
  @Test(arguments: 0..<300)
  func noSingleFaultBringsAnythingBack(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let blocks = Self.sizes[random.pick(0...Self.sizes.count - 1)]
    var graves = Graves(blocks: blocks)
    var model = fill(&graves, blocks, &random)
    let before = pages(graves, blocks)
    model.formUnion(fill(&graves, blocks, &random))
    let after = pages(graves, blocks)
    var copies = [after, after]
    let (copy, page) = (random.pick(0...1), random.pick(0...after.count - 1))
    switch random.pick(0...3) {
    case 0: copies[copy][page] = before[page]
    case 1:
      let cut = random.pick(0...8) * 512
      copies[copy][page].bytes.replaceSubrange(cut..., with: before[page].bytes[cut...])
    case 2: copies[copy][page] = copies[random.pick(0...1)][random.pick(0...after.count - 1)]
    default: copies[copy][page].damage(by: &random)
    }
    #expect(holds(merge(copies, blocks: blocks), model))
  }

  // MARK: What is to be written

  @Test func changedPagesAreTold() {
    var graves = Graves(blocks: 200_000)
    #expect(graves.takeDirtyPages() == [])
    graves.insert(6)
    graves.insert(199_998)
    graves.insert(8)
    #expect(graves.takeDirtyPages() == [0, 3])
    #expect(graves.takeDirtyPages() == [])
    graves.insert(6)
    #expect(graves.takeDirtyPages() == [], "it was dead before")
    graves.insert(70_000)
    #expect(graves.takeDirtyPages() == [1])
  }

  /// What one copy alone says has to be written again, before that copy is lost too.
  @Test func aPageOfWhichOneCopyIsBehindIsWrittenAgain() {
    let blocks: UInt32 = 200_000
    var graves = Graves(blocks: blocks)
    graves.insert(6)
    let before = pages(graves, blocks)
    graves.insert(8)
    graves.insert(70_000)
    let after = pages(graves, blocks)
    func dirty(_ copies: [[Blocks]]) -> [Int] {
      var read = merge(copies, blocks: blocks)
      return read.takeDirtyPages()
    }
    #expect(dirty([after, after]) == [])
    #expect(dirty([before, after]) == [0, 1] && dirty([after, before]) == [0, 1])
    #expect(dirty([after]) == [0, 1])
    var damaged = after
    damaged[0].bytes[77] ^= 1
    damaged[2].bytes[77] ^= 1
    #expect(dirty([damaged, after]) == [0] && dirty([after, damaged]) == [0])
  }
}
