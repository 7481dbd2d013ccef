/* SPDX-License-Identifier: MIT */
#ifndef WOS_KEY_H
#define WOS_KEY_H

#include <stddef.h>

#include "buf.h"

/* A longer key is no key; those that there are have some 70 characters. */
#define KEY_MAX 4096

/*
 * Keeps the memory of this process to itself, in which the key is in several
 * places: a crash leaves no core, and on Linux no other process of the user may
 * look into it or its environment.  What the system lacks of that is left out.
 */
void key_guard(void);

/* What a key is called, and where it is looked for. */
struct key_names {
	const char *what;     /* API key */
	const char *variable; /* WORKOS_API_KEY */
	const char *option;   /* --api-key-file */
};

/*
 * The key: the first line of the file, or the variable without one, which is
 * then gone from the environment.  From then on it is kept out of every
 * message.  Ends the program where there is none or it can't be one.  key_free
 * overwrites it.
 */
char *key_read(const struct key_names *names, const char *file);

/*
 * The same, but where there is none returns NULL, with the reason and what to
 * exit with.
 */
char *key_find(const struct key_names *names, const char *file, struct buf *why,
    int *status);
void key_free(char *key);

/* Overwrites memory that has held a key. */
void key_wipe(void *memory, size_t len);

#endif
