/* SPDX-License-Identifier: MIT */
#ifndef WOS_D1_NAME_H
#define WOS_D1_NAME_H

#include <stdbool.h>

/* What a D1 database is called: d1:ACCOUNT/DATABASE. */
#define D1_SCHEME "d1:"

/* Does the name begin so?  It may still be refused. */
bool d1_is_name(const char *where);

/* Why it can't name a database, or NULL. */
const char *d1_name_refusal(const char *where);

/* Is it a database's UUID, as opposed to its name? */
bool d1_is_uuid(const char *text);

#endif
