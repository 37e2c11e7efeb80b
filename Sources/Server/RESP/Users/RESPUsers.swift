import Base

/// Who is known to the server, at one time: another file makes another of these, which sessions see at their next command.
package final class RESPUsers: Sendable {
  /// The one that connections begin as.
  private let first: RESPUser
  private let named: [RESPUser]

  /// All clients are the one user, who may everything.
  static let open = RESPUsers()

  /// One user, who may everything. With an empty password none is asked for.
  package init(password: [UInt8] = []) { (first, named) = (.standard(password: password), []) }

  /// Users of a file. Where it has no line for `default`, that one is off, unless it has a password: a server to which
  /// users were added is not open to all others.
  package init(file text: String, password: [UInt8] = []) throws(RESPUserFault) {
    var users = try RESPUserFile.parse(text)
    guard let place = users.firstIndex(where: { $0.name == RESPUser.defaultName }) else {
      (first, named) = (password.isEmpty ? .nobody : .standard(password: password), users)
      return
    }
    // A password beside it would be one that is never asked for.
    guard password.isEmpty else {
      throw RESPUserFault(
        line: 0, message: "the user 'default' has a line, and a password beside it; take one of them away")
    }
    first = users.remove(at: place)
    named = users
  }

  /// How many the file names.
  package var countInFile: Int { all.count { $0.hasLine } }

  var all: [RESPUser] { [first] + named }

  /// Whether the password that stands in no line is the same.
  package func hasPassword(of other: RESPUsers) -> Bool {
    first.hasLine || other.first.hasLine || first.hasPasswords(of: other.first)
  }

  // MARK: Who it is

  /// Whom a connection is before it says anything.
  var standard: RESPIdentity { RESPIdentity(user: first, proof: .none) }

  func user(named name: UnsafeRawBufferPointer) -> RESPUser? {
    first.isCalled(name) ? first : named.first { $0.isCalled(name) }
  }

  /// - Parameter name: nil is the default user.
  func identity(named name: UnsafeRawBufferPointer?, password: UnsafeRawBufferPointer) -> RESPIdentity? {
    // Also for those who are not there, whose answer would come sooner.
    let digest = PasswordDigest(of: password)
    guard let user = name.map(user(named:)) ?? standard.user, user.rules.isOn else { return nil }
    if user.rules.isOpen { return RESPIdentity(user: user, proof: .none) }
    return user.knows(digest) ? RESPIdentity(user: user, proof: .password(digest)) : nil
  }

  /// Whom a certificate proves its holder to be. `subject` is compared whole with what follows `subject:` in the file.
  func user(forSubject subject: [UInt8]) -> RESPIdentity? {
    let user = all.first { $0.rules.isOn && $0.rules.subjects.contains(subject) }
    return user.map { RESPIdentity(user: $0, proof: .subject(subject)) }
  }

  /// The same user by what counts now. Nil where what proved it is no proof any more.
  func renewed(_ identity: RESPIdentity) -> RESPIdentity? {
    guard let user = identity.user.name.withUnsafeBytes({ user(named: $0) }), user.rules.isOn else { return nil }
    // Another password beside the file is a rotation, and cuts no client off; what a line says is who may come in.
    if !user.hasLine, !identity.user.hasLine { return RESPIdentity(user: user, proof: identity.proof) }
    let holds =
      switch identity.proof {
      case .none: user.rules.isOpen
      case .password(let digest): user.rules.isOpen || user.knows(digest)
      case .subject(let subject): user.rules.subjects.contains(subject)
      }
    return holds ? RESPIdentity(user: user, proof: identity.proof) : nil
  }
}

/// Whom a connection's requests are from, and why that is believed.
struct RESPIdentity: Sendable {
  enum Proof: Sendable {
    /// None was asked for.
    case none
    case password(PasswordDigest)
    case subject([UInt8])
  }

  let user: RESPUser
  let proof: Proof

  /// Whether no more has to be said.
  var isEnough: Bool {
    if case .none = proof { return user.rules.isOn && user.rules.isOpen }
    return true
  }
}
