/* SPDX-License-Identifier: MIT */
#include "envelope.h"
#include "json_string.h"
#include "timestamp.h"

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

void
envelope_add(
    struct buf *out, struct jsonspan id, struct jsonspan type, int64_t at)
{
	char when[TIMESTAMP_SIZE];

	timestamp_format(at, when);
	buf_puts(out, "{\"id\":");
	json_string(out, id.p, id.len);
	buf_puts(out, ",\"event\":");
	json_string(out, type.p, type.len);
	buf_printf(out, ",\"created_at\":\"%s\"}", when);
}
