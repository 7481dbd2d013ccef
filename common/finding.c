/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "descriptors.h"
#include "finding.h"
#include "secret.h"
#include "status.h"
#include "visible.h"

/* Bytes of a text: a few sentences. */
#define TEXT_MAX 1024

static bool bad;

void
finding(enum finding what, const char *name, const char *fmt, ...)
{
	static const char *const words[] = {[FINDING_OK] = "ok",
	    [FINDING_TODO] = "todo",
	    [FINDING_BAD] = "bad"};
	char text[TEXT_MAX], clean[TEXT_MAX], shown[TEXT_MAX];
	size_t len;
	va_list ap;

	bad = bad || what == FINDING_BAD;
	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	len = secret_hide(clean, sizeof clean, text, strlen(text));
	printf("%s\t%s\t%s\n", words[what], name,
	    visible(shown, sizeof shown, clean, len));
}

int
finding_status(void)
{
	descriptors_flush();
	return bad ? STATUS_FAILED : STATUS_DONE;
}
