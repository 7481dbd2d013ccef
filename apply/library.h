/* SPDX-License-Identifier: MIT */
#ifndef WOS_LIBRARY_H
#define WOS_LIBRARY_H

#include <stdbool.h>

/*
 * Sets a pointer to a function of a library that dlopen(3) has opened, in the
 * way in which POSIX has it converted.  Returns false if it is not there.
 */
bool library_find(void *library, const char *name, void *function);

#endif
