/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "log.h"
#include "plan_fill.h"
#include "duration.h"

/*
 * A type that the API has refused is asked for again after that: a request a
 * week costs nothing, and an account that gets the type soon has its events.
 */
#define REFUSAL_HOLDS (7 * DAY_MS)

/*
 * A back-fill goes on so far behind what the cursor stands for: the time of its
 * event, or when the end was seen after it, which is true of the filled types
 * only if they are read until then, too.  What comes twice changes nothing.
 */
#define FILL_SLACK_MS 1000

static void
put_names(const char *name, const struct names *names)
{
	struct buf list = {0};

	names_join(names, &list);
	printf("%s %s", name, buf_str(&list));
	buf_free(&list);
}

/* Has the API refused the type so lately that it need not be asked again? */
static bool
is_refused(const struct plan *p, const struct scope_type *t)
{
	return t != NULL && t->state == SCOPE_REFUSED &&
	       strcmp(t->refused_by, WOS_VERSION) == 0 &&
	       t->refused_at <= p->o->now &&
	       p->o->now - t->refused_at < REFUSAL_HOLDS;
}

static int64_t
asked_since(const struct terms *t)
{
	return t->begins == BEGINS_RANGE || t->begins == BEGINS_AT
		   ? t->since
		   : SCOPE_OLDEST;
}

/* Does the cursor stand for the type, from as early on as it is asked for? */
static bool
is_covered(const struct plan *p, const struct scope_type *t)
{
	return p->scope.known && t != NULL && t->state == SCOPE_COVERED &&
	       t->since <= asked_since(&p->terms);
}

/* The stream is about all organizations, and the cursor about one. */
static bool
is_widened(const struct plan *p)
{
	return p->scope.known && *p->scope.organization != '\0' &&
	       *p->terms.organization == '\0';
}

/* A stream of another organization is no back-fill of this one's cursor. */
static bool
is_elsewhere(const struct plan *p)
{
	return p->scope.known && *p->terms.organization != '\0' &&
	       strcmp(p->terms.organization, p->scope.organization) != 0;
}

/* Sorts the types that are asked for by what there is to do about them. */
static void
sort_types(const struct plan *p, struct names *fill, struct names *except)
{
	for (size_t i = 0; i < p->terms.types.n; i++) {
		const char *name = p->terms.types.name[i];
		const struct scope_type *t = scope_find(&p->scope, name);

		if (is_refused(p, t))
			names_add(except, name, strlen(name));
		else if (!is_covered(p, t) || is_widened(p))
			names_add(fill, name, strlen(name));
	}
}

static void
say_fill(const struct plan *p, const struct names *fill)
{
	struct buf list = {0};

	names_tell(fill, &list);
	if (!p->scope.known)
		log_warnx("%s: which events the cursor %s stands for is not "
			  "known: reading again from the oldest event, once",
		    p->o->field, p->o->cursor);
	else if (is_widened(p))
		log_warnx("%s: the cursor %s stands for one organization, %s: "
			  "reading the events of all others up to it",
		    p->o->field, p->o->cursor, p->scope.organization);
	else
		log_warnx("%s: the cursor %s does not stand for all of these "
			  "types yet: reading them up to it: %s",
		    p->o->field, p->o->cursor, buf_str(&list));
	buf_free(&list);
}

/* Types that nobody could have expected are said, those refused before not. */
static bool
is_news(const struct plan *p, const struct names *fill)
{
	const struct scope_type *t;

	for (size_t i = 0; i < fill->n; i++) {
		t = scope_find(&p->scope, fill->name[i]);
		if (t == NULL || t->state != SCOPE_REFUSED)
			return true;
	}
	return !p->scope.known || is_widened(p);
}

static void
put_fill(const struct plan *p, const struct names *fill)
{
	const struct scope *s = &p->scope;
	int64_t until = p->known > s->event_at ? p->known : s->event_at;
	struct names filling = {0};

	if (fill->n == 0)
		return;
	if (is_news(p, fill))
		say_fill(p, fill);
	put_names("fill --backfill", fill);
	if (!p->quiet) /* the API need not know it any more */
		printf(" --probe %s", s->event_id);
	if (!p->quiet && s->event_at >= 0)
		printf(" --cursor-time %" PRId64, s->event_at);
	if (until != -1)
		printf(" --until %" PRId64, until + FILL_SLACK_MS);
	scope_types(s, SCOPE_FILLING, &filling);
	if (event_id_is_sound(s->fill_event_id, strlen(s->fill_event_id)) &&
	    strcmp(s->fill_organization, p->terms.organization) == 0 &&
	    names_equal(&filling, fill))
		printf(" --after %s", s->fill_event_id);
	putchar('\n');
	names_free(&filling);
}

void
plan_fill(const struct plan *p)
{
	struct names fill = {0}, except = {0};

	sort_types(p, &fill, &except);
	if (except.n > 0) {
		put_names("except", &except);
		putchar('\n');
	}
	if (!is_elsewhere(p))
		put_fill(p, &fill);
	names_free(&fill);
	names_free(&except);
}
