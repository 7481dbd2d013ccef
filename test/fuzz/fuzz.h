/* SPDX-License-Identifier: MIT */
#ifndef WOS_FUZZ_H
#define WOS_FUZZ_H

#include <jv.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "jsontext.h"
#include "utf8.h"

/* What all fuzz targets have. */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What holds whatever the input. */
#define MUST(what)                                                             \
	do                                                                     \
		if (!(what)) {                                                 \
			fprintf(stderr, "%s:%d: not so: %s\n", __FILE__,       \
			    __LINE__, #what);                                  \
			abort();                                               \
		}                                                              \
	while (0)

static inline bool
is_utf8(const char *text, size_t len)
{
	size_t n;

	for (size_t i = 0; i < len; i += n)
		if ((n = utf8_length(text + i, len - i)) == 0)
			return false;
	return true;
}

/* The value as libjq reads it, for jv_free; to us it is JSON already. */
static inline jv
read_jv(struct jsonspan text)
{
	struct buf mended = {0};
	jv v;

	text = jsontext_mend(text, &mended);
	v = jv_parse_sized(text.p, (int)text.len);
	buf_free(&mended);
	MUST(jv_is_valid(v));
	return v;
}

/* Is the text one value of JSON, in one line? */
static inline struct jsonspan
read_line(const char *line, size_t len)
{
	struct jsonspan value;
	const char *why;
	size_t at;

	value = jsontext_check(line, len, &why, &at);
	MUST(value.p != NULL && value.len == len);
	MUST(memchr(line, '\n', len) == NULL);
	return value;
}

#endif
