/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "catalogue.h"
#include "descriptors.h"
#include "listing.h"
#include "log.h"
#include "plan.h"
#include "plan_fill.h"
#include "sample.h"
#include "duration.h"
#include "status.h"
#include "timestamp.h"

/*
 * The cursor's age from when on a person hears of it: ten of the 30 days that
 * the API promises are left then, a holiday's length.  And from when on loudly:
 * on the last of them.
 */
#define AGE_WARN (20 * DAY_MS)
#define AGE_LATE (29 * DAY_MS)

/* How far back the API promises to reach, and may at best. */
#define API_PROMISES (30 * DAY_MS)
#define API_KEEPS (90 * DAY_MS)

/*
 * A resume begins that much before the end that was last seen, unless --margin
 * says otherwise: the API may list an event a little after its time.
 */
#define MARGIN_MS 300000

static void
add_known_types(struct names *types)
{
	size_t n;
	const struct event_type *type = catalogue_event_types(&n);

	for (; n > 0; n--, type++)
		if (type->asked != FORMER)
			names_add(types, type->name, strlen(type->name));
}

static void
read_terms(struct terms *terms, const struct options *o)
{
	char line[TERMS_LINE_MAX + 2];

	descriptors_await("terms, as wos-fetch --explain prints them");
	*terms = (struct terms){.margin = -1};
	for (int n = 1; fgets(line, sizeof line, stdin) != NULL; n++) {
		size_t len = strcspn(line, "\n");

		if (line[len] != '\n' || terms_take(terms, line, len) == -1)
			log_errx(STATUS_FAILED,
			    "stdin: line %d: wos-fetch writes no such line", n);
	}
	if (terms->types.n == 0 && terms->begins == BEGINS_OLDEST)
		add_known_types(&terms->types);
	if (o->margin >= 0)
		terms->margin = o->margin;
}

/* To the second: 2026-11-23T19:00:00Z */
static void
format_second(int64_t ms, char when[TIMESTAMP_SIZE])
{
	timestamp_format(ms, when);
	memcpy(strchr(when, '.'), "Z", 2);
}

static void
put_date(const char *name, int64_t ms)
{
	char when[TIMESTAMP_SIZE];

	format_second(ms, when);
	printf("%s %s\n", name, when);
}

static void
put_terms(const struct terms *t)
{
	if (t->begins == BEGINS_AFTER)
		printf("begins after %s\n", t->after);
	else if (t->begins == BEGINS_AT)
		fputs("begins given\n", stdout);
	else if (t->begins == BEGINS_FILES)
		fputs("begins files\n", stdout);
	if (t->follow)
		fputs("follow 1\n", stdout);
	if (t->begins != BEGINS_FILES && !t->key_of_file)
		fputs("key environment\n", stdout);
}

static void
take_type(void *arg, const struct value *row, size_t n)
{
	struct plan *p = arg;
	struct buf id = {0};

	(void)n;
	value_copy(&row[0], p->type, sizeof p->type);
	buf_printf(&id, "\"%s\"", p->terms.organization);
	p->names_organization = row[1].type == VALUE_TEXT &&
				memmem(row[1].text, row[1].len, id.p, id.len);
	buf_free(&id);
}

/* What the ledger knows of the cursor's event; an older one has no types. */
static enum db_result
find_event(struct plan *p)
{
	static struct query q = {
	    .sql = "SELECT \"event_type\",CASE WHEN $1='' THEN NULL "
		   "ELSE \"event_payload\" END FROM \"events_cursor\" "
		   "WHERE \"event_id\"=$2"};
	struct value id = value_text(p->scope.event_id);
	struct value of = value_text(p->terms.organization);
	enum db_result rc =
	    db_select(p->db, &q, (struct value[]){of, id}, 2, take_type, p);

	if (rc != DB_OK && rc != DB_REFUSED)
		return rc;
	return scope_is_stray(p->db, &p->scope, &p->stray);
}

/*
 * The last moment up to which the database has everything: that of the cursor's
 * event, or when the end of the stream was seen after it.  A time that has not
 * come yet was noted by a clock that was wrong.
 */
static int64_t
find_known(const struct scope *s, int64_t now)
{
	int64_t at = s->event_at <= now ? s->event_at : -1;
	int64_t tail = s->tail_seen_at <= now ? s->tail_seen_at : -1;

	return at > tail ? at : tail;
}

static int64_t
margin_of(const struct plan *p)
{
	return p->terms.margin >= 0 ? p->terms.margin : MARGIN_MS;
}

/* From where to ask again, within what the API can have. */
static int64_t
resume_at(const struct plan *p)
{
	int64_t oldest = p->o->now > API_KEEPS ? p->o->now - API_KEEPS : 0;

	if (p->known < 0 || p->known - margin_of(p) < oldest)
		return oldest;
	return p->known - margin_of(p);
}

/* The API may have forgotten the event, yet none came after it for so long. */
static bool
is_quiet(const struct plan *p)
{
	const struct scope *s = &p->scope;

	return s->event_at != -1 && s->tail_seen_at != -1 &&
	       s->tail_seen_at <= p->o->now &&
	       p->o->now - s->event_at >= AGE_LATE &&
	       p->o->now - s->tail_seen_at < AGE_LATE;
}

/* Tells a person while there is still time. */
static void
say_age(const struct plan *p)
{
	int64_t age = p->known < 0 ? 0 : p->o->now - p->known;
	char when[TIMESTAMP_SIZE];
	int days = (int)(age / DAY_MS);

	if (age < AGE_WARN)
		return;
	format_second(p->known, when);
	if (age < AGE_LATE || log_is_json()) {
		log_field_int("cursor_age_days", days);
		log_warnx(
		    "%s was in step for the last time on %s, %d days ago; "
		    "WorkOS keeps events for 30 days",
		    p->o->field, when, days);
		return;
	}
	log_warnx("WARNING: %s was in step for the last time on %s,",
	    p->o->field, when);
	log_warnx("WARNING: %d days ago: WorkOS promises to keep events for 30 "
		  "days only.",
	    days);
}

static void
put_resume(const struct plan *p)
{
	int64_t promised = (p->o->now - API_PROMISES) / 1000 * 1000;
	int64_t known = p->known < 0 ? 0 : p->known;

	printf("resume %" PRId64 "\n", resume_at(p));
	put_date("known", known);
	if (known >= promised)
		return;
	printf("gap %" PRId64 ":%" PRId64 "\n", known, promised);
	put_date("gap_end", promised);
}

/*
 * The stream lists the cursor's event only if its type is asked for, and its
 * organization, which may be another than the cursor stands for by now.
 */
static bool
lists_cursor(const struct plan *p)
{
	const struct scope_type *type = scope_find(&p->scope, p->type);

	if (*p->terms.organization != '\0' && !p->names_organization)
		return false;
	if (*p->type == '\0')
		return true;
	return names_have(&p->terms.types, p->type) &&
	       (type == NULL || type->state != SCOPE_REFUSED);
}

/*
 * How long before the cursor the stream begins, to pass its event.  An API that
 * has forgotten it, and what came after it, may begin with its oldest event
 * instead of saying so.
 */
static int64_t
passes_by(const struct plan *p)
{
	if (p->scope.event_at < 0 || !lists_cursor(p))
		return 0;
	if (p->terms.margin > 0)
		return p->terms.margin;
	return p->late ? SECOND_MS : 0;
}

/*
 * The stream begins after the cursor, or with a margin before it, and the
 * cursor moves on when the stream has passed its event.  Or at a time up to
 * which everything had been seen: then the cursor's event has no say in whether
 * the key is of its environment, and objects have.
 */
static enum db_result
put_stream(const struct plan *p)
{
	const char *id = p->scope.event_id;
	int64_t margin = passes_by(p);
	enum db_result rc;

	if (p->quiet) {
		printf("apply --restart\nfetch --since %" PRId64, resume_at(p));
		rc = sample_put_options(p->db);
		putchar('\n');
		return rc;
	}
	printf("fetch --after %s", id);
	if (margin > 0 || !lists_cursor(p))
		printf(" --margin %" PRId64 "s", margin / SECOND_MS);
	if (p->scope.event_at >= 0)
		printf(" --cursor-time %" PRId64, p->scope.event_at);
	if (margin == 0)
		printf("\napply --after %s", id);
	putchar('\n');
	return DB_OK;
}

static void
say_stray(const struct plan *p)
{
	log_field("cursor", p->scope.event_id);
	log_warnx("%s: the event of the cursor %s, %s, is not in the ledger: "
		  "the database is not the one that the cursor was moved in",
	    p->o->field, p->o->cursor, p->scope.event_id);
}

/* Does the stream ask for everything that there is? */
static bool
is_whole(const struct terms *t)
{
	size_t n;
	const struct event_type *type = catalogue_event_types(&n);

	if (t->begins != BEGINS_OLDEST || t->part || *t->organization != '\0')
		return false;
	for (; n > 0; n--, type++)
		if (type->asked != FORMER && !names_have(&t->types, type->name))
			return false;
	return true;
}

/* Is it to list everything first?  `empty`: there is neither cursor nor object.
 */
static enum db_result
put_list(const struct plan *p, bool empty)
{
	bool on = false, first = true;
	enum db_result rc = DB_OK;

	if (!is_whole(&p->terms))
		return DB_OK;
	if (p->db != NULL)
		rc = listing_goes_on(p->db, &on);
	if (rc == DB_OK && p->db != NULL && empty && !on)
		rc = listing_is_first(p->db, &first);
	if (on || (empty && first))
		printf("list %s\n", on ? "on" : "new");
	return rc;
}

/* Are there objects, of whichever environment? */
static enum db_result
put_occupied(const struct plan *p, struct sample_found *found)
{
	enum db_result rc = sample_find(p->db, found);

	if (rc == DB_OK && found->any)
		fputs("occupied 1\n", stdout);
	return rc;
}

/* There is no cursor. */
static enum db_result
put_new(const struct plan *p)
{
	struct sample_found found;
	enum db_result rc = put_occupied(p, &found);

	return rc == DB_OK ? put_list(p, !found.objects) : rc;
}

/* The stream does not begin at the cursor: no event of it need be known. */
static enum db_result
put_given(const struct plan *p)
{
	struct sample_found found;

	if (p->terms.begins == BEGINS_FILES)
		return DB_OK;
	return put_occupied(p, &found);
}

static enum db_result
put_all(struct plan *p)
{
	enum db_result rc;

	p->known = find_known(&p->scope, p->o->now);
	p->quiet = is_quiet(p);
	p->late =
	    !p->quiet && p->known >= 0 && p->o->now - p->known >= AGE_LATE;
	say_age(p);
	if (p->stray) {
		say_stray(p);
		p->scope.known = false;
	}
	printf("cursor %s\n", p->scope.event_id);
	rc = put_stream(p);
	put_resume(p);
	plan_fill(p);
	return rc;
}

/* By hand: where it begins, and what is asked for, is the caller's business. */
static bool
is_given(const struct terms *t)
{
	return t->begins != BEGINS_OLDEST && t->begins != BEGINS_RANGE;
}

/* There is a database: is there a cursor, and where does it lead? */
static enum db_result
put_database(struct plan *p)
{
	const char *id = p->scope.event_id;
	enum db_result rc = scope_read(p->db, p->o->cursor, &p->scope);

	if (rc != DB_OK)
		return rc;
	if (*id == '\0')
		return put_new(p);
	if (!event_id_is_sound(id, strlen(id)))
		log_errx(STATUS_FAILED,
		    "%s: the cursor %s holds what is no event's id",
		    p->o->field, p->o->cursor);
	if (is_given(&p->terms))
		return put_given(p);
	rc = find_event(p);
	if (rc == DB_OK)
		rc = put_all(p);
	return rc == DB_OK ? put_list(p, false) : rc;
}

enum db_result
plan_print(struct db *db, const struct options *o)
{
	struct plan p = {.o = o, .db = db};
	enum db_result rc = DB_OK;

	read_terms(&p.terms, o);
	printf("now %" PRId64 "\n", o->now);
	put_terms(&p.terms);
	rc = db != NULL ? put_database(&p) : put_list(&p, true);
	scope_free(&p.scope);
	terms_free(&p.terms);
	return rc;
}
