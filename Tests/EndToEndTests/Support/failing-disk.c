// Preloaded into the server: the files of a disk hang, or fail, for as long as a file says so.
//
// DISK_FAULTS names a directory; in it hang-reads, hang-writes, hang-claims, fail-reads and fail-writes say what goes wrong.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

static int is_told(const char *fault) {
  const char *directory = getenv("DISK_FAULTS");
  if (!directory) return 0;
  char path[4096];
  snprintf(path, sizeof path, "%s/%s", directory, fault);
  int before = errno, told = access(path, F_OK) == 0;
  errno = before;
  return told;
}

static void hang(const char *fault) {
  while (is_told(fault)) usleep(10000);
}

static int is_file(int file) {
  struct stat status;
  return fstat(file, &status) == 0 && S_ISREG(status.st_mode);
}

#define TRANSFER(name, offset_type, hanging, failing)                                        \
  ssize_t name(int file, const struct iovec *regions, int count, offset_type offset) {      \
    static ssize_t (*real)(int, const struct iovec *, int, offset_type);                    \
    if (!real) real = (ssize_t (*)(int, const struct iovec *, int, offset_type))dlsym(RTLD_NEXT, #name); \
    if (is_file(file)) {                                                                    \
      hang(hanging);                                                                        \
      if (is_told(failing)) {                                                               \
        errno = EIO;                                                                        \
        return -1;                                                                          \
      }                                                                                     \
    }                                                                                       \
    return real(file, regions, count, offset);                                              \
  }

TRANSFER(preadv, off_t, "hang-reads", "fail-reads")
TRANSFER(preadv64, off64_t, "hang-reads", "fail-reads")
TRANSFER(pwritev, off_t, "hang-writes", "fail-writes")
TRANSFER(pwritev64, off64_t, "hang-writes", "fail-writes")

#define CLAIM(name, offset_type)                                                            \
  int name(int file, int mode, offset_type offset, offset_type length) {                    \
    static int (*real)(int, int, offset_type, offset_type);                                 \
    if (!real) real = (int (*)(int, int, offset_type, offset_type))dlsym(RTLD_NEXT, #name); \
    hang("hang-claims");                                                                    \
    return real(file, mode, offset, length);                                                \
  }

CLAIM(fallocate, off_t)
CLAIM(fallocate64, off64_t)
