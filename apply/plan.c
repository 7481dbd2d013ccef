/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#include "catalogue.h"
#include "clock.h"
#include "log.h"
#include "plan.h"
#include "scope.h"
#include "status.h"
#include "timestamp.h"

#define DAY_MS INT64_C(86400000)

/* The cursor's age, from when a person hears of it, and from when loudly. */
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

/* A type that the API has refused is asked for again after that. */
#define REFUSAL_HOLDS (7 * DAY_MS)

/*
 * A back-fill goes on so far behind the time of the cursor's event: what comes
 * twice changes nothing.
 */
#define FILL_SLACK_MS 1000

/* Objects that the API is asked about; one that it knows will do. */
#define SAMPLE_MOST "5"

struct plan {
	const struct plan_options *o;
	struct db *db;
	FILE *out;
	struct scope scope;
	int64_t known; /* everything had been seen up to then, or -1 */
	bool stray;    /* is its event not in the ledger? */
	char type[NAME_MOST + 1]; /* of the cursor's event, "" if not known */
};

static void
add_known_types(struct names *types)
{
	size_t n;
	const struct event_type *type = catalogue_event_types(&n);

	for (; n > 0; n--, type++)
		if (type->asked != FORMER)
			names_add(types, type->name, strlen(type->name));
}

void
plan_read(FILE *in, struct terms *terms)
{
	char line[TERMS_LINE_MAX + 2];

	*terms = (struct terms){.margin = -1};
	while (fgets(line, sizeof line, in) != NULL) {
		size_t len = strcspn(line, "\n");

		if (line[len] != '\n' || terms_take(terms, line, len) == -1)
			log_errx(STATUS_FAILED,
			    "--plan: a line that wos-fetch does not write");
	}
	if (terms->types.n == 0 && terms->begins == BEGINS_OLDEST)
		add_known_types(&terms->types);
}

static void
put_time(const struct plan *p, const char *name, int64_t ms)
{
	fprintf(p->out, "%s %" PRId64 "\n", name, ms);
}

/* To the second: 2026-11-23T19:00:00Z */
static void
format_second(int64_t ms, char when[TIMESTAMP_SIZE])
{
	timestamp_format(ms, when);
	memcpy(strchr(when, '.'), "Z", 2);
}

static void
put_date(const struct plan *p, const char *name, int64_t ms)
{
	char when[TIMESTAMP_SIZE];

	format_second(ms, when);
	fprintf(p->out, "%s %s\n", name, when);
}

static void
put_names(const struct plan *p, const char *name, const struct names *names)
{
	struct buf list = {0};

	names_join(names, &list);
	if (names->n > 0)
		fprintf(p->out, "%s %s\n", name, buf_str(&list));
	buf_free(&list);
}

static void
put_terms(FILE *out, const struct terms *t)
{
	if (t->begins == BEGINS_AFTER)
		fprintf(out, "begins after %s\n", t->after);
	else if (t->begins == BEGINS_AT)
		fputs("begins given\n", out);
	else if (t->begins == BEGINS_FILES)
		fputs("begins files\n", out);
	if (t->follow)
		fputs("follow 1\n", out);
	if (t->begins != BEGINS_FILES && !t->key_of_file)
		fputs("key environment\n", out);
}

static void
take_type(void *arg, const struct value *row, size_t n)
{
	struct plan *p = arg;

	(void)n;
	if (row[0].type != VALUE_TEXT || row[0].len > NAME_MOST)
		return;
	memcpy(p->type, row[0].text, row[0].len);
	p->type[row[0].len] = '\0';
}

/* What the ledger knows of the cursor's event; an older one has no types. */
static enum db_result
find_event(struct plan *p)
{
	static struct query q = {
	    .sql = "SELECT \"event_type\" FROM \"events_cursor\" "
		   "WHERE \"event_id\"=$1"};
	struct value id = value_text(p->scope.event_id);
	enum db_result rc = db_select(p->db, &q, &id, 1, take_type, p);

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
	return p->o->terms->margin >= 0 ? p->o->terms->margin : MARGIN_MS;
}

/* From where to ask again, within what the API can have. */
static int64_t
resume_at(const struct plan *p)
{
	int64_t oldest = p->o->now - API_KEEPS;

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

	if (age < AGE_WARN || p->o->quiet)
		return;
	format_second(p->known, when);
	if (age < AGE_LATE || log_is_json()) {
		log_field_int("cursor_age_days", days);
		log_warnx(
		    "%s was in step for the last time on %s, %d days ago; "
		    "WorkOS keeps events for 30 days",
		    p->o->shown, when, days);
		return;
	}
	log_warnx("WARNING: %s was in step for the last time on %s,",
	    p->o->shown, when);
	log_warnx("WARNING: %d days ago: WorkOS promises to keep events for 30 "
		  "days only.",
	    days);
}

static void
put_resume(const struct plan *p)
{
	int64_t promised = (p->o->now - API_PROMISES) / 1000 * 1000;
	int64_t known = p->known < 0 ? 0 : p->known;

	put_time(p, "resume", resume_at(p));
	put_date(p, "known", known);
	if (known >= promised)
		return;
	fprintf(p->out, "gap %" PRId64 ":%" PRId64 "\n", known, promised);
	put_date(p, "gap_end", promised);
}

/* The stream lists the cursor's event only if its type is asked for. */
static bool
lists_cursor(const struct plan *p)
{
	const struct scope_type *type = scope_find(&p->scope, p->type);

	if (*p->type == '\0')
		return true;
	return names_have(&p->o->terms->types, p->type) &&
	       (type == NULL || type->state != SCOPE_REFUSED);
}

static void
put_cursor(const struct plan *p)
{
	const struct scope *s = &p->scope;

	fprintf(p->out, "cursor %s\n", s->event_id);
	if (s->event_at != -1)
		put_time(p, "cursor_at", s->event_at);
	if (is_quiet(p))
		put_time(p, "start", resume_at(p));
	if (!lists_cursor(p))
		fputs("margin no\n", p->out);
	put_resume(p);
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
	       t->since <= asked_since(p->o->terms);
}

/* The stream is about all organizations, and the cursor about one. */
static bool
is_widened(const struct plan *p)
{
	return p->scope.known && *p->scope.organization != '\0' &&
	       *p->o->terms->organization == '\0';
}

/* A stream of another organization is no back-fill of this one's cursor. */
static bool
is_elsewhere(const struct plan *p)
{
	return p->scope.known && *p->o->terms->organization != '\0' &&
	       strcmp(p->o->terms->organization, p->scope.organization) != 0;
}

/* Sorts the types that are asked for by what there is to do about them. */
static void
sort_types(const struct plan *p, struct names *fill, struct names *except)
{
	for (size_t i = 0; i < p->o->terms->types.n; i++) {
		const char *name = p->o->terms->types.name[i];
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
		    p->o->shown, p->o->cursor);
	else if (is_widened(p))
		log_warnx("%s: the cursor %s stands for one organization, %s: "
			  "reading the events of all others up to it",
		    p->o->shown, p->o->cursor, p->scope.organization);
	else
		log_warnx("%s: the cursor %s does not stand for all of these "
			  "types yet: reading them up to it: %s",
		    p->o->shown, p->o->cursor, buf_str(&list));
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
	struct names filling = {0};

	if (fill->n == 0)
		return;
	if (!p->o->quiet && is_news(p, fill))
		say_fill(p, fill);
	put_names(p, "fill", fill);
	if (s->event_at != -1)
		put_time(p, "fill_until", s->event_at + FILL_SLACK_MS);
	scope_types(s, SCOPE_FILLING, &filling);
	if (event_id_is_sound(s->fill_event_id, strlen(s->fill_event_id)) &&
	    names_equal(&filling, fill))
		fprintf(p->out, "fill_after %s\n", s->fill_event_id);
	names_free(&filling);
}

static void
say_stray(const struct plan *p)
{
	if (p->o->quiet)
		return;
	log_field("cursor", p->scope.event_id);
	log_warnx("%s: the event of the cursor %s, %s, is not in the ledger: "
		  "the database is not the one that the cursor was moved in",
	    p->o->shown, p->o->cursor, p->scope.event_id);
}

/* There is no cursor: are there objects, of whichever environment? */
static enum db_result
put_occupied(const struct plan *p)
{
	static struct query q = {.sql = "SELECT 1 WHERE EXISTS (SELECT 1 FROM "
					"\"user\") OR EXISTS (SELECT 1 FROM "
					"\"organization\")"};
	bool any = false;
	enum db_result rc = db_any(p->db, &q, NULL, 0, &any);

	if (any)
		fputs("occupied 1\n", p->out);
	return rc == DB_REFUSED ? DB_OK : rc;
}

static void
put_all(struct plan *p)
{
	struct names fill = {0}, except = {0};

	p->known = find_known(&p->scope, p->o->now);
	say_age(p);
	if (p->stray) {
		say_stray(p);
		p->scope.known = false;
	}
	put_cursor(p);
	sort_types(p, &fill, &except);
	put_names(p, "except", &except);
	if (!is_elsewhere(p))
		put_fill(p, &fill);
	names_free(&fill);
	names_free(&except);
}

/* By hand: where it begins, and what is asked for, is the caller's business. */
static bool
is_given(const struct terms *t)
{
	return t->begins != BEGINS_OLDEST && t->begins != BEGINS_RANGE;
}

enum db_result
plan_print(struct db *db, const struct plan_options *o, FILE *out)
{
	struct plan p = {.o = o, .db = db, .out = out};
	enum db_result rc;

	put_terms(out, o->terms);
	if (db == NULL)
		return DB_OK;
	rc = scope_read(db, o->cursor, &p.scope);
	if (rc != DB_OK)
		return rc;
	if (*p.scope.event_id == '\0')
		rc = put_occupied(&p);
	else if (!event_id_is_sound(p.scope.event_id, strlen(p.scope.event_id)))
		log_errx(STATUS_FAILED,
		    "%s: the cursor %s holds what is no event's id", o->shown,
		    o->cursor);
	else if (!is_given(o->terms) && (rc = find_event(&p)) == DB_OK)
		put_all(&p);
	scope_free(&p.scope);
	return rc;
}

/* An object's id is made as an event's is. */
static void
put_object(void *arg, const struct value *row, size_t n)
{
	(void)n;
	if (row[1].type == VALUE_TEXT &&
	    event_id_is_sound(row[1].text, row[1].len))
		fprintf(arg, "%.*s %.*s\n", (int)row[0].len, row[0].text,
		    (int)row[1].len, row[1].text);
}

/* A database of fewer types may know users and organizations by name alone. */
#define NEWEST(kind, table, column)                                            \
	"SELECT \"kind\",\"id\" FROM (SELECT '" kind "' AS \"kind\",\"" column \
	"\" AS \"id\" FROM \"" table "\" WHERE \"" column                      \
	"\" IS NOT NULL ORDER BY \"event_at\" DESC "                           \
	"LIMIT " SAMPLE_MOST ") AS \"newest\""

enum db_result
plan_sample(struct db *db, FILE *out)
{
	static struct query q = {
	    .sql = NEWEST("user", "user", "id") " UNION ALL " NEWEST(
		"organization", "organization",
		"id") " UNION ALL " NEWEST("user", "session",
		"user_id") " UNION ALL " NEWEST("organization", "session",
		"organization_id")};
	enum db_result rc = db_select(db, &q, NULL, 0, put_object, out);

	return rc == DB_REFUSED ? DB_OK : rc;
}
