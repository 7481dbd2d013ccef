/* SPDX-License-Identifier: MIT */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "descriptors.h"
#include "forget/who.h"
#include "log.h"
#include "status.h"

FILE *
who_open(const char *place, const char *file)
{
	bool is_stdin = strcmp(file, "-") == 0;
	FILE *f = is_stdin ? stdin : fopen(file, "re");

	if (is_stdin)
		descriptors_await("people, an id or an address on each line");
	if (f == NULL)
		log_err(STATUS_FAILED, "%s: %s", place, file);
	return f;
}

/*
 * The line without what is around it, as the mark of UTF-8 before the first
 * one; *len becomes its length.
 */
static const char *
trim(const char *line, size_t *len, bool first)
{
	static const char space[] = " \t\r\n", mark[] = "\xef\xbb\xbf";

	if (first && strncmp(line, mark, sizeof mark - 1) == 0) {
		line += sizeof mark - 1;
		*len -= sizeof mark - 1;
	}
	while (*len > 0 && strchr(space, line[*len - 1]) != NULL)
		--*len;
	while (*len > 0 && strchr(space, *line) != NULL) {
		line++;
		--*len;
	}
	return line;
}

/*
 * An id has no blank in it, and an address one @ at least.  What else is around
 * one in a list, as <ada@example.com>, would name nobody, and nobody would
 * know.
 */
static bool
can_be_one(const char *text, size_t len)
{
	if (len > ERASED_TEXT_MAX || memchr(text, '\0', len) != NULL)
		return false;
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)text[i] <= ' ' ||
		    strchr("\"<>,;", text[i]) != NULL)
			return false;
	return memchr(text, '@', len) == NULL || erased_is_address(text, len);
}

void
who_read(const char *place, FILE *f,
    void (*take)(
	void *arg, enum erased_kind kind, const char *text, size_t len),
    void *arg)
{
	char *line = NULL;
	const char *text;
	size_t cap = 0, len, n = 0, many = 0;
	ssize_t size;

	while ((size = getline(&line, &cap, f)) != -1) {
		n++;
		len = (size_t)size;
		text = trim(line, &len, n == 1);
		if (len == 0)
			continue;
		if (!can_be_one(text, len))
			log_errx(STATUS_USAGE,
			    "%s: line %zu: neither an id nor an address", place,
			    n);
		if (++many > WHO_MOST)
			log_errx(
			    STATUS_USAGE, "%s: more than %d", place, WHO_MOST);
		take(arg,
		    memchr(text, '@', len) != NULL ? ERASED_ADDRESS : ERASED_ID,
		    text, len);
	}
	if (ferror(f))
		log_err(STATUS_FAILED, "%s: read error", place);
	if (many == 0)
		log_errx(STATUS_USAGE, "%s: nobody is named", place);
	free(line);
	if (f != stdin) /* whose place another file would take */
		fclose(f);
}
