/* SPDX-License-Identifier: MIT */
#ifndef WOS_OPTIONS_H
#define WOS_OPTIONS_H

#include <stdbool.h>

/* What the command line says. */
struct options {
	bool strict;
	bool events;    /* only say what each type of event does */
	const char *jq; /* a program, or NULL */
	char **files;   /* up to a NULL */
};

/* Returns only if there is something to do. */
void options_read(struct options *o, int argc, char **argv);

#endif
