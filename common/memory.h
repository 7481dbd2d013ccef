/* SPDX-License-Identifier: MIT */
#ifndef WOS_MEMORY_H
#define WOS_MEMORY_H

#include <stddef.h>

/*
 * Memory that is there.  Where there is none, the program ends with status 1:
 * all that grows is bounded by a named limit of its owner, so there is nothing
 * to fall back to.
 */

/* Returns n zeroed elements, for free(3). */
void *memory_new(size_t n, size_t size);

/* Gives the array, which may be NULL, room for n elements, as realloc(3). */
void *memory_more(void *array, size_t n, size_t size);

/* Ends the program for want of memory. */
_Noreturn void memory_out(void);

/* From now on `tell` is called at that end, and may itself end the program. */
void memory_on_out(void (*tell)(void));

#endif
