/* Preloaded into a server, whose clock then goes CLOCK_FACTOR times as fast as the wall's: a recorded hour that is replayed in
 * ten seconds is an hour to it. Redis orders its keys by a clock of seconds. What a server sleeps stays as long as it is. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum { CLOCKS = 16 };
static long long factor = 1;
static long long begun[CLOCKS];

/* Past the C library, whose own call this file takes the place of. */
static long long nanoseconds(clockid_t clock) {
  struct timespec real = {0, 0};
  syscall(SYS_clock_gettime, clock, &real);
  return real.tv_sec * 1000000000LL + real.tv_nsec;
}

__attribute__((constructor)) static void begin(void) {
  const char *words = getenv("CLOCK_FACTOR");
  if (words && atoll(words) > 0) factor = atoll(words);
  for (clockid_t clock = 0; clock < CLOCKS; clock++) begun[clock] = nanoseconds(clock);
}

/* Of the day and of the machine; those of processor time stay as they are. */
static int goes_fast(clockid_t clock) {
  return clock == CLOCK_REALTIME || clock == CLOCK_MONOTONIC || clock == CLOCK_REALTIME_COARSE || clock == CLOCK_MONOTONIC_COARSE ||
         clock == CLOCK_MONOTONIC_RAW || clock == CLOCK_BOOTTIME;
}

int clock_gettime(clockid_t clock, struct timespec *time) {
  if (!goes_fast(clock)) return (int)syscall(SYS_clock_gettime, clock, time);
  long long at = begun[clock] + (nanoseconds(clock) - begun[clock]) * factor;
  time->tv_sec = at / 1000000000;
  time->tv_nsec = at % 1000000000;
  return 0;
}

int gettimeofday(struct timeval *restrict time, void *restrict zone) {
  struct timespec at;
  (void)zone;
  clock_gettime(CLOCK_REALTIME, &at);
  time->tv_sec = at.tv_sec;
  time->tv_usec = at.tv_nsec / 1000;
  return 0;
}

time_t time(time_t *seconds) {
  struct timespec at;
  clock_gettime(CLOCK_REALTIME, &at);
  if (seconds) *seconds = at.tv_sec;
  return at.tv_sec;
}
