/* SPDX-License-Identifier: MIT */
#include <stddef.h>

#include <jq.h>

#include "jq_memory.h"
#include "memory.h"

static void
out(void *nothing)
{
	(void)nothing;
	memory_out();
}

void
jq_memory_init(void)
{
	jv_nomem_handler(out, NULL);
}

void
jq_memory_of(jq_state *jq)
{
	jq_set_nomem_handler(jq, out, NULL);
}
