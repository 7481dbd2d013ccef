/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "timestamp.h"

#define MS_A_DAY INT64_C(86400000)
#define MS_FIRST INT64_C(-62135596800000) /* 0001-01-01T00:00:00.000Z */
#define MS_LAST INT64_C(253402300799999)  /* 9999-12-31T23:59:59.999Z */

struct text {
	const char *p;
	const char *end;
};

/* Takes exactly n digits.  Returns 0, or -1 where there are fewer. */
static int
digits(struct text *t, int n, int *value)
{
	*value = 0;
	for (; n > 0; n--, t->p++) {
		if (t->p == t->end || *t->p < '0' || *t->p > '9')
			return -1;
		*value = *value * 10 + (*t->p - '0');
	}
	return 0;
}

static bool
take(struct text *t, char c)
{
	if (t->p == t->end || *t->p != c)
		return false;
	t->p++;
	return true;
}

/*
 * The number of days from 1970-01-01 to a Gregorian date, counted in years
 * that begin with March, so that the leap day is the last of its year.
 */
static int64_t
days_from_civil(int year, int month, int day)
{
	int64_t y = month <= 2 ? year - 1 : year;
	int64_t m = month <= 2 ? month + 9 : month - 3;

	return 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day -
	       719469;
}

static int
days_in_month(int year, int month)
{
	static const int days[] = {
	    31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return month == 2 && leap ? 29 : days[month - 1];
}

static int
parse_date(struct text *t, int64_t *ms)
{
	int year, month, day;

	if (digits(t, 4, &year) == -1 || !take(t, '-') ||
	    digits(t, 2, &month) == -1 || !take(t, '-') ||
	    digits(t, 2, &day) == -1)
		return -1;
	if (year < 1 || month < 1 || month > 12 || day < 1 ||
	    day > days_in_month(year, month))
		return -1;
	*ms = days_from_civil(year, month, day) * MS_A_DAY;
	return 0;
}

static int
parse_time(struct text *t, int64_t *ms)
{
	int hour, minute, second, digit, scale = 100, places = 0;

	if (digits(t, 2, &hour) == -1 || !take(t, ':') ||
	    digits(t, 2, &minute) == -1 || !take(t, ':') ||
	    digits(t, 2, &second) == -1)
		return -1;
	/* A leap second (:60) is the first moment of the next minute. */
	if (hour > 23 || minute > 59 || second > 60)
		return -1;
	*ms += ((hour * 60 + minute) * 60 + second) * INT64_C(1000);
	if (!take(t, '.'))
		return 0;
	for (; digits(t, 1, &digit) == 0; scale /= 10)
		if (++places > 9)
			return -1;
		else
			*ms += digit * scale;
	return places > 0 ? 0 : -1;
}

static int
parse_offset(struct text *t, int64_t *ms)
{
	int sign, hour, minute = 0;

	if (t->p == t->end || take(t, 'Z') || take(t, 'z'))
		return 0;
	if (take(t, '+'))
		sign = -1;
	else if (take(t, '-'))
		sign = 1;
	else
		return -1;
	if (digits(t, 2, &hour) == -1)
		return -1;
	if (t->p != t->end && (take(t, ':'), digits(t, 2, &minute) == -1))
		return -1;
	if (hour > 23 || minute > 59)
		return -1;
	*ms += sign * (hour * 60 + minute) * INT64_C(60000);
	return 0;
}

int
timestamp_parse(const char *s, size_t len, int64_t *ms)
{
	struct text t = {s, s + len};
	int64_t value;

	if (parse_date(&t, &value) == -1)
		return -1;
	if (t.p != t.end) {
		if (!take(&t, 'T') && !take(&t, 't') && !take(&t, ' '))
			return -1;
		if (parse_time(&t, &value) == -1 ||
		    parse_offset(&t, &value) == -1)
			return -1;
	}
	if (t.p != t.end || value < MS_FIRST || value > MS_LAST)
		return -1;
	*ms = value;
	return 0;
}

void
timestamp_format(int64_t ms, char out[TIMESTAMP_SIZE])
{
	unsigned fraction;
	struct tm tm;
	time_t second;

	ms = ms < MS_FIRST ? MS_FIRST : ms > MS_LAST ? MS_LAST : ms;
	fraction = (unsigned)((ms - MS_FIRST) % 1000);
	second = (time_t)((ms - fraction) / 1000);
	gmtime_r(&second, &tm);
	snprintf(out, TIMESTAMP_SIZE, "%04u-%02u-%02uT%02u:%02u:%02u.%03uZ",
	    (unsigned)(tm.tm_year + 1900) % 10000, (tm.tm_mon + 1U) % 100,
	    tm.tm_mday % 100U, tm.tm_hour % 100U, tm.tm_min % 100U,
	    tm.tm_sec % 100U, fraction % 1000U);
}

int
timestamp_of_ulid(const char *id, size_t len, int64_t *ms)
{
	static const char crockford[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
	const size_t ulid = 26, time_chars = 10;
	const char *at;
	int64_t value = 0;

	if (len < ulid)
		return -1;
	for (size_t i = 0; i < ulid; i++) {
		at = memchr(crockford, id[len - ulid + i], 32);
		if (at == NULL || (i == 0 && at - crockford > 7))
			return -1; /* 48 bits of time: the first is 0-7 */
		if (i < time_chars)
			value = value * 32 + (at - crockford);
	}
	*ms = value;
	return 0;
}
