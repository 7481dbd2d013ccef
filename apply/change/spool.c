/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <unistd.h>

#include "change/spool.h"
#include "log.h"
#include "status.h"

static void
file_failed(void)
{
	log_err(STATUS_FAILED, "temporary file");
}

void
spool_init(struct spool *s)
{
	*s = (struct spool){.file = tmpfile()};
	if (s->file == NULL)
		file_failed();
}

/* Moves what is in memory into the file. */
static void
put_off(struct spool *s)
{
	if (fseeko(s->file, (off_t)s->filed, SEEK_SET) == -1 ||
	    fwrite(s->text.p, 1, s->text.len, s->file) != s->text.len ||
	    fflush(s->file) == EOF)
		file_failed();
	s->filed += s->text.len;
	buf_clear(&s->text);
}

void
spool_add(struct spool *s, const struct buf *line)
{
	if (s->text.len + line->len > SPOOL_MEMORY && s->text.len > 0)
		put_off(s);
	buf_add(&s->text, line->p, line->len);
}

size_t
spool_size(const struct spool *s)
{
	return s->filed + s->text.len;
}

void
spool_cut(struct spool *s, size_t size)
{
	if (size >= s->filed) {
		s->text.len = size - s->filed;
		return;
	}
	if (ftruncate(fileno(s->file), (off_t)size) == -1)
		file_failed();
	s->filed = size;
	buf_clear(&s->text);
}

bool
spool_each(struct spool *s, spool_fn *take, void *arg)
{
	char *line = NULL;
	size_t cap = 0, done = 0;
	ssize_t len;
	bool taken = true;

	if (s->filed > 0)
		rewind(s->file);
	while (taken && done < s->filed) {
		if ((len = getline(&line, &cap, s->file)) == -1)
			file_failed();
		done += (size_t)len;
		taken = take(arg, line, (size_t)len);
	}
	free(line);
	if (taken && s->text.len > 0)
		taken = take(arg, s->text.p, s->text.len);
	return taken;
}

void
spool_free(struct spool *s)
{
	if (s->file != NULL)
		fclose(s->file);
	buf_free(&s->text);
}
