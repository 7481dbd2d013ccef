/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "catalogue.h"
#include "descriptors.h"
#include "events.h"

int
events_print(void)
{
	static const char *const asked[] = {
	    [USUAL] = "usual", [RARE] = "rare", [FORMER] = "former"};
	static const char *const effect[] = {[EFFECT_UPSERT] = "upsert",
	    [EFFECT_DELETE] = "delete",
	    [EFFECT_INSERT] = "insert"};
	size_t n;
	const struct event_type *type = catalogue_event_types(&n);

	for (; n > 0; n--, type++)
		for (size_t i = 0; i < type->neffects; i++) {
			const struct effect *e = &type->effect[i];

			printf("%s\t%s\t%s\t%s\tdata%s%s\n", type->name,
			    asked[type->asked], effect[e->kind], e->table->name,
			    *e->at ? "." : "", e->at);
		}
	return descriptors_flush();
}
