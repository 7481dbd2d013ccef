/* SPDX-License-Identifier: MIT */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "pairs.h"
#include "resource.h"
#include "trace/attribute.h"

struct resource {
	size_t n;
	struct {
		struct buf name, value;
	} attribute[RESOURCE_MOST];
};

static bool
same(struct buf *b, const char *name)
{
	return strcmp(buf_str(b), name) == 0;
}

/* Gives the attribute a value, in place of the one that it may have. */
static void
resource_set(struct resource *r, const char *name, const char *value)
{
	size_t i = 0;

	while (i < r->n && !same(&r->attribute[i].name, name))
		i++;
	if (i == RESOURCE_MOST)
		return;
	if (i == r->n) {
		r->n++;
		buf_puts(&r->attribute[i].name, name);
	}
	buf_clear(&r->attribute[i].value);
	buf_puts(&r->attribute[i].value, value);
}

static void
resource_release(struct resource *r)
{
	for (size_t i = 0; i < r->n; i++) {
		buf_free(&r->attribute[i].name);
		buf_free(&r->attribute[i].value);
	}
	r->n = 0;
}

/* The defaults. */
static void
resource_set_defaults(struct resource *r)
{
	resource_set(r, "telemetry.sdk.name", "wos");
	resource_set(r, "telemetry.sdk.language", "c");
	resource_set(r, "telemetry.sdk.version", WOS_VERSION);
	resource_set(r, "service.name", "wos");
	resource_set(r, "service.version", WOS_VERSION);
}

/* What the user says.  Returns -1 if one of the pairs is none. */
static int
resource_read(struct resource *r, const char *list)
{
	struct buf name = {0}, value = {0};
	int rc;

	while ((rc = pairs_next(&list, &name, &value)) == 1)
		resource_set(r, buf_str(&name), buf_str(&value));
	buf_free(&name);
	buf_free(&value);
	return rc;
}

int
resource_add(struct buf *out)
{
	const char *list = getenv("OTEL_RESOURCE_ATTRIBUTES");
	const char *service = getenv("OTEL_SERVICE_NAME");
	struct resource r = {0};
	int rc = 0;

	resource_set_defaults(&r);
	if (list != NULL && (rc = resource_read(&r, list)) == -1) {
		resource_release(&r);
		resource_set_defaults(&r);
	}
	if (service != NULL && *service != '\0')
		resource_set(&r, "service.name", service);
	for (size_t i = 0; i < r.n; i++)
		attribute_text(out, buf_str(&r.attribute[i].name),
		    buf_str(&r.attribute[i].value));
	resource_release(&r);
	return rc;
}
