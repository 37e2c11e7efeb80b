/// A line that each in it can leave from any place, at once. It keeps none of them alive.
package struct WaitingLine<Element: AnyObject> {
  /// A place in a line; belongs to the element that it stands for.
  package final class Link {
    fileprivate unowned let element: Element
    fileprivate unowned var previous: Link?
    fileprivate unowned var next: Link?
    fileprivate var isLinked = false

    package init(_ element: Element) { self.element = element }
  }

  private unowned var head: Link?
  private unowned var tail: Link?
  package private(set) var count = 0

  package init() {}

  package var first: Element? { head?.element }
  package var last: Element? { tail?.element }

  package mutating func append(_ link: Link) {
    precondition(!link.isLinked, "nobody stands in two places of a line")
    link.isLinked = true
    link.previous = tail
    if let tail { tail.next = link } else { head = link }
    tail = link
    count += 1
  }

  package mutating func remove(_ link: Link) {
    precondition(link.isLinked, "who leaves a line stood in it")
    link.isLinked = false
    if let previous = link.previous { previous.next = link.next } else { head = link.next }
    if let next = link.next { next.previous = link.previous } else { tail = link.previous }
    (link.previous, link.next) = (nil, nil)
    count -= 1
  }
}
