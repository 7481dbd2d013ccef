/* SPDX-License-Identifier: MIT */
#ifndef WOS_ESCAPE_H
#define WOS_ESCAPE_H

#include <stddef.h>

/* One character, and a NUL that snprintf adds: \uNNNN. */
#define ESCAPE_SIZE 8

/*
 * The text's first character as it stands in a string of JSON, in `out`.  All
 * that utf8_is_control knows is escaped: whoever reads it may do so on a
 * terminal.  A byte that is no UTF-8 becomes U+FFFD.  Returns how many bytes it
 * is there; *used is how many it was.  `len` is at least 1.
 */
size_t escape_char(
    const char *text, size_t len, char out[ESCAPE_SIZE], size_t *used);

#endif
