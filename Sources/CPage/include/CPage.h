// The parts of the status page, as Parts/ has them.
#pragma once

#include <stddef.h>

typedef struct {
  const unsigned char *_Nonnull bytes;
  size_t count;
} page_part;

/// The document's head, up to its style.
page_part page_opening(void);
/// What stands within <style>.
page_part page_style(void);
/// What stands within <script>.
page_part page_script(void);
/// From the end of the head on.
page_part page_body(void);
