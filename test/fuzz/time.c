/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: times and spans.  What is read as a time is written, and read
 * again, as the same; strptime(3) agrees on what both take; and the words of a
 * range, each up to a bar, are a range or the end of the program.
 */
#include <inttypes.h>
#include <setjmp.h>
#include <time.h>

#include "clock.h"
#include "duration.h"
#include "events/range.h"
#include "fuzz.h"
#include "log.h"
#include "status.h"
#include "timestamp.h"

static jmp_buf refused;

static _Noreturn void
refuse(int status)
{
	MUST(status == STATUS_USAGE);
	longjmp(refused, 1);
}

/* In whole seconds and with a Z, libc can read it, too. */
static void
check_strptime(const char *text, int64_t ms)
{
	struct tm tm = {0};
	const char *rest = strptime(text, "%Y-%m-%dT%H:%M:%SZ", &tm);

	if (rest != NULL && *rest == '\0' && strlen(text) == 20)
		MUST((int64_t)timegm(&tm) * 1000 == ms);
}

static void
check_time(const char *text, size_t len)
{
	char written[TIMESTAMP_SIZE];
	int64_t ms = INT64_MIN, again;

	if (timestamp_parse(text, len, &ms) == -1) {
		MUST(ms == INT64_MIN);
	} else {
		timestamp_format(ms, written);
		MUST(strlen(written) == TIMESTAMP_SIZE - 1);
		MUST(timestamp_parse(written, strlen(written), &again) == 0);
		MUST(again == ms);
		check_strptime(text, ms);
	}
	if (timestamp_of_ulid(text, len, &ms) == 0)
		MUST(ms >= 0 && ms < INT64_C(1) << 50);
}

static void
check_duration(const char *text)
{
	int64_t ms, again;
	char seconds[32];

	if (duration_read(text, &ms) == -1)
		return;
	MUST(ms >= 0 && ms % 1000 == 0);
	snprintf(seconds, sizeof seconds, "%" PRId64 "s", ms / 1000);
	MUST(duration_read(seconds, &again) == 0 && again == ms);
}

/* The next of the words, or NULL; none is empty. */
static const char *
next_word(char **text)
{
	const char *word = strsep(text, "|");

	return word == NULL || *word == '\0' ? NULL : word;
}

static void
check_range(char *text)
{
	struct range r;
	struct terms t = {.since = TIME_NONE,
	    .until = TIME_NONE,
	    .passes_at = TIME_NONE,
	    .margin = TIME_NONE,
	    .max = UINT64_MAX};

	r.since = next_word(&text);
	r.until = next_word(&text);
	r.cursor_time = next_word(&text);
	t.after = next_word(&text);
	if (t.after != NULL && duration_read(t.after, &t.margin) == -1)
		t.margin = DAY_MS;
	if (setjmp(refused) != 0)
		return;
	range_read(&r, &t);
	if (t.since != TIME_NONE && t.until != TIME_NONE && t.max != 0)
		MUST(t.since < t.until);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char text[512];

	if (size >= sizeof text)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	log_on_exit(refuse);
	check_time(text, size);
	check_duration(text);
	check_range(text);
	return 0;
}
