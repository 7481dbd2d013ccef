/* SPDX-License-Identifier: MIT */
#ifndef WOS_API_H
#define WOS_API_H

/* What WorkOS's API gives at once, and how often. */

/*
 * The most bytes of a page, decoded: 100 events of 40 kB each.  A page over
 * it is asked for again in smaller pieces, so it also bounds one event.
 */
#define PAGE_MAX (4 << 20)

/* The most events or objects that the API gives at once. */
#define PAGE_SIZE 100

/*
 * The API takes 6,000 requests in 60 seconds for a key; a fifth of it is left
 * to the key's other users.
 */
#define RATE_REQUESTS 4800
#define RATE_SECONDS 60

/* The least request that needs the right to read events. */
#define LEAST_ROUTE "/events"
#define LEAST_QUERY "limit=1&events=user.created"

#endif
