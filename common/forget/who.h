/* SPDX-License-Identifier: MIT */
#ifndef WOS_WHO_H
#define WOS_WHO_H

#include <stdio.h>

#include "forget/erased.h"

/*
 * Who is to be erased in one run: each is looked for in every line, and what is
 * found of it stays in memory.
 */
#define WHO_MOST 10000

/*
 * Opens the file that names them, or standard input for "-"; `place` is the
 * option.  Ends the program if it can't be opened.
 */
FILE *who_open(const char *place, const char *file);

/*
 * Reads them, an id or an address on a line, and closes the file, but for
 * standard input.  What is
 * neither ends the program with STATUS_USAGE, without being quoted.
 */
void who_read(const char *place, FILE *f,
    void (*take)(
	void *arg, enum erased_kind kind, const char *text, size_t len),
    void *arg);

#endif
