/* SPDX-License-Identifier: MIT */
#include "event_id.h"

bool
event_id_is_sound(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (text[i] <= ' ' || text[i] > '~' || text[i] == '"')
			return false;
	return len > 0 && len <= EVENT_ID_MAX;
}
