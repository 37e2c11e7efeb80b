import Glibc

/// The memory that a process has touched, from /proc; shared pages count too.
func residentMebibytes(of process: pid_t) -> Int? {
  let file = open("/proc/\(process)/statm", O_RDONLY)
  guard file >= 0 else { return nil }
  defer { close(file) }
  var text = [UInt8](repeating: 0, count: 256)
  let count = read(file, &text, text.count)
  guard count > 0 else { return nil }
  let fields = String(decoding: text[..<count], as: UTF8.self).split(separator: " ")
  guard fields.count > 1, let pages = Int(fields[1]) else { return nil }
  return (pages * sysconf(Int32(_SC_PAGESIZE))) >> 20
}
