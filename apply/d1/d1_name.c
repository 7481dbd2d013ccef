/* SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <stddef.h>
#include <string.h>

#include "d1_name.h"

/* Longer names there are none: an account's id has 32 digits, a UUID 36. */
#define PART_MAX 128

bool
d1_is_name(const char *where)
{
	return strncmp(where, D1_SCHEME, strlen(D1_SCHEME)) == 0;
}

/* One of the two parts, up to a slash or the end: it needs no escapes. */
static size_t
part_length(const char *p)
{
	size_t n = strspn(p, "abcdefghijklmnopqrstuvwxyz"
			     "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-");

	return n <= PART_MAX ? n : 0;
}

const char *
d1_name_refusal(const char *where)
{
	const char *p = where + strlen(D1_SCHEME);
	size_t account = part_length(p), database;

	if (account == 0 || p[account] != '/')
		return "d1:ACCOUNT/DATABASE, with the account's id and the "
		       "database's name or UUID, names one in D1";
	p += account + 1;
	database = part_length(p);
	return database > 0 && p[database] == '\0'
		   ? NULL
		   : "a D1 database's name has letters, digits, _ and - only";
}

bool
d1_is_uuid(const char *text)
{
	static const char form[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";

	if (strlen(text) != sizeof form - 1)
		return false;
	for (size_t i = 0; form[i] != '\0'; i++)
		if (form[i] == 'x' ? !isxdigit((unsigned char)text[i])
				   : text[i] != '-')
			return false;
	return true;
}
