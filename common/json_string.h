/* SPDX-License-Identifier: MIT */
#ifndef WOS_JSON_STRING_H
#define WOS_JSON_STRING_H

#include "buf.h"

/*
 * Adds the text, whatever is in it, as a string of JSON.  All that
 * utf8_is_control knows is escaped: whoever reads it may do so on a terminal.
 * A byte that is no UTF-8 becomes U+FFFD.
 */
void json_string(struct buf *out, const char *text, size_t len);

/*
 * The same in no more than `most` bytes, at least 8: what does not fit ends
 * with "...".
 */
void json_string_cut(
    struct buf *out, const char *text, size_t len, size_t most);

/*
 * Adds what a string of JSON says; `text` is the string with its quotes, which
 * jsontext has passed.  Half of a surrogate pair becomes U+FFFD.
 */
void json_string_read(struct buf *out, const char *text, size_t len);

#endif
