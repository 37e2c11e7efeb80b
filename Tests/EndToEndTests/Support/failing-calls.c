// Preloaded into the server: makes system calls fail that seldom do.
//
// FAILING_CALL names one of the calls below, FAILING_FROM the first call that fails, from 1, and FAILING_COUNT how many.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

static _Atomic long calls;

static long number(const char *name) {
  const char *text = getenv(name);
  return text ? atol(text) : 0;
}

static int fails(const char *call) {
  const char *wanted = getenv("FAILING_CALL");
  if (!wanted || strcmp(wanted, call)) return 0;
  long now = ++calls, from = number("FAILING_FROM");
  return now >= from && now < from + number("FAILING_COUNT");
}

int epoll_ctl(int epoll, int operation, int descriptor, struct epoll_event *event) {
  static int (*real)(int, int, int, struct epoll_event *);
  if (!real) real = (int (*)(int, int, int, struct epoll_event *))dlsym(RTLD_NEXT, "epoll_ctl");
  if (operation == EPOLL_CTL_ADD && fails("epoll_ctl")) {
    errno = ENOSPC;
    return -1;
  }
  return real(epoll, operation, descriptor, event);
}

int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *), void *argument) {
  static int (*real)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);
  if (!real) {
    real = (int (*)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *))dlsym(RTLD_NEXT, "pthread_create");
  }
  return fails("pthread_create") ? EAGAIN : real(thread, attributes, run, argument);
}
