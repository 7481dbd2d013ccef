/* SPDX-License-Identifier: MIT */
#ifndef WOS_SCAN_H
#define WOS_SCAN_H

#include "forget/erased.h"
#include "jsontext.h"

/*
 * Looks for those who were erased in what nobody declares: is a string in the
 * value, which jsontext has passed, the id of one, or the address at a time
 * before that?  An address beside another person's id, in the same object, is
 * that one's, unless it was named itself.
 */
bool scan_finds(const struct erased *e, struct jsonspan value, int64_t at);

/*
 * The same for a text that is no JSON, SQL or the beginning of a line: is one
 * of their ids or addresses in it?
 */
bool scan_text(const struct erased *e, const char *text, size_t len);

#endif
