/* SPDX-License-Identifier: MIT */
#ifndef WOS_JQ_MEMORY_H
#define WOS_JQ_MEMORY_H

#include <jq.h>

/*
 * From now on libjq, in this thread, ends the program as memory_out() does
 * where there is no memory.  By itself it would abort.
 */
void jq_memory_init(void);

/* The same for what runs a program, which has a handler of its own. */
void jq_memory_of(jq_state *jq);

#endif
