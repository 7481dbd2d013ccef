/* SPDX-License-Identifier: MIT */
#ifndef WOS_VISIBLE_H
#define WOS_VISIBLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "buf.h"

/*
 * Text from outside made fit for a terminal and a log: control characters, C1
 * and those that set the direction of text among them, DEL, ends of lines and
 * bytes that are no UTF-8 become \xNN, byte by byte.  What is visible stays as
 * it is, so that doing it twice changes nothing more.
 */

/*
 * Makes a text so; what does not fit ends with "...".  `out` has `size`
 * bytes, at least 8, and gets a NUL.  Returns out.
 */
char *visible(char *out, size_t size, const char *text, size_t len);

/* Adds all of the text to `out`. */
void visible_add(struct buf *out, const char *text, size_t len);

/*
 * Data on standard output is exact, but for eyes: where that is a terminal, it
 * is made visible there, all but tabs and ends of lines.
 */

/* Is it?  Found out once. */
bool visible_wanted(int fd);

/* Makes the data in the buffer so. */
void visible_data(struct buf *data);

/* Writes data to a stream, made so if it is a terminal. */
void visible_write(FILE *out, const char *text, size_t len);

#endif
