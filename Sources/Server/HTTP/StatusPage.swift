import COpenSSL
import CPage
import Wire

/// The page for people: one document, put together once. A browser may run its script and no other, nor ask any other server.
enum StatusPage {
  static let page = Page(
    status: .ok, contentType: "text/html; charset=utf-8",
    body: text(page_opening()) + "<style>" + text(page_style()) + "</style>\n<script>" + text(page_script())
      + "</script>\n" + text(page_body()), policy: policy)

  private static let policy = """
    default-src 'none'; style-src '\(digest(of: page_style()))'; script-src '\(digest(of: page_script()))'; \
    connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'
    """

  private static func text(_ part: page_part) -> String {
    String(decoding: UnsafeBufferPointer(start: part.bytes, count: part.count), as: UTF8.self)
  }

  /// As a policy names a style or a script: by the SHA-256 of what stands within its tags, in base 64.
  private static func digest(of part: page_part) -> String {
    let digest = [UInt8](unsafeUninitializedCapacity: Int(SHA256_DIGEST_LENGTH)) { room, count in
      _ = SHA256(part.bytes, part.count, room.baseAddress)
      count = Int(SHA256_DIGEST_LENGTH)
    }
    // Four characters for each three bytes begun, and the end of a C string.
    let base64 = [UInt8](unsafeUninitializedCapacity: (digest.count + 2) / 3 * 4 + 1) { room, count in
      count = Int(EVP_EncodeBlock(room.baseAddress, digest, Int32(digest.count)))
    }
    return "sha256-" + String(decoding: base64, as: UTF8.self)
  }
}
