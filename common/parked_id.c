/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "parked_id.h"
#include "sha256.h"
#include "utf8.h"

void
parked_id(const char *text, size_t len, size_t size, char id[PARKED_ID_SIZE])
{
	char hex[SHA256_HEX_SIZE], tail[24];
	size_t more = size - len, n;
	struct sha256 hash;

	sha256_init(&hash);
	for (;; text += n + 1, len -= n + 1) {
		n = utf8_span(text, len);
		sha256_add(&hash, text, n);
		if (n == len)
			break;
		sha256_add(&hash, UTF8_REPLACEMENT, strlen(UTF8_REPLACEMENT));
	}
	snprintf(tail, sizeof tail, "+%zu", more);
	if (more > 0)
		sha256_add(&hash, tail, strlen(tail));
	sha256_hex(&hash, hex);
	snprintf(id, PARKED_ID_SIZE, "parked:%.32s", hex);
}
