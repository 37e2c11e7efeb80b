import Glibc

/// Why a directory of a device could not do what it was asked.
package struct DirectoryFailure: Error, Equatable, Sendable, CustomStringConvertible {
  /// What was asked, as it is called in a sentence.
  package enum Call: String, Sendable {
    case open, make, lock, list, remove, rename, sync, measure
    case claimSpace = "claim space for"
  }

  package let call: Call
  package let errno: Int32
  package let path: String

  package init(_ call: Call, _ path: String, errno: Int32) {
    self.call = call
    self.path = path
    self.errno = errno
  }

  /// One line that says what to do.
  package var description: String {
    let what = "cannot \(call.rawValue) \(path)"
    return switch errno {
    case EACCES, EPERM:
      """
      \(what): this process runs as uid \(geteuid()), gid \(getegid()), which may not; make the directory that user's, \
      or set fsGroup in the pod's securityContext in Kubernetes
      """
    case EROFS:
      """
      \(what): its file system is read-only; mount a volume there that can be written (uid \(geteuid()); in Kubernetes \
      one with the pod's fsGroup)
      """
    case ENOSPC: "\(what): the device is full; give it more room, or the server less of it"
    case EDQUOT: "\(what): the quota of uid \(geteuid()) is used up; raise it, or give the server less"
    case ENOENT: "\(what): it, or a directory above it, is not there; make it, or mount its volume"
    case ELOOP: "\(what): it is a symbolic link, which is not followed; put the file itself there, or remove it"
    case ENOTDIR: "\(what): it, or what is above it, is a file; name a directory"
    case EISDIR, EINVAL: "\(what): it is no regular file; remove it, or name another directory"
    case ENOLCK: "\(what): its file system has no locks; name a directory on another"
    case EMFILE, ENFILE: "\(what): no descriptor is free; raise the limit of open files"
    case EIO: "\(what): the device failed; look at the kernel's log"
    case ENODEV, ENXIO, ESTALE: "\(what): the device is gone; mount it again"
    default: "\(what): \(String(cString: strerror(errno))) (errno \(errno))"
    }
  }
}
