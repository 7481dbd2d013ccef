/* SPDX-License-Identifier: MIT */
#ifndef WOS_STATUS_H
#define WOS_STATUS_H

/* What the programs exit with; 0 and 1 are done and failed, as everywhere. */
enum {
	STATUS_DONE = 0,
	STATUS_FAILED = 1,
	STATUS_USAGE = 2,
	STATUS_PARKED = 3,  /* done, but some events were parked */
	STATUS_CURSOR = 4,  /* the cursor can't be continued */
	STATUS_DIFFERS = 5, /* wos-verify has found differences */
	STATUS_RETRY = 75,  /* try again later: EX_TEMPFAIL of sysexits(3) */
};

#endif
