/* SPDX-License-Identifier: MIT */
#ifndef WOS_UTF8_H
#define WOS_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/* U+FFFD: stands for what a text can't hold. */
#define UTF8_REPLACEMENT "\xEF\xBF\xBD"
#define UTF8_REPLACEMENT_LEN (sizeof UTF8_REPLACEMENT - 1)

/* The byte order mark that some programs begin a file with. */
#define UTF8_MARK "\xEF\xBB\xBF"
#define UTF8_MARK_LEN (sizeof UTF8_MARK - 1)

/* Its length, if the text begins with it, or 0. */
size_t utf8_mark(const char *text, size_t len);

/*
 * The length in bytes of the well-formed UTF-8 character (RFC 3629: no
 * overlong forms, no surrogates, nothing above U+10FFFF) that the text begins
 * with; 0 if it begins with none.  `len` is at least 1.
 */
size_t utf8_length(const char *text, size_t len);

/*
 * Does the character of `n` bytes, as utf8_length has told, do something to a
 * terminal or to the order of what stands there: a C0 or C1 control, DEL, one
 * that sets the direction of text, or one that ends a line or a paragraph?
 */
bool utf8_is_control(const char *text, size_t n);

/*
 * How many bytes of the text's beginning are well-formed UTF-8 other than
 * U+0000, and so fit for a text in any database.
 */
size_t utf8_span(const char *text, size_t len);

#endif
