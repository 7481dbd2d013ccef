/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "utf8.h"
#include "visible.h"

/* One character made so: \xNN for each of its three bytes, and a NUL. */
#define VISIBLE_CHAR_SIZE 13

/*
 * Makes the text's first character visible, in `out`, without a NUL.  Returns
 * how many bytes it is there; *used is how many it was.  `len` is at least 1.
 */
static size_t
visible_char(
    const char *text, size_t len, char out[VISIBLE_CHAR_SIZE], size_t *used)
{
	size_t n = utf8_length(text, len), made = 0;
	bool plain = n > 0 && !utf8_is_control(text, n);

	*used = n > 0 ? n : 1;
	if (plain) {
		memcpy(out, text, n);
		return n;
	}
	for (size_t i = 0; i < *used; i++)
		made += (size_t)snprintf(out + made, VISIBLE_CHAR_SIZE - made,
		    "\\x%02X", (unsigned char)text[i]);
	return made;
}

char *
visible(char *out, size_t size, const char *text, size_t len)
{
	char piece[VISIBLE_CHAR_SIZE];
	size_t made = 0, n, used;

	for (; len > 0; text += used, len -= used) {
		n = visible_char(text, len, piece, &used);
		if (made + n + sizeof "..." > size) {
			memcpy(out + made, "...", 3);
			made += 3;
			break;
		}
		memcpy(out + made, piece, n);
		made += n;
	}
	out[made] = '\0';
	return out;
}

void
visible_add(struct buf *out, const char *text, size_t len)
{
	char piece[VISIBLE_CHAR_SIZE];
	size_t n, used;

	for (; len > 0; text += used, len -= used) {
		n = visible_char(text, len, piece, &used);
		buf_add(out, piece, n);
	}
}

bool
visible_wanted(int fd)
{
	static int known = -1;
	static bool wanted;

	if (fd != known)
		wanted = isatty(fd) == 1;
	known = fd;
	return wanted;
}

/* The same of data, whose tabs and ends of lines stay. */
static size_t
data_char(
    const char *text, size_t len, char out[VISIBLE_CHAR_SIZE], size_t *used)
{
	if (*text != '\t' && *text != '\n')
		return visible_char(text, len, out, used);
	*out = *text;
	*used = 1;
	return 1;
}

void
visible_data(struct buf *data)
{
	char piece[VISIBLE_CHAR_SIZE];
	struct buf out = {0};
	size_t n, used;

	for (size_t i = 0; i < data->len; i += used) {
		n = data_char(data->p + i, data->len - i, piece, &used);
		buf_add(&out, piece, n);
	}
	buf_free(data);
	*data = out;
}

void
visible_write(FILE *out, const char *text, size_t len)
{
	char piece[VISIBLE_CHAR_SIZE];
	size_t n, used;

	if (!visible_wanted(fileno(out))) {
		fwrite(text, 1, len, out);
		return;
	}
	for (; len > 0; text += used, len -= used) {
		n = data_char(text, len, piece, &used);
		fwrite(piece, 1, n, out);
	}
}
