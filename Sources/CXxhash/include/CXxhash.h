// XXH3 behind plain functions, compiled in: no library is needed at run time.
#pragma once
#include <stddef.h>
#include <stdint.h>

uint64_t lm_hash64(const void *bytes, size_t count, uint64_t seed);
