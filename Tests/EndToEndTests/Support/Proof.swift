import COpenSSL

@testable import TLS

extension Certificates {
  /// A client that trusts the authority, and shows the client's certificate as it is now.
  func proof() throws -> TLSContext {
    let context = try trust()
    guard SSL_CTX_use_certificate_file(context.pointer, path("client.crt"), SSL_FILETYPE_PEM) == 1,
      SSL_CTX_use_PrivateKey_file(context.pointer, path("client.key"), SSL_FILETYPE_PEM) == 1
    else { throw HarnessFailure("the client's certificate cannot be used") }
    return context
  }
}
