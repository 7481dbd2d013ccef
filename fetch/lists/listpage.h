/* SPDX-License-Identifier: MIT */
#ifndef WOS_LISTPAGE_H
#define WOS_LISTPAGE_H

#include <stdbool.h>

#include "events/page.h"
#include "item.h"

/*
 * A page of a list of objects.  A list of which half is missing must not look
 * whole: what is not as it has to be is no page.
 */
struct listpage {
	struct jsonspan data; /* an array of objects */
	size_t n;
	char after[ITEM_ID_MAX + 1]; /* the next page follows it; "" at the
					end */
	bool backwards; /* it says that older ones come before it */
};

/*
 * Reads a response body, of a list that comes in one piece or one in pages.  If
 * it is no good, *why is the reason.
 */
enum page_fault listpage_parse(struct listpage *p, const struct buf *body,
    enum list_shape shape, const char **why);

#endif
