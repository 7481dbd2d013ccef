/* SPDX-License-Identifier: MIT */
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

#include "libpq.h"
#include "library.h"

struct libpq pq;

bool
libpq_load(const char **why)
{
	static bool tried, loaded;
	static char missing[256];
	void *library;

	*why = missing;
	if (tried)
		return loaded;
	tried = true;
	library = dlopen(LIBPQ_FILE, RTLD_NOW | RTLD_LOCAL);
	loaded = library != NULL;
#define FUNCTION(name)                                                         \
	loaded = loaded && library_find(library, "PQ" #name, &pq.name);
#include "libpq.def"
#undef FUNCTION
	if (!loaded)
		snprintf(missing, sizeof missing, "%s", dlerror());
	return loaded;
}

const char *
libpq_option(const PQconninfoOption *o, const char *keyword)
{
	for (; o->keyword != NULL; o++)
		if (strcmp(o->keyword, keyword) == 0)
			return o->val != NULL && *o->val != '\0' ? o->val
								 : NULL;
	return NULL;
}
