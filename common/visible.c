#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "utf8.h"
#include "visible.h"

size_t
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

static void
add_data(struct buf *out, const char *text, size_t len)
{
	const char *end = text + len;
	size_t n;

	while (text < end) {
		for (n = 0;
		     text + n < end && text[n] != '\t' && text[n] != '\n';)
			n++;
		visible_add(out, text, n);
		text += n;
		if (text < end)
			buf_putc(out, *text++);
	}
}

void
visible_data(struct buf *data)
{
	struct buf out = {0};

	add_data(&out, data->p, data->len);
	buf_free(data);
	*data = out;
}

void
visible_write(FILE *out, const char *text, size_t len)
{
	struct buf data = {0};

	if (!visible_wanted(fileno(out))) {
		fwrite(text, 1, len, out);
		return;
	}
	add_data(&data, text, len);
	fwrite(data.p, 1, data.len, out);
	buf_free(&data);
}
