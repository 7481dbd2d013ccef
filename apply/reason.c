/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "reason.h"

/* The names of programs stand for what has no better word. */
static const char *const words[] = {"usage", "key", "limit", "api", "network",
    "forgotten", "fetch", "decode", "busy", "database", "locked", "signal",
    "sync"};

bool
reason_is_word(const char *text)
{
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (strcmp(words[i], text) == 0)
			return true;
	return false;
}
