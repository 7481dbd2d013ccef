/* SPDX-License-Identifier: MIT */
#ifndef WOS_FORGOTTEN_H
#define WOS_FORGOTTEN_H

#include "db.h"
#include "forget/erased.h"

/* What a database is not to get back: see `forgotten` in the catalogue. */

/* That nothing of the kind was ever forgotten. */
#define NEVER_FORGOTTEN INT64_MIN

/* What is parked has it for a reason, which may have quoted the line. */
#define FORGOTTEN_REASON "of one who was erased"

/* Zero-initialise it, release it. */
struct forgotten {
	bool any;           /* was anything? */
	int64_t facts;      /* of before this, or NEVER_FORGOTTEN */
	int64_t payloads;   /* likewise */
	int64_t persons_at; /* when the last was erased, */
	int64_t npersons;   /* and how many hashes there are */
	struct erased erased;
};

/*
 * Reads it, in a transaction before its first statement or without one.  Who
 * was erased is read again only if that has changed.
 */
enum db_result forgotten_read(struct forgotten *f, struct db *db);

/* The same without who was erased. */
enum db_result forgotten_look(struct forgotten *f, struct db *db);

/* Says what has become of the past, if payloads were pruned. */
enum db_result forgotten_warn(struct db *db, const char *what);

/*
 * Where a commit is one request, others may write between the reading and that:
 * this is a statement in it, which is refused if they did.  Elsewhere it is
 * nothing.  And whether it is what db->why says was refused.
 */
enum db_result forgotten_guard(const struct forgotten *f, struct db *db);
bool forgotten_has_changed(const struct db *db);

void forgotten_release(struct forgotten *f);

/* Notes that what is older than that is gone; what was noted stays if later. */
enum db_result forgotten_note(struct db *db, const char *name, int64_t before);

/*
 * Notes who was erased, in a transaction whose questions have been asked: each
 * of them, and then that there are more.  *f has them, too; its salt is set.
 */
enum db_result forgotten_note_person(struct forgotten *f, struct db *db,
    enum erased_kind kind, const char *text, size_t len, int64_t now);
enum db_result forgotten_note_persons(
    struct forgotten *f, struct db *db, int64_t now);

#endif
