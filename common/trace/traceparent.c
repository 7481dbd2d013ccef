/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#ifdef __APPLE__
#include <sys/random.h>
#endif

#include "traceparent.h"

#define ID_BYTES_MAX (TRACE_ID_DIGITS / 2)

/* Takes an id, which is not all zeros, and what follows it, off the text. */
static bool
take_id(const char **text, size_t digits, char *id)
{
	if (strspn(*text, "0123456789abcdef") != digits ||
	    strspn(*text, "0") == digits || (*text)[digits] != '-')
		return false;
	memcpy(id, *text, digits);
	id[digits] = '\0';
	*text += digits + 1;
	return true;
}

/* A version of the future may have more after the flags, behind a dash. */
int
traceparent_read(struct traceparent *place, const char *text)
{
	struct traceparent read = {0};
	bool current;

	*place = read;
	if (text == NULL || strspn(text, "0123456789abcdef") != 2 ||
	    strncmp(text, "ff", 2) == 0 || text[2] != '-')
		return -1;
	current = strncmp(text, "00", 2) == 0;
	text += 3;
	if (!take_id(&text, TRACE_ID_DIGITS, read.trace_id) ||
	    !take_id(&text, SPAN_ID_DIGITS, read.span_id) ||
	    strspn(text, "0123456789abcdef") != 2 ||
	    (text[2] != '\0' && (current || text[2] != '-')))
		return -1;
	read.sampled = strchr("13579bdf", text[1]) != NULL;
	*place = read;
	return 0;
}

void
traceparent_write(const struct traceparent *place, char out[TRACEPARENT_SIZE])
{
	snprintf(out, TRACEPARENT_SIZE, "00-%s-%s-%02x", place->trace_id,
	    place->span_id, place->sampled ? 1U : 0U);
}

/* An id is no secret: where the system has no randomness, the clock will do. */
void
traceparent_new_id(char *out, size_t digits)
{
	static const char hex[] = "0123456789abcdef";
	unsigned char bytes[ID_BYTES_MAX];
	struct timespec now;

	if (getentropy(bytes, digits / 2) == -1) {
		clock_gettime(CLOCK_REALTIME, &now);
		srandom((unsigned)(now.tv_nsec ^ now.tv_sec ^ getpid()));
		for (size_t i = 0; i < digits / 2; i++)
			bytes[i] = (unsigned char)(random() >> 7);
	}
	bytes[0] |= 1; /* all zeros are no id */
	for (size_t i = 0; i < digits; i++)
		out[i] = hex[i % 2 ? bytes[i / 2] & 15 : bytes[i / 2] >> 4];
	out[digits] = '\0';
}
