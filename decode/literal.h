/* SPDX-License-Identifier: MIT */
#ifndef WOS_LITERAL_H
#define WOS_LITERAL_H

#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "jsontext.h"

/*
 * Values as SQL literals that mean the same to SQLite and to PostgreSQL (with
 * standard_conforming_strings on, its default, and UTF8 as the client's
 * encoding): no byte of a value can end its literal.
 */

void literal_int(struct buf *out, int64_t value);

/*
 * Text.  What no text in a database can hold, U+0000 and bytes that are no
 * UTF-8, becomes U+FFFD.
 */
void literal_text(struct buf *out, const char *text, size_t len);

/* A line as it came, as text: only NUL bytes become U+FFFD. */
void literal_line(struct buf *out, const char *line, size_t len);

/*
 * A value that jsontext_mend has made: its text without the white space
 * between tokens, and with U+FFFD for bytes that are no UTF-8.
 */
void literal_json(struct buf *out, struct jsonspan value);

/* A quoted identifier. */
void literal_name(struct buf *out, const char *name, size_t len);

#endif
