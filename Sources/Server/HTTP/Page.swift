import Wire

/// An answer over HTTP, without its head.
struct Page {
  var status: HTTPStatus
  var contentType: StaticString = "text/plain; charset=utf-8"
  var body: String
}
