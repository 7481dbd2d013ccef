/* SPDX-License-Identifier: MIT */
#ifndef WOS_ANSWER_H
#define WOS_ANSWER_H

#include "walk.h"

/*
 * Takes the answer to a request: its lines become a chunk of the window, or
 * the window has failed, or the request is tried again.
 */
void answer_take(struct walk *w, struct request *r);

#endif
