/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "beginning.h"
#include "jsontext.h"
#include "log.h"
#include "status.h"
#include "utf8.h"

/* What files of other kinds begin with, whatever comes then. */
static const struct {
	const char *start;
	size_t len;
	const char *why;
} kinds[] = {
#define START(bytes) (bytes), sizeof(bytes) - 1
    {START("\x1F\x8B"), "packed by gzip: zcat unpacks it"},
    {START("\x28\xB5\x2F\xFD"), "packed by zstd: zstdcat unpacks it"},
    {START("\xFD"
	   "7zXZ"),
	"packed by xz: xzcat unpacks it"},
    {START("BZh"), "packed by bzip2: bzcat unpacks it"},
    {START("PK\x03\x04"), "packed by zip: unzip -p unpacks it"},
    {START("SQLite format 3"),
	"a SQLite database: wos-apply --export writes its events"},
    {START("\xFF\xFE"), "UTF-16: iconv -f UTF-16 -t UTF-8 makes UTF-8 of it"},
    {START("\xFE\xFF"), "UTF-16: iconv -f UTF-16 -t UTF-8 makes UTF-8 of it"},
    {START("SAVEPOINT \""), "SQL of wos-decode: it is for wos-apply"},
#undef START
};

#define PAGE "a page of the API: wos-fetch --from writes its events"
#define INDENTED                                                               \
	"JSON on several lines: wos-fetch --from takes a page of the API, "    \
	"jq -c . makes lines"

static bool
is_text(struct jsonspan value, const char *text)
{
	return value.p != NULL && value.len == strlen(text) &&
	       memcmp(value.p, text, value.len) == 0;
}

/* A whole value on its line is an event, or might be one, unless it is these.
 */
static const char *
json_refused(struct jsonspan value)
{
	struct jsonspan data = jsontext_member(value, "data");
	struct jsonwalk w;

	jsonwalk_begin(&w, value.p, value.len);
	if (jsonwalk_into(&w, '[') && jsonwalk_element(&w) && *w.p == '{')
		return "an array: jq -c '.[]' makes lines of it";
	if (is_text(jsontext_member(value, "object"), "\"list\"") &&
	    data.p != NULL && *data.p == '[')
		return PAGE;
	return NULL;
}

/* Nothing but brackets: what belongs inside comes on other lines. */
static bool
is_opened(const char *text, size_t len)
{
	bool bracket = false;

	for (size_t i = 0; i < len; i++)
		if (memchr("{[", text[i], 2) != NULL)
			bracket = true;
		else if (memchr(" \t\r", text[i], 3) == NULL)
			return false;
	return bracket;
}

static const char *
refused(const char *text, size_t len)
{
	struct jsonspan value;
	const char *why;
	size_t at;

	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
		if (len >= kinds[i].len &&
		    memcmp(text, kinds[i].start, kinds[i].len) == 0)
			return kinds[i].why;
	if (is_opened(text, len))
		return INDENTED;
	value = jsontext_check(text, len, &why, &at);
	return value.p != NULL ? json_refused(value) : NULL;
}

void
beginning_check(const char *name, const char *text, size_t len)
{
	const char *why = refused(text, len);

	if (why == NULL)
		return;
	log_field("file", name);
	log_errx(STATUS_FAILED, "%s: %s", name, why);
}

size_t
beginning_take(const char *name, struct line *line)
{
	size_t mark = utf8_mark(line->p, line->len);

	line->p += mark;
	line->len -= mark;
	line->size -= mark;
	beginning_check(name, line->p, line->len);
	return mark;
}
