/* SPDX-License-Identifier: MIT */
#ifndef WOS_ERASED_H
#define WOS_ERASED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sha256.h"

/*
 * Who was erased: a set of salted hashes, which tells of an id or an address
 * whether it is in it, and nobody whose they are.
 */

enum erased_kind {
	ERASED_ID,      /* of a person */
	ERASED_ADDRESS, /* that was named: whoever had it was erased */
	ERASED_HAD,     /* that such a person had, and others may have */
};
extern const char *const erased_kind_name[];

/* Bytes of a hash that are kept in memory: no two of people's are alike. */
#define ERASED_HASH_BYTES 16

/* Longer texts are no id and no address. */
#define ERASED_TEXT_MAX 512

/* A million people and their addresses take 200 MB: more are refused. */
#define ERASED_MOST ((size_t)4 << 20)

/* Zero-initialise it, release it.  With an empty salt it is for one run. */
struct erased {
	char salt[SHA256_HEX_SIZE];
	struct erased_one {
		unsigned char hash[ERASED_HASH_BYTES];
		bool used;
		enum erased_kind kind;
		int64_t at; /* when it was erased */
	} * one;            /* an open hash table, at most half full */
	size_t n, size;
};

/* The hash of an id or, in any case of letters, of an address. */
void erased_hash(const struct erased *e, enum erased_kind kind,
    const char *text, size_t len, char hash[SHA256_HEX_SIZE]);

/* Adds what has this hash.  An address that was named stays one. */
void erased_add_hash(
    struct erased *e, const char *hash, enum erased_kind kind, int64_t at);
void erased_add(struct erased *e, enum erased_kind kind, const char *text,
    size_t len, int64_t at);

/* Is it the id of one who was erased? */
bool erased_has_id(const struct erased *e, const char *text, size_t len);

/*
 * Is it the address of one, at a time before that?  Where somebody else's id
 * stands beside it, it is only if it was named itself.
 */
bool erased_has_address(const struct erased *e, const char *text, size_t len,
    int64_t at, bool others);

/* Can it be an address? */
bool erased_is_address(const char *text, size_t len);

/* Forgets all, and the memory. */
void erased_release(struct erased *e);

#endif
