// What only the build knows.
#pragma once

/// The commit that was built, empty when the build was not told.
const char *_Nonnull build_commit(void);
