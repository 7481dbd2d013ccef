/* SPDX-License-Identifier: MIT */
#ifndef WOS_SECRET_H
#define WOS_SECRET_H

#include <stddef.h>

/*
 * The one text that nothing that a program says may have in it: the API key.
 * The log and the traces pass all that comes from outside through here.
 */

/* This is it from now on.  It stays the caller's; "" is none. */
void secret_set(const char *secret);

/*
 * Copies the text to `out`, which has `size` bytes, as far as it fits, with
 * [key] for the secret and for longer parts of it, however a URL or JSON writes
 * them.  Adds no NUL; returns how many bytes it has written.
 */
size_t secret_hide(char *out, size_t size, const char *text, size_t len);

#endif
