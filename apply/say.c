/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "descriptors.h"
#include "log.h"
#include "nearest.h"
#include "say.h"
#include "status.h"

/* What looks like a number is one, unless the field is for a name. */
static void
add_field(const char *name, const char *value)
{
	size_t digits = strspn(value, "0123456789");

	if (value[digits] != '\0' || digits == 0 || digits > 15 ||
	    (*value == '0' && digits > 1) || strcmp(name, "database") == 0 ||
	    strcmp(name, "file") == 0)
		log_field(name, value);
	else
		log_field_int(name, strtoll(value, NULL, 10));
}

int
say(struct db *db, const struct options *o)
{
	char **word = o->files;

	(void)db;
	if (*word == NULL)
		log_errx(STATUS_USAGE, "--say: no message");
	for (word++; word[0] != NULL && word[1] != NULL; word += 2)
		add_field(word[0], word[1]);
	log_message(log_level(o->argument), "%s", *o->files);
	return STATUS_DONE;
}

int
say_nearest(struct db *db, const struct options *o)
{
	struct nearest near = {.word = o->argument};

	(void)db;
	for (char **word = o->files; *word != NULL; word++)
		nearest_try(&near, *word);
	if (near.found != NULL)
		puts(near.found);
	return descriptors_flush();
}
