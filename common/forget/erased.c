/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "erased.h"
#include "hex.h"
#include "log.h"
#include "memory.h"

const char *const erased_kind_name[] = {
    [ERASED_ID] = "id", [ERASED_ADDRESS] = "address", [ERASED_HAD] = "had"};

void
erased_hash(const struct erased *e, enum erased_kind kind, const char *text,
    size_t len, char hash[SHA256_HEX_SIZE])
{
	char all[sizeof e->salt + 1 + ERASED_TEXT_MAX];
	size_t at = strlen(e->salt);

	memcpy(all, e->salt, at);
	all[at++] = kind == ERASED_ID ? 'i' : 'a';
	if (len > ERASED_TEXT_MAX)
		len = ERASED_TEXT_MAX;
	for (size_t i = 0; i < len; i++) {
		char c = text[i];

		if (kind != ERASED_ID && c >= 'A' && c <= 'Z')
			c = (char)(c - 'A' + 'a');
		all[at++] = c;
	}
	sha256_hex(all, at, hash);
}

/* The first bytes of a hash. */
static void
read_hash(const char *hex, unsigned char hash[ERASED_HASH_BYTES])
{
	for (size_t i = 0; i < ERASED_HASH_BYTES; i++)
		hash[i] = (unsigned char)(hex_digit(hex[2 * i]) * 16 +
					  hex_digit(hex[2 * i + 1]));
}

/* Where it is, or would be. */
static struct erased_one *
find(const struct erased *e, const unsigned char hash[ERASED_HASH_BYTES])
{
	uint64_t at;

	memcpy(&at, hash, sizeof at);
	for (at %= e->size; e->one[at].used; at = (at + 1) % e->size)
		if (memcmp(e->one[at].hash, hash, ERASED_HASH_BYTES) == 0)
			break;
	return &e->one[at];
}

static void
enlarge(struct erased *e)
{
	struct erased old = *e;

	if (e->n == ERASED_MOST)
		log_errx(1, "more than %zu were erased", ERASED_MOST);
	e->size = old.size > 0 ? 2 * old.size : 64;
	e->one = memory_new(e->size, sizeof *e->one);
	for (size_t i = 0; i < old.size; i++)
		if (old.one[i].used)
			*find(e, old.one[i].hash) = old.one[i];
	free(old.one);
}

void
erased_add_hash(
    struct erased *e, const char *hash, enum erased_kind kind, int64_t at)
{
	struct erased_one one = {.used = true, .kind = kind, .at = at}, *found;

	if (2 * e->n >= e->size)
		enlarge(e);
	read_hash(hash, one.hash);
	found = find(e, one.hash);
	e->n += !found->used;
	if (found->used && found->kind == ERASED_ADDRESS)
		one.kind = ERASED_ADDRESS;
	if (found->used && found->at > at)
		one.at = found->at;
	*found = one;
}

void
erased_add(struct erased *e, enum erased_kind kind, const char *text,
    size_t len, int64_t at)
{
	char hash[SHA256_HEX_SIZE];

	erased_hash(e, kind, text, len, hash);
	erased_add_hash(e, hash, kind, at);
}

static const struct erased_one *
look_up(
    const struct erased *e, enum erased_kind kind, const char *text, size_t len)
{
	unsigned char hash[ERASED_HASH_BYTES];
	char hex[SHA256_HEX_SIZE];
	const struct erased_one *one;

	if (e->n == 0 || len == 0 || len > ERASED_TEXT_MAX)
		return NULL;
	erased_hash(e, kind, text, len, hex);
	read_hash(hex, hash);
	one = find(e, hash);
	return one->used ? one : NULL;
}

bool
erased_has_id(const struct erased *e, const char *text, size_t len)
{
	return look_up(e, ERASED_ID, text, len) != NULL;
}

bool
erased_is_address(const char *text, size_t len)
{
	const char *at = memchr(text, '@', len);

	return at != NULL && at > text && at < text + len - 1 &&
	       len <= ERASED_TEXT_MAX;
}

bool
erased_has_address(const struct erased *e, const char *text, size_t len,
    int64_t at, bool others)
{
	const struct erased_one *one = NULL;

	if (len > 0 && erased_is_address(text, len))
		one = look_up(e, ERASED_ADDRESS, text, len);
	return one != NULL && at <= one->at &&
	       (!others || one->kind == ERASED_ADDRESS);
}

void
erased_release(struct erased *e)
{
	free(e->one);
	*e = (struct erased){0};
}
