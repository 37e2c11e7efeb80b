// What the Glibc module, and Swift, leave out.
#pragma once
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <malloc.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

// Begins to fetch what will be written soon; does nothing else, whatever the address.
static inline void lm_prefetch(const void *address) { __builtin_prefetch(address, 1); }
