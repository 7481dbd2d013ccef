/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "terms.h"

/* The rest of the text if it begins with the word and a blank, or NULL. */
static const char *
after_word(const char *text, const char *word)
{
	size_t len = strlen(word);

	if (strncmp(text, word, len) != 0 || text[len] != ' ')
		return NULL;
	return text + len + 1;
}

/* A number up to a blank or the end; *text is moved behind it. */
static int
take_number(const char **text, uint64_t *value)
{
	char *end;

	errno = 0;
	if (**text < '0' || **text > '9')
		return -1;
	*value = strtoumax(*text, &end, 10);
	if (errno != 0 || *value > INT64_MAX || (*end != '\0' && *end != ' '))
		return -1;
	*text = *end == ' ' ? end + 1 : end;
	return 0;
}

static int
take_time(const char *text, int64_t *ms)
{
	bool before_1970 = *text == '-';
	uint64_t value;

	text += before_1970;
	if (take_number(&text, &value) == -1 || *text != '\0')
		return -1;
	*ms = before_1970 ? -(int64_t)value : (int64_t)value;
	return 0;
}

static int
take_text(const char *text, char *out, size_t size)
{
	size_t len = strlen(text);

	if (len == 0 || len >= size)
		return -1;
	memcpy(out, text, len + 1);
	return 0;
}

static int
take_type(struct names *types, const char *name)
{
	if (types->n == TERMS_TYPES_MOST && !names_have(types, name))
		return -1;
	return names_add(types, name, strlen(name));
}

static int
take_begin(struct terms *t, const char *how)
{
	const char *rest;

	if (strcmp(how, "oldest") == 0) {
		t->begins = BEGINS_OLDEST;
	} else if (strcmp(how, "files") == 0) {
		t->begins = BEGINS_FILES;
	} else if ((rest = after_word(how, "at")) != NULL) {
		t->begins = BEGINS_AT;
		return take_time(rest, &t->since);
	} else if ((rest = after_word(how, "range")) != NULL) {
		t->begins = BEGINS_RANGE;
		return take_time(rest, &t->since);
	} else if ((rest = after_word(how, "after")) != NULL) {
		t->begins = BEGINS_AFTER;
		return take_text(rest, t->after, sizeof t->after);
	} else {
		return -1;
	}
	return 0;
}

static int
take_tail(struct terms *t, const char *rest)
{
	uint64_t ms;

	if (take_number(&rest, &ms) == -1 ||
	    take_number(&rest, &t->tail_lines) == -1)
		return -1;
	t->tail = true;
	t->tail_at = (int64_t)ms;
	return 0;
}

static int
take_end(struct terms *t, const char *rest)
{
	t->ended = take_number(&rest, &t->end_lines) == 0;
	return t->ended ? 0 : -1;
}

static int
take_line(struct terms *t, const char *line)
{
	const char *rest;

	if ((rest = after_word(line, "begins")) != NULL)
		return take_begin(t, rest);
	if ((rest = after_word(line, "type")) != NULL)
		return take_type(&t->types, rest);
	if ((rest = after_word(line, "refused")) != NULL)
		return take_type(&t->refused, rest);
	if ((rest = after_word(line, "tail")) != NULL)
		return take_tail(t, rest);
	if ((rest = after_word(line, "end")) != NULL)
		return take_end(t, rest);
	if ((rest = after_word(line, "organization")) != NULL)
		return take_text(rest, t->organization, sizeof t->organization);
	if ((rest = after_word(line, "margin")) != NULL)
		return take_time(rest, &t->margin);
	if (after_word(line, "follow") != NULL)
		t->follow = true;
	else if (after_word(line, "until") != NULL ||
		 after_word(line, "max") != NULL)
		t->part = true;
	else if ((rest = after_word(line, "key")) != NULL)
		t->key_of_file = strcmp(rest, "file") == 0;
	return 0; /* a newer wos-fetch may say more */
}

int
terms_take(struct terms *t, const char *line, size_t len)
{
	char text[TERMS_LINE_MAX + 1];

	if (len > TERMS_LINE_MAX || memchr(line, '\0', len) != NULL)
		return -1;
	memcpy(text, line, len);
	text[len] = '\0';
	return take_line(t, text);
}

void
terms_free(struct terms *t)
{
	names_free(&t->types);
	names_free(&t->refused);
}
