/* SPDX-License-Identifier: MIT */
/* The floor of wos-decode: libjq parses the same lines, and that is all. */
#include <err.h>
#include <jv.h>
#include <stdio.h>
#include <stdlib.h>

int
main(void)
{
	char *line = NULL;
	size_t cap = 0;
	ssize_t len;
	jv v;

	while ((len = getline(&line, &cap, stdin)) != -1) {
		v = jv_parse_sized(line, (int)len);
		if (!jv_is_valid(v))
			errx(1, "not JSON");
		jv_free(v);
	}
	free(line);
	return 0;
}
