/* SPDX-License-Identifier: MIT */
/*
 * Preloaded: the program of the name HEAP_PROGRAM gets no memory the HEAP_AT-th
 * time that it asks for some, counted from the beginning of main; with HEAP_ON,
 * never again either.  A byte on descriptor HEAP_FD tells that it came to that.
 *
 * glibc's own functions, strdup and getline and all, ask here, too.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void *__libc_malloc(size_t);
void *__libc_calloc(size_t, size_t);
void *__libc_realloc(void *, size_t);
void *__libc_memalign(size_t, size_t);

typedef int main_fn(int, char **, char **);
typedef int start_fn(main_fn *, int, char **, void (*)(void), void (*)(void),
    void (*)(void), void *);

static main_fn *main_of_program;
static long at, on, fd;
static atomic_long calls;

/* Returns nonzero if this time there is none. */
static int
none(void)
{
	long n;

	if (at == 0)
		return 0;
	n = atomic_fetch_add(&calls, 1) + 1;
	if (n == at && write((int)fd, "x", 1) == -1)
		abort();
	if (n != at && !(on && n > at))
		return 0;
	errno = ENOMEM;
	return 1;
}

void *
malloc(size_t size)
{
	return none() ? NULL : __libc_malloc(size);
}

void *
calloc(size_t n, size_t size)
{
	return none() ? NULL : __libc_calloc(n, size);
}

void *
realloc(void *p, size_t size)
{
	return none() ? NULL : __libc_realloc(p, size);
}

void *
reallocarray(void *p, size_t n, size_t size)
{
	if (size != 0 && n > SIZE_MAX / size) {
		errno = ENOMEM;
		return NULL;
	}
	return realloc(p, n * size > 0 ? n * size : 1);
}

void *
memalign(size_t to, size_t size)
{
	return none() ? NULL : __libc_memalign(to, size);
}

void *
aligned_alloc(size_t to, size_t size)
{
	return memalign(to, size);
}

int
posix_memalign(void **p, size_t to, size_t size)
{
	void *made = memalign(to, size);

	if (made == NULL)
		return ENOMEM;
	*p = made;
	return 0;
}

static long
number(const char *name)
{
	const char *text = getenv(name);

	return text != NULL ? strtol(text, NULL, 10) : 0;
}

static int
counted_main(int argc, char **argv, char **environment)
{
	const char *name = getenv("HEAP_PROGRAM");

	if (name != NULL && strcmp(name, program_invocation_short_name) == 0) {
		on = number("HEAP_ON");
		fd = number("HEAP_FD");
		at = number("HEAP_AT");
	}
	return main_of_program(argc, argv, environment);
}

int
__libc_start_main(main_fn *of_program, int argc, char **argv,
    void (*init)(void), void (*fini)(void), void (*rtld_fini)(void), void *end)
{
	start_fn *next = (start_fn *)dlsym(RTLD_NEXT, "__libc_start_main");

	main_of_program = of_program;
	return next(counted_main, argc, argv, init, fini, rtld_fini, end);
}
