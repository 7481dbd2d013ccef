/* SPDX-License-Identifier: MIT */
#ifndef WOS_SQLITE_DB_H
#define WOS_SQLITE_DB_H

#include <sqlite3.h>

#include "checkpoint.h"
#include "db.h"
#include "prepared.h"
#include "sqlite_guard.h"
#include "sqlite_read.h"
#include "sqlite_skip.h"

/* An open SQLite file. */
struct sqlite {
	struct db db;
	sqlite3 *handle;
	struct checkpointer *checkpointer; /* if it is written to */
	struct prepared prepared;          /* sqlite3_stmt */
	struct guard guard;
	struct skip skip;
	struct reader reader; /* if it is only read */
};

/* What sqlite_open makes of it. */
extern const struct db_ops sqlite_ops;

/* What a SQLite code comes to. */
enum db_result sqlite_result(int code);

/* Notes the reason of a failure, and of what statement; returns its result. */
enum db_result sqlite_failed(
    struct sqlite *s, const struct db_place *at, int code);

#endif
