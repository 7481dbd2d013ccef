/* SPDX-License-Identifier: MIT */
#ifndef WOS_GONE_H
#define WOS_GONE_H

#include "http/http.h"

/*
 * Reads lines `PATH <tab> TEXT` from standard input, asks the API for the
 * object at each path, one after the other, and writes those lines whose object
 * it says is gone: 404, entity_not_found, and the id that the path ends with.
 * Lines without a path are written as they are, those of an object that is
 * there are not.  Returns the program's exit status, STATUS_FAILED if some
 * answers were neither.
 */
int gone(struct client *c);

#endif
