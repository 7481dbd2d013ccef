/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: the file of a run's spans, to which any program of the run may
 * write.  What is posted is one object of JSON with as many spans as are told,
 * each with its ids, and reading comes to an end.
 */
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz.h"
#include "otlp/otlp_spool.h"

static int64_t
count_of_scope(jv scope)
{
	jv spans = jv_object_get(scope, jv_string("spans"));
	int64_t n = 0;

	jv_array_foreach(spans, i, span)
	{
		jv id = jv_object_get(span, jv_string("spanId"));

		MUST(jv_get_kind(id) == JV_KIND_STRING);
		MUST(jv_string_length_bytes(id) == 16);
		n++;
	}
	jv_free(spans);
	return n;
}

/* How many spans the body of a request has. */
static int64_t
count_of(const struct buf *body)
{
	jv all = read_jv(read_line(body->p, body->len)), scopes;
	int64_t n = 0;

	all = jv_object_get(all, jv_string("resourceSpans"));
	MUST(jv_array_length(jv_copy(all)) == 1);
	all = jv_array_get(all, 0);
	scopes = jv_object_get(all, jv_string("scopeSpans"));
	jv_array_foreach(scopes, i, scope) n += count_of_scope(scope);
	jv_free(scopes);
	return n;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int fd = -1;
	struct spool s;
	struct buf body = {0};
	int64_t spans, all = 0, next, count;

	if (fd == -1)
		fd = memfd_create("spans", MFD_CLOEXEC);
	MUST(ftruncate(fd, 0) == 0);
	MUST(pwrite(fd, data, size, 0) == (ssize_t)size);
	s = (struct spool){.fd = fd};
	count = spool_count(&s);
	while (spool_read(&s, &body, &spans, &next) == 1) {
		MUST(next > s.done && next <= (int64_t)size);
		MUST(is_utf8(body.p, body.len) && count_of(&body) == spans);
		s.done = next;
		all += spans;
	}
	MUST(all == count);
	buf_free(&body);
	return 0;
}
