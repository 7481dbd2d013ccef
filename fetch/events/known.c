/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "api.h"
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

/* Takes `user ID`, or what else stands between the two.  Why not, or NULL. */
static const char *
take_object(struct object *o, const char *text, size_t len, char between)
{
	const char *id = memchr(text, between, len);
	size_t id_len;

	o->kind = id ? kind_named(text, (size_t)(id - text)) : NULL;
	if (o->kind == NULL)
		return between == ' '
			   ? "neither `user ID` nor `organization ID`"
			   : "neither user=ID nor organization=ID";
	id_len = (size_t)(text + len - ++id);
	if (id_len > KNOWN_ID_MAX)
		return "longer than any id";
	memcpy(o->id, id, id_len);
	o->id[id_len] = '\0';
	return strlen(o->id) < id_len ? "a NUL in the id" : id_fault(o->id);
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
	const char *why;
	unsigned n = 0;
	size_t len;

	while ((len = read_line(line, n + 1)) > 0) {
		if (n == KNOWN_MAX)
			log_errx(STATUS_USAGE,
			    "standard input: line %u: there are more than %d",
			    n + 1, KNOWN_MAX);
		why = take_object(&object[n], line, len - 1, ' ');
		n++;
		if (why != NULL)
			refuse(n, why);
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

/* Asks for one object, and returns the word for what the API said. */
static const char *
ask(struct client *c, const struct object *o, struct verdict *v)
{
	struct request *r = one_begin(c);
	const char *word;

	request_start(r, o->kind->route, o->id, NULL);
	one_wait(r);
	word = judge(v, r);
	request_stop(r);
	return word;
}

/* The status to exit with, after saying why if it is a failure. */
static int
conclude(const struct verdict *v)
{
	if (v->known > 0 || v->unknown == 0)
		return STATUS_DONE;
	log_field_int("exit_status", STATUS_FAILED);
	log_message(LEVEL_ERROR,
	    "the API knows none of %u users and organizations of the database: "
	    "the key looks like one of another environment",
	    v->unknown);
	return STATUS_FAILED;
}

/* Any answer has a date. */
static void
ask_time(struct client *c)
{
	struct request *r = one_begin(c);

	request_start(r, LEAST_ROUTE, NULL, LEAST_QUERY);
	one_wait(r);
	request_stop(r);
}

int
known(struct client *c)
{
	static struct object object[KNOWN_MAX];
	struct verdict v = {0};
	unsigned n;

	descriptors_await("users and organizations, as wos-apply --sample "
			  "prints them");
	n = read_objects(object);
	if (n == 0)
		ask_time(c);
	for (unsigned i = 0; i < n && v.known == 0; i++) {
		printf("%s %s %s\n", ask(c, &object[i], &v),
		    object[i].kind->name, object[i].id);
		descriptors_flush(); /* the caller reads along */
	}
	/* The caller should not go by a clock that is wrong. */
	if (c->date != TIME_NONE)
		printf("date %" PRId64 "\n", c->date);
	descriptors_flush();
	return conclude(&v);
}

const char *
known_fault(const char *text)
{
	struct object o;

	return take_object(&o, text, strlen(text), '=');
}

int
known_first(struct client *c, const char *const *text, size_t n)
{
	struct verdict v = {0};
	struct object o;

	for (; n > 0 && v.known == 0; n--, text++)
		if (take_object(&o, *text, strlen(*text), '=') == NULL)
			ask(c, &o, &v);
	return conclude(&v);
}
