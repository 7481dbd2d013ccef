/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "descriptors.h"
#include "gone.h"
#include "http/one.h"
#include "lists.h"
#include "log.h"
#include "refusal.h"
#include "status.h"

/* A path of the catalogue with two ids, of 512 bytes each at most. */
#define PATH_SIZE 2048

enum found { FOUND_GONE, FOUND_THERE, FOUND_UNTOLD };

static bool
path_is_plain(const char *path)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-/";

	return *path == '/' && strlen(path) < PATH_SIZE &&
	       strspn(path, plain) == strlen(path) &&
	       strstr(path, "//") == NULL;
}

/* Is it a path of that pattern, in which a {name} stands for an id? */
static bool
path_is(const char *path, const char *pattern)
{
	for (; *pattern != '\0'; path++, pattern++) {
		if (*pattern == '{') {
			path += strcspn(path, "/");
			pattern += strcspn(pattern, "}");
			path--;
		} else if (*path != *pattern) {
			return false;
		}
	}
	return *path == '\0';
}

/* The catalogue's pattern for the path: what is told of the request. */
static const char *
route_of(const char *path)
{
	const struct item_fact *get;
	size_t n;
	const struct table *t = catalogue_tables(&n);

	for (; n > 0; n--, t++) {
		get = item_any(t, ITEM_GET);
		if (get != NULL && path_is(path, get->name))
			return get->name;
	}
	return "/" ROUTE_ID;
}

/* Is it gone, as the API says of objects, and not of paths that it lacks? */
static enum found
judge(const struct request *r, const char *path)
{
	if (r->status == 200)
		return FOUND_THERE;
	if (refusal_of_entity(r->status, &r->body, strrchr(path, '/') + 1))
		return FOUND_GONE;
	return FOUND_UNTOLD;
}

static enum found
look(struct client *c, const char *path)
{
	struct request *r = one_begin(c);
	struct buf why = {0};
	enum found found;

	request_start_at(r, route_of(path), path, NULL);
	one_wait(r);
	found = judge(r, path);
	if (found == FOUND_UNTOLD) {
		refusal_add(&why, r->status, &r->body);
		request_fields(r);
		log_warnx("%s: neither there nor gone: %s", r->place.p,
		    buf_str(&why));
	}
	buf_free(&why);
	request_stop(r);
	return found;
}

int
gone(struct client *c)
{
	char *line = NULL, *tab;
	size_t size = 0, n = 0;
	int status = STATUS_DONE;
	enum found found;

	descriptors_await("differences, as wos-apply --verify prints them");
	for (ssize_t len; (len = getline(&line, &size, stdin)) != -1;) {
		n++;
		if (line[len - 1] != '\n')
			log_errx(STATUS_FAILED,
			    "standard input: line %zu: cut short", n);
		if ((tab = strchr(line, '\t')) == NULL)
			tab = line - 1; /* all of it is text */
		else
			*tab = '\0';
		if (tab > line && !path_is_plain(line))
			log_errx(STATUS_USAGE,
			    "standard input: line %zu: no path of an object",
			    n);
		found = tab > line ? look(c, line) : FOUND_GONE;
		if (found == FOUND_UNTOLD)
			status = STATUS_FAILED;
		if (found == FOUND_GONE)
			fwrite(tab + 1, 1, (size_t)(line + len - (tab + 1)),
			    stdout);
		descriptors_flush();
	}
	if (ferror(stdin))
		log_err(STATUS_FAILED, "standard input");
	free(line);
	return status;
}
