// XXH3, compiled into its users: no library is needed at run time.
#pragma once
#define XXH_INLINE_ALL
#include <xxhash.h>
