/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "descriptors.h"
#include "known.h"
#include "http/one.h"
#include "log.h"
#include "status.h"

struct kind {
	const char *name, *route;
};

static const struct kind kinds[] = {
    {"user", "/user_management/users/" ROUTE_ID},
    {"organization", "/organizations/" ROUTE_ID},
};

struct object {
	const struct kind *kind;
	char id[KNOWN_ID_MAX + 1];
};

/* What the API said of the objects so far. */
struct verdict {
	unsigned known, unknown;
};

/* The longest line: the longest kind, a space, an id, a newline, a NUL. */
#define LINE_SIZE (sizeof "organization " + KNOWN_ID_MAX + 1)

static _Noreturn void
refuse(unsigned line, const char *why)
{
	log_errx(STATUS_USAGE, "standard input: line %u: %s", line, why);
}

/* Why the API can't be asked for that, or NULL. */
static const char *
id_fault(const char *id)
{
	if (*id == '\0')
		return "there is no id";
	if (strcmp(id, ".") == 0 || strcmp(id, "..") == 0)
		return "a path is no id"; /* no escape would make it one */
	for (; *id != '\0'; id++)
		if ((unsigned char)*id < ' ' || *id == 0x7F)
			return "a control character in the id";
	return NULL;
}

static const struct kind *
kind_named(const char *name, size_t len)
{
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
		if (strlen(kinds[i].name) == len &&
		    memcmp(kinds[i].name, name, len) == 0)
			return &kinds[i];
	return NULL;
}

/* The line has its newline. */
static void
read_object(struct object *o, const char *line, size_t len, unsigned number)
{
	const char *space = memchr(line, ' ', len), *why;
	size_t id_len;

	o->kind = space ? kind_named(line, (size_t)(space - line)) : NULL;
	if (o->kind == NULL)
		refuse(number, "neither `user ID` nor `organization ID`");
	id_len = (size_t)(line + len - 1 - (space + 1));
	if (id_len > KNOWN_ID_MAX)
		refuse(number, "longer than any id");
	memcpy(o->id, space + 1, id_len);
	o->id[id_len] = '\0';
	why = strlen(o->id) < id_len ? "a NUL in the id" : id_fault(o->id);
	if (why != NULL)
		refuse(number, why);
}

/*
 * One line with its newline.  fgets does not say where a NUL is in it, and
 * getline takes any length.  Returns its length, 0 at the end of the input.
 */
static size_t
read_line(char line[LINE_SIZE], unsigned number)
{
	size_t len = 0;
	int c;

	while ((c = getchar()) != EOF) {
		if (len == LINE_SIZE - 1)
			refuse(number, "longer than any id");
		line[len++] = (char)c;
		if (c == '\n')
			return len;
	}
	if (ferror(stdin))
		log_errx(STATUS_FAILED, "standard input: %s", strerror(errno));
	if (len > 0)
		refuse(number, "cut short");
	return 0;
}

static unsigned
read_objects(struct object object[KNOWN_MAX])
{
	char line[LINE_SIZE];
	unsigned n = 0;
	size_t len;

	while ((len = read_line(line, n + 1)) > 0) {
		if (n == KNOWN_MAX)
			log_errx(STATUS_USAGE,
			    "standard input: line %u: there are more than %d",
			    n + 1, KNOWN_MAX);
		read_object(&object[n], line, len, n + 1);
		n++;
	}
	return n;
}

/* Counts the answer, and returns the word for it. */
static const char *
judge(struct verdict *v, const struct request *r)
{
	if (r->status == 200) {
		v->known++;
		return "known";
	}
	if (r->status == 404) {
		v->unknown++;
		return "unknown";
	}
	return "untold";
}

/* Any answer has a date, and this is the least that needs the key. */
static void
ask_time(struct client *c)
{
	struct request *r = one_begin(c);

	request_start(r, "/events", NULL, "limit=1&events=user.created");
	one_wait(r);
	request_stop(r);
}

int
known(struct client *c)
{
	static struct object object[KNOWN_MAX];
	struct verdict v = {0};
	struct request *r;
	unsigned n;

	descriptors_await("users and organizations, as wos-apply --sample "
			  "prints them");
	n = read_objects(object);
	if (n == 0)
		ask_time(c);
	for (unsigned i = 0; i < n && v.known == 0; i++) {
		r = one_begin(c);
		request_start(r, object[i].kind->route, object[i].id, NULL);
		one_wait(r);
		printf("%s %s %s\n", judge(&v, r), object[i].kind->name,
		    object[i].id);
		descriptors_flush(); /* the caller reads along */
		request_stop(r);
	}
	/* The caller should not go by a clock that is wrong. */
	if (c->date != TIME_NONE)
		printf("date %" PRId64 "\n", c->date);
	descriptors_flush();
	if (v.known > 0 || v.unknown == 0)
		return STATUS_DONE;
	log_field_int("exit_status", STATUS_FAILED);
	log_message(LEVEL_ERROR,
	    "the API knows none of %u users and organizations of the database: "
	    "the key looks like one of another environment",
	    v.unknown);
	return STATUS_FAILED;
}
