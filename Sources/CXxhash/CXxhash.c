#include "CXxhash.h"
#define XXH_INLINE_ALL
#include <sys/uio.h>
#include <xxhash.h>

uint64_t lm_hash64(const void *bytes, size_t count, uint64_t seed) {
  return XXH3_64bits_withSeed(bytes, count, seed);
}

uint64_t lm_hash64_regions(const void *vectors, size_t count, uint64_t seed) {
  const struct iovec *regions = vectors;
  if (count == 1) return lm_hash64(regions->iov_base, regions->iov_len, seed);
  XXH3_state_t state;
  XXH3_INITSTATE(&state);
  XXH3_64bits_reset_withSeed(&state, seed);
  for (size_t index = 0; index < count; index++) {
    if (regions[index].iov_len == 0) continue;
    XXH3_64bits_update(&state, regions[index].iov_base, regions[index].iov_len);
  }
  return XXH3_64bits_digest(&state);
}
