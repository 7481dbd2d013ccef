/* SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <string.h>

#include <jv.h>

#include "jsontext.h"
#include "log.h"
#include "refusal.h"

/* An error text is a few hundred bytes; a longer one is not worth reading. */
#define REFUSAL_MAX 65536

/* More than a handful of faulty fields tell no more. */
#define FIELDS_MAX 8

/* The body as a value, or an invalid one if it is not JSON. */
static jv
body_value(const struct buf *body)
{
	const char *why;
	size_t at;

	if (body->len == 0 || body->len > REFUSAL_MAX ||
	    jsontext_check(body->p, body->len, &why, &at).p == NULL)
		return jv_invalid();
	return jv_parse_sized(body->p, (int)body->len);
}

/* A member of the object, or an invalid value.  Takes the object. */
static jv
member(jv object, const char *name)
{
	if (jv_get_kind(object) == JV_KIND_OBJECT)
		return jv_object_get(object, jv_string(name));
	jv_free(object);
	return jv_invalid();
}

/* Adds `before` and the string, if it is one.  Takes the value. */
static bool
add_string(struct buf *out, const char *before, jv value)
{
	char quote[LOG_QUOTE_SIZE];
	bool is_string = jv_get_kind(value) == JV_KIND_STRING;

	if (is_string) {
		buf_puts(out, before);
		buf_puts(
		    out, log_quote(quote, jv_string_value(value),
			     (size_t)jv_string_length_bytes(jv_copy(value))));
		/* A sentence's full stop would end the message too early. */
		if (out->p[out->len - 1] == '.')
			out->len--;
	}
	jv_free(value);
	return is_string;
}

/* errors: [{"field": "events", "code": "required"}].  Takes the body. */
static void
add_fields(struct buf *out, jv body)
{
	jv list = member(body, "errors");
	int n = 0;

	if (jv_get_kind(list) == JV_KIND_ARRAY)
		n = jv_array_length(jv_copy(list));
	for (int i = 0; i < n && i < FIELDS_MAX; i++) {
		jv item = jv_array_get(jv_copy(list), i);

		add_string(out, "; ", member(jv_copy(item), "field"));
		add_string(out, ": ", member(jv_copy(item), "code"));
		add_string(out, ": ", member(item, "message"));
	}
	jv_free(list);
}

void
refusal_add(struct buf *out, long status, const struct buf *body)
{
	char quote[LOG_QUOTE_SIZE];
	jv value = body_value(body);

	buf_printf(out, "%ld", status);
	if (add_string(out, ": ", member(jv_copy(value), "message"))) {
		add_string(out, ": ", member(jv_copy(value), "code"));
		add_fields(out, jv_copy(value));
	} else if (!add_string(out, ": ", jv_copy(value)) && body->len > 0) {
		buf_printf(out, ": the answer begins: %s",
		    log_quote(quote, body->p, body->len));
	}
	if (status == 401)
		buf_puts(out, REFUSAL_OTHER_KEY);
	jv_free(value);
}

bool
refusal_of_name(const struct buf *body, char *name, size_t size)
{
	static const char before[] = "Invalid name parameter, received: '";
	jv message = member(body_value(body), "message");
	const char *text, *end;
	bool found = false;

	if (jv_get_kind(message) == JV_KIND_STRING) {
		text = strstr(jv_string_value(message), before);
		text = text ? text + sizeof before - 1 : NULL;
		end = text ? strchr(text, '\'') : NULL;
		found = end != NULL && (size_t)(end - text) < size;
		if (found) {
			memcpy(name, text, (size_t)(end - text));
			name[end - text] = '\0';
		}
	}
	jv_free(message);
	return found;
}

/* Is the member this string?  Takes the object. */
static bool
has_member(jv object, const char *name, const char *text)
{
	jv value = member(object, name);
	bool is_it = jv_get_kind(value) == JV_KIND_STRING &&
		     strcmp(jv_string_value(value), text) == 0;

	jv_free(value);
	return is_it;
}

bool
refusal_of_entity(long status, const struct buf *body, const char *id)
{
	jv value;

	if (status != 404 || *id == '\0')
		return false;
	value = body_value(body);
	if (has_member(jv_copy(value), "code", "entity_not_found"))
		return has_member(value, "entity_id", id);
	jv_free(value);
	return false;
}

/* Does the word stand in the text, by itself and in any case? */
static bool
has_word(const char *text, const char *word)
{
	size_t len = strlen(word);

	for (const char *p = text; (p = strcasestr(p, word)) != NULL; p++)
		if ((p == text || !isalnum((unsigned char)p[-1])) &&
		    !isalnum((unsigned char)p[len]))
			return true;
	return false;
}

/* Is it a request that can't be met, and does the body say one of these? */
static bool
complains_of(long status, const struct buf *body, const char *const word[])
{
	struct buf text = {0};
	bool found = false;

	if (status != 400 && status != 404 && status != 410 && status != 422)
		return false;
	buf_add(
	    &text, body->p, body->len < REFUSAL_MAX ? body->len : REFUSAL_MAX);
	for (buf_str(&text); *word != NULL && !found; word++)
		found = has_word(text.p, *word);
	buf_free(&text);
	return found;
}

/*
 * What the API answers to an `after` that has expired, or that another
 * environment made, is written nowhere.  It has to be one of the statuses for
 * a request that can't be met, and to be understood it has to speak of the
 * cursor: by the event's id, as it names an organization that it does not
 * know, or by the parameter's name, as it names a faulty field.  The
 * complaint about an event type's name is another one, and is asked first.
 */
bool
refusal_of_cursor(long status, const struct buf *body, const char *cursor)
{
	const char *const words[] = {
	    cursor, "after", "cursor", "event not found", NULL};

	return complains_of(status, body, words);
}

bool
refusal_of_end(long status, const struct buf *body)
{
	static const char *const words[] = {"range_end", NULL};

	return complains_of(status, body, words);
}
