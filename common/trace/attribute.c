/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <string.h>

#include "attribute.h"
#include "json_string.h"
#include "secret.h"

/* At most so many bytes of the text, and no half of a character. */
static size_t
cut(const char *text, size_t len, size_t most)
{
	if (len <= most)
		return len;
	while (most > 0 && ((unsigned char)text[most] & 0xC0) == 0x80)
		most--;
	return most;
}

void
attribute_string(struct buf *out, const char *text, size_t len)
{
	char clean[ATTRIBUTE_MAX];

	len = cut(text, len, ATTRIBUTE_MAX);
	len = secret_hide(clean, sizeof clean, text, len);
	json_string(out, clean, len);
}

static void
add_name(struct buf *list, const char *name)
{
	if (list->len > 0)
		buf_putc(list, ',');
	buf_puts(list, "{\"key\":");
	attribute_string(list, name, strlen(name));
}

void
attribute_text(struct buf *list, const char *name, const char *value)
{
	add_name(list, name);
	buf_puts(list, ",\"value\":{\"stringValue\":");
	attribute_string(list, value, strlen(value));
	buf_puts(list, "}}");
}

/* 64 bits are more than a number of JSON holds everywhere: it is a string. */
void
attribute_int(struct buf *list, const char *name, int64_t value)
{
	add_name(list, name);
	buf_printf(list, ",\"value\":{\"intValue\":\"%" PRId64 "\"}}", value);
}
