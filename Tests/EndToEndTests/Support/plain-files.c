// Preloaded into the server: its file systems know neither O_DIRECT nor how to claim space for a file.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>

static int refuse(int code) {
  errno = code;
  return -1;
}

static int control(const char *name, int file, int command, void *argument) {
  int (*real)(int, int, ...) = (int (*)(int, int, ...))dlsym(RTLD_NEXT, name);
  if (command == F_SETFL && (long)argument & O_DIRECT) return refuse(EINVAL);
  return real(file, command, argument);
}

int fcntl(int file, int command, ...) {
  va_list arguments;
  va_start(arguments, command);
  void *argument = va_arg(arguments, void *);
  va_end(arguments);
  return control("fcntl", file, command, argument);
}

int fcntl64(int file, int command, ...) {
  va_list arguments;
  va_start(arguments, command);
  void *argument = va_arg(arguments, void *);
  va_end(arguments);
  return control("fcntl64", file, command, argument);
}

int fallocate(int file, int mode, off_t offset, off_t length) { return refuse(EOPNOTSUPP); }
int fallocate64(int file, int mode, off64_t offset, off64_t length) { return refuse(EOPNOTSUPP); }
