/// How many regions are to be sent, and how many of them as copies; the pages of those behind may be lent.
struct Gathering {
  let count: Int
  let copied: Int

  var isLent: Bool { copied < count }
}
