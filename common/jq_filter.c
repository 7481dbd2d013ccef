/* SPDX-License-Identifier: MIT */
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include <jq.h>

#include "buf.h"
#include "jq_filter.h"
#include "jq_memory.h"
#include "jsontext.h"
#include "log.h"
#include "memory.h"
#include "mend.h"
#include "status.h"

struct jq_filter {
	jq_state *jq;
	struct buf why;
	struct buf text;   /* UTF-8, or libjq 1.6 loses good bytes, too */
	struct buf mended; /* the same, where it has escapes */
	size_t bytes;      /* made of it so far */
	bool same;         /* the value at hand is the text's own */
	jv input;
};

/*
 * The line before a program's first.  It takes away what reaches out of a
 * filter, and with definitions before it a program can't import a module.
 */
static const char prelude[] =
    "def env: {}; def stderr: .; "
    "def modulemeta: error(\"modulemeta: there are no modules\"); "
    "def halt: error(\"halt: a filter can't stop the stream\"); "
    "def halt_error: halt; def halt_error(f): halt;\n";

/* What the timer is to stop. */
static jq_state *running;

/* It sets a flag that libjq looks at before each step of a program. */
static void
take_alarm(int number)
{
	(void)number;
	if (running != NULL && !jq_halted(running))
		jq_halt(running, jv_null(), jv_null());
}

static void
set_timer(jq_state *jq)
{
	const struct itimerval limit = {
	    .it_value.tv_sec = jq != NULL ? JQ_SECONDS : 0};

	running = jq;
	setitimer(ITIMER_PROF, &limit, NULL);
}

/* "jq: error: REASON at <top-level>, line N:" and the line: keeps the first. */
static void
take_compile_error(void *arg, jv message)
{
	static const char before[] = "jq: error: ",
			  place[] = " at <top-level>, line ";
	struct buf *why = arg;
	const char *text, *end;

	if (jv_get_kind(message) == JV_KIND_STRING && why->len == 0) {
		text = jv_string_value(message);
		if (strncmp(text, before, strlen(before)) == 0)
			text += strlen(before);
		if ((end = strstr(text, place)) == NULL)
			end = text + strlen(text);
		else
			buf_printf(why, "line %ld: ",
			    strtol(end + strlen(place), NULL, 10) - 1);
		buf_add(why, text, (size_t)(end - text));
	}
	jv_free(message);
}

/* libjq reads $ENV now, and with a HOME it loads the .jq of that folder. */
static bool
compile(jq_state *jq, const char *program)
{
	struct buf text = {0};
	char *nothing[] = {NULL}, **saved = environ;
	bool compiled;

	buf_printf(&text, "%s%s", prelude, program);
	environ = nothing;
	compiled = jq_compile(jq, buf_str(&text)) != 0;
	environ = saved;
	buf_free(&text);
	return compiled;
}

struct jq_filter *
jq_filter_new(const char *program)
{
	struct sigaction sa = {
	    .sa_handler = take_alarm, .sa_flags = SA_RESTART};
	struct jq_filter *f = memory_new(1, sizeof *f);
	struct buf why = {0};

	if ((f->jq = jq_init()) == NULL)
		memory_out();
	/* libjq 1.6 has anything there, and calls it for `input` or `debug`. */
	jq_set_input_cb(f->jq, NULL, NULL);
	jq_set_debug_cb(f->jq, NULL, NULL);
	jq_memory_of(f->jq);
	jq_set_error_cb(f->jq, take_compile_error, &why);
	if (!compile(f->jq, program)) {
		jq_filter_free(f);
		log_errx(STATUS_USAGE, "--jq: %s", buf_str(&why));
	}
	jq_set_error_cb(f->jq, NULL, NULL);
	buf_free(&why);
	sigaction(SIGPROF, &sa, NULL);
	return f;
}

void
jq_filter_free(struct jq_filter *f)
{
	if (f == NULL)
		return;
	jq_teardown(&f->jq);
	buf_free(&f->why);
	buf_free(&f->text);
	buf_free(&f->mended);
	free(f);
}

bool
jq_filter_same(const struct jq_filter *f)
{
	return f->same;
}

const char *
jq_filter_why(struct jq_filter *f)
{
	return buf_str(&f->why);
}

/* Is it nested deeper than that?  Takes the value. */
static bool
is_deeper(jv value, unsigned most)
{
	bool deeper = false;

	switch (jv_get_kind(value)) {
	case JV_KIND_ARRAY:
		deeper = most == 0;
		jv_array_foreach(value, i, item)
		{
			deeper = deeper || is_deeper(jv_copy(item), most - 1);
			jv_free(item);
		}
		break;
	case JV_KIND_OBJECT:
		deeper = most == 0;
		jv_object_foreach(value, name, item)
		{
			deeper = deeper || is_deeper(jv_copy(item), most - 1);
			jv_free(name);
			jv_free(item);
		}
		break;
	default:
		break;
	}
	jv_free(value);
	return deeper;
}

/*
 * The value as text, or an invalid value: libjq writes by calling itself, as
 * deep as the value is.  Takes the value.
 */
static jv
to_text(jv value)
{
	if (!is_deeper(jv_copy(value), JSONTEXT_MAX_DEPTH))
		return jv_dump_string(value, 0);
	jv_free(value);
	return jv_invalid();
}

/* Hands over one value, which it takes. */
static int
hand_over(struct jq_filter *f, jv value,
    void (*take)(void *, const char *, size_t), void *arg)
{
	size_t len;
	jv text;

	f->same = jv_equal(jv_copy(value), jv_copy(f->input));
	text = to_text(value);
	if (!jv_is_valid(text)) {
		buf_puts(&f->why, "the program's value is nested too deeply");
		return -1;
	}
	len = (size_t)jv_string_length_bytes(jv_copy(text));
	f->bytes += len + 1;
	if (f->bytes <= JQ_BYTES_MAX)
		take(arg, jv_string_value(text), len);
	else
		buf_printf(&f->why, "the program makes more than %d MiB of it",
		    JQ_BYTES_MAX >> 20);
	jv_free(text);
	return f->bytes <= JQ_BYTES_MAX ? 0 : -1;
}

/* What comes when there are no more values: nothing, or an error. */
static int
take_end(struct jq_filter *f, jv end)
{
	jv error;

	if (jq_halted(f->jq)) {
		jv_free(end);
		buf_printf(&f->why, "the program takes longer than %d s for it",
		    JQ_SECONDS);
		return -1;
	}
	if (!jv_invalid_has_msg(jv_copy(end))) {
		jv_free(end);
		return 0;
	}
	error = jv_invalid_get_msg(end);
	if (jv_get_kind(error) != JV_KIND_STRING)
		error = to_text(error);
	if (jv_is_valid(error))
		buf_puts(&f->why, jv_string_value(error));
	if (f->why.len == 0) /* error("") */
		buf_puts(&f->why, "an error");
	jv_free(error);
	return -1;
}

int
jq_filter_each(struct jq_filter *f, const char *text, size_t len,
    void (*take)(void *, const char *, size_t), void *arg)
{
	const char *why;
	size_t at;
	struct jsonspan span = jsontext_check(text, len, &why, &at);
	int rc = 0;
	jv value;

	buf_clear(&f->why);
	f->bytes = 0;
	if (span.p == NULL) {
		buf_puts(&f->why, why);
		return -1;
	}
	buf_clear(&f->text);
	mend_utf8(&f->text, span.p, span.len);
	span = (struct jsonspan){f->text.p, f->text.len};
	span = jsontext_mend(span, &f->mended);
	set_timer(f->jq);
	f->input = jv_parse_sized(span.p, (int)span.len);
	jq_start(f->jq, jv_copy(f->input), 0);
	while (rc == 0 && jv_is_valid(value = jq_next(f->jq)))
		rc = hand_over(f, value, take, arg);
	set_timer(NULL);
	jv_free(f->input);
	return rc == 0 ? take_end(f, value) : rc;
}
