/// What a client asks for.
package enum LMCommand: Int32, CaseIterable, Sendable {
  case put = 1
  case get = 2
  case exist = 3
  case list = 4
  case health = 5
}
