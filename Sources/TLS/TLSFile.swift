import Base
import COpenSSL
import Glibc

/// A file of certificates or keys. Its bytes are wiped when they are no longer needed.
struct TLSFile: ~Copyable {
  let kind: TLSFileKind
  let path: String
  private let memory: UnsafeMutableRawBufferPointer
  private let count: Int

  init(_ kind: TLSFileKind, _ path: String) throws(TLSFileFailure) {
    func failure(_ complaint: String) -> TLSFileFailure { TLSFileFailure(kind: kind, path: path, complaint: complaint) }
    // Not to wait where a pipe lies in the file's place.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw failure("cannot be read: \(String(cString: strerror(errno)))") }
    defer { Glibc.close(descriptor) }
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: Limits.tlsFileBytesMax, alignment: 16)
    var count = 0
    var problem: Int32 = 0
    while count < memory.count {
      let part = Glibc.read(descriptor, memory.baseAddress! + count, memory.count - count)
      if part < 0, errno == EINTR { continue }
      if part < 0 { problem = errno }
      guard part > 0 else { break }
      count += part
    }
    guard problem == 0, count < memory.count else {
      OPENSSL_cleanse(memory.baseAddress, count)
      memory.deallocate()
      throw failure(
        problem == 0
          ? "is no such file: it is larger than 1 MiB" : "cannot be read: \(String(cString: strerror(problem)))")
    }
    (self.kind, self.path, self.memory, self.count) = (kind, path, memory, count)
  }

  deinit {
    OPENSSL_cleanse(memory.baseAddress, count)
    memory.deallocate()
  }

  func failure(_ complaint: String) -> TLSFileFailure {
    TLSFileFailure(kind: kind, path: path, complaint: complaint)
  }

  /// Calls the body with each certificate, in their order; how many there were.
  func forEachCertificate(_ body: (OpaquePointer) throws(TLSFileFailure) -> Void) throws(TLSFileFailure) -> Int {
    guard let stream = BIO_new_mem_buf(memory.baseAddress, Int32(count)) else { throw failure("finds no memory") }
    defer { BIO_free(stream) }
    var found = 0
    ERR_clear_error()
    while let certificate = PEM_read_bio_X509(stream, nil, TLSFile.noPassphrase, nil) {
      defer { X509_free(certificate) }
      try body(certificate)
      found += 1
    }
    // The end of the file is told as a missing beginning; anything else is a certificate that cannot be read.
    let isEnd = lm_error_reason(ERR_peek_last_error()) == PEM_R_NO_START_LINE
    let words = TLSFailure.words
    ERR_clear_error()
    guard isEnd else { throw failure("holds a certificate that cannot be read (\(words))") }
    return found
  }

  /// The one private key. It is the caller's to free.
  func privateKey() throws(TLSFileFailure) -> OpaquePointer {
    guard let stream = BIO_new_mem_buf(memory.baseAddress, Int32(count)) else { throw failure("finds no memory") }
    defer { BIO_free(stream) }
    ERR_clear_error()
    var wantsPassphrase = false
    if let key = PEM_read_bio_PrivateKey(stream, nil, TLSFile.noPassphrase, &wantsPassphrase) { return key }
    let begin = "PRIVATE KEY-----"
    let isMissing = memmem(memory.baseAddress!, count, begin, begin.utf8.count) == nil
    let words = TLSFailure.words
    ERR_clear_error()
    if wantsPassphrase {
      throw failure("is encrypted, and nobody is here to say its passphrase; write it out with: openssl pkey -in FILE")
    }
    throw failure(isMissing ? "holds no private key in PEM" : "holds a private key that cannot be read (\(words))")
  }

  /// Says that there is no passphrase, and leaves word that one was asked for.
  private static let noPassphrase:
    @convention(c) (UnsafeMutablePointer<CChar>?, Int32, Int32, UnsafeMutableRawPointer?) -> Int32 = { _, _, _, told in
      told?.storeBytes(of: true, as: Bool.self)
      return -1
    }
}

/// What tells one version of a file from another without reading it. Names are followed: a mounted secret changes by one
/// link that points elsewhere.
struct TLSFileStamp: Equatable {
  private let device, inode, size, seconds, nanoseconds: Int

  /// Nil where there is none.
  init?(_ path: String) {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    device = Int(truncatingIfNeeded: status.st_dev)
    inode = Int(truncatingIfNeeded: status.st_ino)
    size = Int(status.st_size)
    (seconds, nanoseconds) = (status.st_mtim.tv_sec, status.st_mtim.tv_nsec)
  }
}
