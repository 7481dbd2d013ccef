/* SPDX-License-Identifier: MIT */
#include <dlfcn.h>
#include <string.h>

#include "library.h"

bool
library_find(void *library, const char *name, void *function)
{
	void *found = dlsym(library, name);

	memcpy(function, &found, sizeof found);
	return found != NULL;
}
