/* SPDX-License-Identifier: MIT */
#ifndef WOS_SHA256_H
#define WOS_SHA256_H

#include <stddef.h>

/* SHA-256, FIPS 180-4. */
#define SHA256_HEX_SIZE 65 /* 64 digits and a NUL */

/* Writes the digest of the bytes in lower-case hex. */
void sha256_hex(const void *bytes, size_t len, char out[SHA256_HEX_SIZE]);

#endif
