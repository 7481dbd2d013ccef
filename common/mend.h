/* SPDX-License-Identifier: MIT */
#ifndef WOS_MEND_H
#define WOS_MEND_H

#include "buf.h"

/*
 * Adds the text to `out` as any database holds it: with U+FFFD for U+0000 and
 * for each byte that is no UTF-8.
 */
void mend_utf8(struct buf *out, const char *text, size_t len);

#endif
