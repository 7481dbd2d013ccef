/* SPDX-License-Identifier: MIT */
#ifndef WOS_OPTIONS_H
#define WOS_OPTIONS_H

#include <stdbool.h>

#include "buf.h"
#include "events/known.h"
#include "events/range.h"
#include "events/terms.h"
#include "http/http.h"
#include "lists/wanted.h"
#include "names.h"

/* What the command line and the environment say. */
struct options {
	struct client_options client;
	struct terms terms;
	struct names types;   /* of events to ask for, or to keep */
	struct wanted wanted; /* lists, for --list */
	struct range range;   /* as it was given */
	struct buf list;      /* all --events, each behind a comma */
	struct buf except;    /* all --except, likewise */
	const char *backfill; /* the types of --backfill */
	const char *key_file;
	const char *jq;
	const char *tables; /* of --list, or NULL */
	const char *if_known[KNOWN_MAX];
	unsigned nif_known;
	unsigned report; /* a descriptor, or 0 */
	bool explain, check, known, gone, from, lists;
	bool ended; /* standard input has lists to leave out */
	bool progress;
	char **file; /* operands, for --from */
	int nfiles;
};

/*
 * Reads them.  Ends the program, with STATUS_USAGE if something is wrong or
 * does not go with something else.
 */
void options_read(struct options *o, int argc, char **argv);
void options_release(struct options *o);

#endif
