import Base
import Server
import Setup

/// Who may do what over RESP, as the options and the files that they name want it.
struct UserSetup {
  let configuration: RESPConfiguration
  private let file: UsersFile?
  private let warning: String?

  static func make(_ options: ServerOptions) throws(OptionFailure) -> UserSetup {
    let password = try PasswordFile.read(options)
    guard let file = UsersFile(options) else {
      let users = RESPUsers(password: password)
      return UserSetup(
        configuration: RESPConfiguration(users: users, allowsFlush: options.allowsFlush), file: nil, warning: nil)
    }
    let contents = try file.read()
    do {
      let users = try RESPUsers(file: contents.text, password: password)
      return UserSetup(
        configuration: RESPConfiguration(users: users, allowsFlush: options.allowsFlush), file: file,
        warning: contents.warning)
    } catch {
      throw file.failure(atLine: error.line, error.message)
    }
  }

  func announce(_ log: Log) {
    guard let file else { return }
    log.info("users", ["file": .text(file.path), "count": .number(configuration.users.countInFile)])
    if let warning { log.warning("\(warning)") }
  }

  /// What a server that knew these users before has to tell.
  func news(since before: RESPUsers, passwordName: String) -> [ReloadNews] {
    var news: [ReloadNews] = []
    if !configuration.users.hasPassword(of: before) {
      news.append(
        ReloadNews(
          .info, "the password of RESP clients changed",
          reason: "\(passwordName); clients that have given the old one stay"))
    }
    guard let file else { return news }
    news.append(ReloadNews(.info, "users read again", reason: "\(file.path) has \(configuration.users.countInFile)"))
    if let warning { news.append(ReloadNews(.warning, "users read again", reason: warning)) }
    return news
  }
}
