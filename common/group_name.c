/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "group_name.h"

bool
group_is_event(const char *name, size_t len)
{
	static const char *const others[] = {GROUP_PARKED, GROUP_LIST};

	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
		if (len >= strlen(others[i]) &&
		    memcmp(name, others[i], strlen(others[i])) == 0)
			return false;
	return true;
}
