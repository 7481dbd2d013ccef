/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "group_name.h"
#include "mend.h"
#include "parked_id.h"
#include "sha256.h"

void
parked_id(const char *text, size_t len, size_t size, char id[PARKED_ID_SIZE])
{
	char hex[SHA256_HEX_SIZE];
	struct buf held = {0};

	mend_utf8(&held, text, len);
	if (size > len)
		buf_printf(&held, "+%zu", size - len);
	sha256_hex(held.p, held.len, hex);
	snprintf(id, PARKED_ID_SIZE, GROUP_PARKED "%.32s", hex);
	buf_free(&held);
}
