#ifndef WOS_KEY_H
#define WOS_KEY_H

#include <stddef.h>

/* A longer key is no key; those of WorkOS have some 70 characters. */
#define KEY_MAX 4096

/*
 * The API key: the first line of the file, or WORKOS_API_KEY without one.
 * From then on it is kept out of every message.  Ends the program where there
 * is none or it can't be one.  key_free overwrites it.
 */
char *key_read(const char *file);
void key_free(char *key);

/* Overwrites memory that has held a key. */
void key_wipe(void *memory, size_t len);

#endif
