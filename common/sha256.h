/* SPDX-License-Identifier: MIT */
#ifndef WOS_SHA256_H
#define WOS_SHA256_H

#include <stddef.h>
#include <stdint.h>

/* SHA-256, FIPS 180-4. */

#define SHA256_HEX_SIZE 65 /* 64 digits and a NUL */

struct sha256 {
	uint32_t state[8];
	uint64_t length; /* bytes taken so far */
	unsigned char block[64];
};

void sha256_init(struct sha256 *s);
void sha256_add(struct sha256 *s, const void *bytes, size_t len);

/* Writes the digest in lower-case hex.  The state is used up. */
void sha256_hex(struct sha256 *s, char out[SHA256_HEX_SIZE]);

#endif
