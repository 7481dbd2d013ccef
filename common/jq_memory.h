/* SPDX-License-Identifier: MIT */
#ifndef WOS_JQ_MEMORY_H
#define WOS_JQ_MEMORY_H

/*
 * From now on libjq, in this thread, ends the program as memory_out() does
 * where there is no memory.  By itself it would abort.
 */
void jq_memory_init(void);

#endif
