#include "CBuild.h"

// A function and not a macro in the header: another commit then compiles this file alone anew.
const char *build_commit(void) { return BUILD_COMMIT; }
