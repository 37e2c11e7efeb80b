// XXH3 behind plain functions, compiled in: no library is needed at run time.
#pragma once
#include <stddef.h>
#include <stdint.h>

uint64_t lm_hash64(const void *bytes, size_t count, uint64_t seed);

// The same of bytes that lie in several regions, `count` of struct iovec. Named here, that type would be ours in Swift's
// eyes, and every user of it would have to import this module.
uint64_t lm_hash64_regions(const void *regions, size_t count, uint64_t seed);
