#ifndef WOS_VISIBLE_H
#define WOS_VISIBLE_H

#include <stddef.h>

/*
 * Makes text from outside fit for a terminal and a log: control characters,
 * DEL, C1 controls and bytes that are no UTF-8 become \xNN, and what does not
 * fit ends with "...".  `out` has `size` bytes, at least 8, and gets a NUL.
 * Returns out.
 */
char *visible(char *out, size_t size, const char *text, size_t len);

#endif
