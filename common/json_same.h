/* SPDX-License-Identifier: MIT */
#ifndef WOS_JSON_SAME_H
#define WOS_JSON_SAME_H

#include <stdbool.h>

#include "jsontext.h"

/*
 * Are two JSON texts the same value, whatever the order of members and the
 * white space?  Of a name that stands twice the last value counts.  Numbers and
 * strings are compared as they are written, and so is all of what is no JSON,
 * or an object of more than JSONTEXT_MAX_MEMBERS members.
 */
bool json_same(struct jsonspan a, struct jsonspan b);

#endif
