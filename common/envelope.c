/* SPDX-License-Identifier: MIT */
#include "envelope.h"

const char *const envelope_name[ENVELOPE_MEMBERS] = {
    "id", "event", "created_at"};

bool
envelope_is_all(struct jsonspan object)
{
	struct jsonmembers members;

	if (jsontext_members(object, &members) == -1 ||
	    members.n != ENVELOPE_MEMBERS)
		return false;
	for (int i = 0; i < ENVELOPE_MEMBERS; i++)
		if (jsontext_find(&members, envelope_name[i]).p == NULL)
			return false;
	return true;
}
