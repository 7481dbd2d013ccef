/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "envelope.h"
#include "filter.h"
#include "jq_filter.h"
#include "lines.h"
#include "memory.h"

struct filter {
	struct jq_filter *jq;
	size_t n;         /* values that it has made of the event */
	bool same;        /* the event's own */
	struct buf made;  /* the first of them, as jq writes it */
	struct buf exact; /* the same with the event's own digits */
	struct buf mended;
};

struct filter *
filter_new(const char *program)
{
	struct filter *f = memory_new(1, sizeof *f);

	f->jq = jq_filter_new(program);
	return f;
}

void
filter_free(struct filter *f)
{
	if (f == NULL)
		return;
	jq_filter_free(f->jq);
	buf_free(&f->made);
	buf_free(&f->exact);
	buf_free(&f->mended);
	free(f);
}

static void
take_value(void *arg, const char *value, size_t len)
{
	struct filter *f = arg;

	if (f->n++ > 0)
		return;
	f->same = jq_filter_same(f->jq);
	buf_add(&f->made, value, len);
}

static bool
is_number(struct jsonspan value)
{
	return *value.p == '-' || (*value.p >= '0' && *value.p <= '9');
}

/* As libjq reads it. */
static double
number(struct jsonspan value)
{
	char *end;

	return strtod(value.p, &end); /* something that is no digit follows */
}

static size_t
count_elements(struct jsonspan array)
{
	struct jsonwalk w;
	size_t n = 0;

	jsonwalk_begin(&w, array.p, array.len);
	if (jsonwalk_into(&w, '['))
		for (; jsonwalk_element(&w); n++)
			jsonwalk_value(&w);
	return n;
}

static void add_exact(
    struct buf *out, struct jsonspan made, struct jsonspan was);

static void
add_object(struct buf *out, struct jsonspan made, struct jsonspan was)
{
	struct jsonspan name, old;
	struct jsonmembers members;
	const char *comma = "";
	struct jsonwalk w;

	if (jsontext_members(was, &members) == -1)
		members.n = 0;
	buf_putc(out, '{');
	jsonwalk_begin(&w, made.p, made.len);
	(void)jsonwalk_into(&w, '{');
	for (; jsonwalk_member(&w, &name); comma = ",") {
		old = (struct jsonspan){0};
		for (size_t i = 0; i < members.n; i++)
			if (jsontext_is_alike(members.member[i].name, name))
				old = members.member[i].value;
		buf_puts(out, comma);
		buf_add(out, name.p, name.len);
		buf_putc(out, ':');
		add_exact(out, jsonwalk_value(&w), old);
	}
	buf_putc(out, '}');
}

/* Elements are known by their places, unless some have come or gone. */
static void
add_array(struct buf *out, struct jsonspan made, struct jsonspan was)
{
	const char *comma = "";
	struct jsonwalk w, old;

	if (count_elements(made) != count_elements(was)) {
		buf_add(out, made.p, made.len);
		return;
	}
	buf_putc(out, '[');
	jsonwalk_begin(&w, made.p, made.len);
	jsonwalk_begin(&old, was.p, was.len);
	(void)jsonwalk_into(&w, '[');
	(void)jsonwalk_into(&old, '[');
	for (; jsonwalk_element(&w) && jsonwalk_element(&old); comma = ",") {
		buf_puts(out, comma);
		add_exact(out, jsonwalk_value(&w), jsonwalk_value(&old));
	}
	buf_putc(out, ']');
}

/*
 * Adds what the filter has made, with the digits of each number that it left
 * where it was: libjq 1.6 keeps 17 of them.
 */
static void
add_exact(struct buf *out, struct jsonspan made, struct jsonspan was)
{
	bool both = was.p != NULL && *was.p == *made.p;

	if (both && *made.p == '{')
		add_object(out, made, was);
	else if (both && *made.p == '[')
		add_array(out, made, was);
	else if (was.p != NULL && is_number(was) && is_number(made) &&
		 number(was) == number(made))
		buf_add(out, was.p, was.len);
	else
		buf_add(out, made.p, made.len);
}

/* {"id":"event_01...","event":"...","created_at":"..."} */
static struct jsonspan
envelope_alone(struct buf *out, const struct event *e)
{
	for (int i = 0; i < ENVELOPE_MEMBERS; i++) {
		buf_printf(
		    out, "%c\"%s\":", i == 0 ? '{' : ',', envelope_name[i]);
		buf_add(out, e->member[i].p, e->member[i].len);
	}
	buf_putc(out, '}');
	return (struct jsonspan){out->p, out->len};
}

/*
 * Takes what the filter has made for the event, unless it is no event or
 * another one.  Returns what is wrong then, or NULL.
 */
static const char *
take_made(struct event *e, struct jsonspan made)
{
	struct event it = {0};
	bool same;

	if (made.len > LINE_MAX_BYTES)
		return "makes a longer line of it than there may be";
	if (*made.p != '{')
		return "makes no object of it";
	event_find(&it, made);
	same = event_read(&it, made) == 0 && strcmp(it.id, e->id) == 0 &&
	       strcmp(it.name.p, e->name.p) == 0 && it.at == e->at;
	e->data = it.data;
	e->bare = it.bare;
	event_release(&it);
	return same ? NULL : "changes its id, event or created_at";
}

static struct jsonspan
fail(struct event *e, const char *who, const char *why)
{
	event_refuse(e, "%.80s: --jq: %s%s", e->id, who, why);
	return (struct jsonspan){0};
}

struct jsonspan
filter_run(struct filter *f, struct event *e, struct jsonspan text)
{
	struct jsonspan made;
	const char *why;

	f->n = 0;
	buf_trim(&f->made, EVENT_KEPT_BYTES);
	buf_trim(&f->exact, EVENT_KEPT_BYTES);
	buf_trim(&f->mended, EVENT_KEPT_BYTES);
	if (jq_filter_each(f->jq, text.p, text.len, take_value, f) == -1)
		return fail(e, "", jq_filter_why(f->jq));
	if (f->n == 1 && f->same)
		return text;
	if (f->n > 1)
		return fail(
		    e, "the filter ", "makes more than one value of it");
	if (f->n == 0) {
		e->bare = true;
		return envelope_alone(&f->exact, e);
	}
	made = (struct jsonspan){f->made.p, f->made.len};
	add_exact(&f->exact, made, text);
	made = (struct jsonspan){f->exact.p, f->exact.len};
	made = jsontext_mend(made, &f->mended);
	why = take_made(e, made);
	return why == NULL ? made : fail(e, "the filter ", why);
}
