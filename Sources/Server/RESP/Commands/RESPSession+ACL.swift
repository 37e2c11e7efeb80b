import IO
import Wire

/// ACL: what is known of users. They are changed in their file, not here.
extension RESPSession {
  func accessCategories() {
    guard argumentCount > 2 else {
      reply { $0.array(RESPCategory.all.count, into: &$1) }
      for category in RESPCategory.all { reply(bulk: category.name) }
      return
    }
    guard argumentCount == 3, let category = RESPCategory.all.first(where: { argument(2).elementsEqual($0.name.utf8) })
    else { return reply(error: "ERR Unknown category; ACL CAT lists them") }
    let members = door.commands.commands.filter { $0.categories.contains(category) }
    reply { $0.array(members.count, into: &$1) }
    for command in members { reply(bulk: command.name) }
  }

  func accessUsers() {
    let known = users.all
    reply { $0.array(known.count, into: &$1) }
    for user in known { user.name.withUnsafeBytes { reply(bulk: $0) } }
  }

  func accessList() {
    let known = users.all
    reply { $0.array(known.count, into: &$1) }
    for user in known { reply(bulk: user.rules.line(of: user.name)) }
  }

  func accessUser() {
    guard let user = users.user(named: argument(2)) else { return replyNull() }
    reply { $0.map(6, into: &$1) }
    reply(bulk: "flags")
    reply { $0.array(user.rules.flags.count, into: &$1) }
    for flag in user.rules.flags { reply(bulk: flag) }
    reply(bulk: "passwords")
    reply { $0.array(user.rules.passwords.count, into: &$1) }
    for _ in user.rules.passwords { reply(bulk: "(hidden)") }
    reply(bulk: "commands")
    reply(bulk: user.rules.commandText)
    reply(bulk: "keys")
    reply(bulk: user.rules.keyText)
    reply(bulk: "channels")
    reply(bulk: "")
    reply(bulk: "selectors")
    reply { $0.array(0, into: &$1) }
  }
}
