/* SPDX-License-Identifier: MIT */
#include <stdint.h>
#include <stdlib.h>

#include "memory.h"

static void (*tell_out)(void);

void
memory_on_out(void (*tell)(void))
{
	tell_out = tell;
}

void
memory_out(void)
{
	if (tell_out != NULL)
		tell_out();
	exit(EXIT_FAILURE);
}

void *
memory_new(size_t n, size_t size)
{
	void *p = calloc(n, size);

	if (p == NULL)
		memory_out();
	return p;
}

void *
memory_more(void *array, size_t n, size_t size)
{
	void *p = n <= SIZE_MAX / size ? realloc(array, n * size) : NULL;

	if (p == NULL)
		memory_out();
	return p;
}
