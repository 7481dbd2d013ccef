/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "jsontext.h"
#include "otlp_shape.h"
#include "trace/traceparent.h"
#include "utf8.h"

enum kind {
	TEXT,
	TRACE_ID,
	SPAN_ID,
	INTEGER, /* a number of 64 bits, which is a string in JSON */
	NUMBER,
	OBJECT,
	LIST, /* of objects */
};

/* A member of an object.  A list of them ends with one that has no name. */
struct field {
	const char *name;
	enum kind kind;
	bool needed;
	const struct field *of;
};

static const struct field value_fields[] = {
    {"stringValue", TEXT, false, NULL},
    {"intValue", INTEGER, false, NULL},
    {NULL, TEXT, false, NULL},
};

static const struct field attribute_fields[] = {
    {"key", TEXT, true, NULL},
    {"value", OBJECT, true, value_fields},
    {NULL, TEXT, false, NULL},
};

static const struct field event_fields[] = {
    {"timeUnixNano", INTEGER, true, NULL},
    {"name", TEXT, true, NULL},
    {"attributes", LIST, true, attribute_fields},
    {NULL, TEXT, false, NULL},
};

static const struct field status_fields[] = {
    {"code", NUMBER, true, NULL},
    {"message", TEXT, true, NULL},
    {NULL, TEXT, false, NULL},
};

static const struct field span_fields[] = {
    {"traceId", TRACE_ID, true, NULL},
    {"spanId", SPAN_ID, true, NULL},
    {"parentSpanId", SPAN_ID, false, NULL},
    {"flags", NUMBER, true, NULL},
    {"name", TEXT, true, NULL},
    {"kind", NUMBER, true, NULL},
    {"startTimeUnixNano", INTEGER, true, NULL},
    {"endTimeUnixNano", INTEGER, true, NULL},
    {"attributes", LIST, false, attribute_fields},
    {"events", LIST, false, event_fields},
    {"droppedEventsCount", NUMBER, false, NULL},
    {"status", OBJECT, false, status_fields},
    {NULL, TEXT, false, NULL},
};

static const struct field scope_fields[] = {
    {"name", TEXT, true, NULL},
    {"version", TEXT, true, NULL},
    {NULL, TEXT, false, NULL},
};

static const struct field scope_spans_fields[] = {
    {"scope", OBJECT, true, scope_fields},
    {"spans", LIST, true, span_fields},
    {NULL, TEXT, false, NULL},
};

static const struct field resource_fields[] = {
    {"attributes", LIST, true, attribute_fields},
    {NULL, TEXT, false, NULL},
};

static const struct field resource_spans_fields[] = {
    {"resource", OBJECT, true, resource_fields},
    {"scopeSpans", LIST, true, scope_spans_fields},
    {NULL, TEXT, false, NULL},
};

static const struct field line_fields[] = {
    {"resourceSpans", LIST, true, resource_spans_fields},
    {NULL, TEXT, false, NULL},
};

/* Whether the text between the quotes is of these characters. */
static bool
is_of(struct jsonspan value, const char *characters)
{
	if (*value.p != '"')
		return false;
	for (size_t i = 1; i < value.len - 1; i++)
		if (strchr(characters, value.p[i]) == NULL ||
		    value.p[i] == '\0')
			return false;
	return true;
}

/* Not all of its digits may be 0. */
static bool
is_id(struct jsonspan value, size_t digits)
{
	return value.len == digits + 2 && is_of(value, "0123456789abcdef") &&
	       !is_of(value, "0");
}

/* Up to 19 digits, which are less than 2^64. */
static bool
is_integer(struct jsonspan value)
{
	size_t sign = value.len > 2 && value.p[1] == '-';

	return value.len > 2 + sign && value.len <= 2 + sign + 19 &&
	       is_of(value, "-0123456789") &&
	       memchr(value.p + 1 + sign, '-', value.len - 2 - sign) == NULL;
}

/* UTF-8, without an escape for half a character. */
static bool
is_text(struct jsonspan value)
{
	size_t n;

	if (*value.p != '"')
		return false;
	for (size_t i = 0; i < value.len; i += n) {
		if (value.p[i] == '\\' && (value.p[i + 1] | 0x20) == 'u' &&
		    (value.p[i + 2] | 0x20) == 'd')
			return false;
		n = value.p[i] == '\\'
			? 2
			: utf8_length(value.p + i, value.len - i);
		if (n == 0)
			return false;
	}
	return true;
}

static bool is_object(struct jsonspan value, const struct field *fields);

static bool
is_list(struct jsonspan value, const struct field *fields)
{
	struct jsonwalk w;

	jsonwalk_begin(&w, value.p, value.len);
	if (!jsonwalk_into(&w, '['))
		return false;
	while (jsonwalk_element(&w))
		if (!is_object(jsonwalk_value(&w), fields))
			return false;
	return true;
}

static bool
is_kind(struct jsonspan value, const struct field *field)
{
	switch (field->kind) {
	case TEXT:
		return is_text(value);
	case TRACE_ID:
		return is_id(value, TRACE_ID_DIGITS);
	case SPAN_ID:
		return is_id(value, SPAN_ID_DIGITS);
	case INTEGER:
		return is_integer(value);
	case NUMBER:
		return value.len < 10 && *value.p >= '0' && *value.p <= '9' &&
		       memchr(value.p, '.', value.len) == NULL &&
		       memchr(value.p, 'e', value.len) == NULL &&
		       memchr(value.p, 'E', value.len) == NULL;
	case OBJECT:
		return is_object(value, field->of);
	case LIST:
		return is_list(value, field->of);
	}
	return false;
}

static bool
is_named(struct jsonspan name, const char *text)
{
	return name.len == strlen(text) + 2 &&
	       memcmp(name.p + 1, text, name.len - 2) == 0;
}

/*
 * All of its members are known, of their kinds, and there once, if they are
 * needed; a value is one thing.
 */
static bool
is_object(struct jsonspan value, const struct field *fields)
{
	struct jsonmembers members;
	size_t known = 0, n;

	if (*value.p != '{' || jsontext_members(value, &members) == -1)
		return false;
	for (const struct field *f = fields; f->name != NULL; f++) {
		n = 0;
		for (size_t i = 0; i < members.n; i++) {
			if (!is_named(members.member[i].name, f->name))
				continue;
			if (!is_kind(members.member[i].value, f))
				return false;
			n++;
		}
		if (n > 1 || (f->needed && n == 0))
			return false;
		known += n;
	}
	return known == members.n && (fields != value_fields || known == 1);
}

bool
shape_is_ours(const char *line, size_t len)
{
	struct jsonspan value;
	const char *why;
	size_t at;

	value = jsontext_check(line, len, &why, &at);
	return value.p != NULL && is_object(value, line_fields);
}
