/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "memory.h"
#include "sqlite.h"
#include "sqlite_db.h"
#include "sqlite_look.h"
#include "sqlite_schema.h"

/* Between two tries where SQLite itself does not wait, in milliseconds. */
#define BUSY_PAUSE_MS 10

/* Of a file that is made: people's data, for its owner and who shares a group.
 */
#define FILE_MODE 0640

static const struct db_place nowhere = {.group = DB_NOWHERE};

/*
 * WAL lets readers go on while a batch is written.  Of two programs that
 * change the mode of a file at once SQLite makes neither wait: it fails one.
 */
static int
enter_wal(sqlite3 *h)
{
	int64_t until = time_ticks() + db_busy_ms;
	int code;

	while (code = sqlite_exec(h, "PRAGMA journal_mode = WAL"),
	    (code & 0xFF) == SQLITE_BUSY && time_ticks() < until)
		sqlite3_sleep(BUSY_PAUSE_MS);
	return code;
}

/*
 * NORMAL may lose the last batches when the power fails, but never a batch
 * without its cursor: the next run fetches them again.
 */
static int
configure(struct sqlite *s)
{
	sqlite3 *h = s->handle;
	int code;

	sqlite3_extended_result_codes(h, 1);
	code = enter_wal(h);
	if (code == SQLITE_OK)
		sqlite_keep_log(h);
	if (code == SQLITE_OK)
		code = sqlite_exec(h, "PRAGMA synchronous = NORMAL;"
				      "PRAGMA foreign_keys = OFF");
	if (code != SQLITE_OK)
		sqlite_failed(s, &nowhere, code);
	else
		code = sqlite_schema(h, &s->skip.loading, s->db.why);
	if (code == SQLITE_OK)
		s->checkpointer = checkpointer_new(h);
	return code;
}

static bool
is_absent(const char *path)
{
	return access(path, F_OK) == -1 && errno == ENOENT;
}

/*
 * SQLite makes files that everyone may read, and its log with the mode of the
 * database.  A file that is there keeps its mode.  Returns a SQLite code; after
 * a failure, why.
 */
static int
make_private(struct sqlite *s, const char *path)
{
	int fd;

	if (!is_absent(path))
		return SQLITE_OK;
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, FILE_MODE);
	if (fd == -1) {
		snprintf(s->db.why, sizeof s->db.why, "can't be made: %s",
		    strerror(errno));
		return SQLITE_CANTOPEN;
	}
	close(fd);
	return SQLITE_OK;
}

/* Gets a database that is open ready to be used. */
static int
prepare(struct sqlite *s, enum db_mode mode)
{
	bool current = true;
	int code = SQLITE_OK;

	if (mode == DB_WRITE || mode == DB_CHANGE)
		return configure(s);
	if (mode == DB_DRY)
		code = sqlite_schema_is_current(s->handle, &current);
	if (code != SQLITE_OK)
		sqlite_failed(s, &nowhere, code);
	if (code != SQLITE_OK || current)
		return code;
	snprintf(s->db.why, sizeof s->db.why, "%s", DB_WHY_DRY);
	return SQLITE_ERROR;
}

/*
 * Opens a copy of a file that may be read and no more, in a file that is gone
 * when it is closed.  Returns a SQLite code; after a failure, why.
 */
static int
open_copy(struct sqlite *s, const char *path)
{
	struct reader reader = {0};
	sqlite3_backup *backup;
	sqlite3 *from;
	int code = sqlite_open_to_read(path, &from, &reader, s->db.why);

	if (code != SQLITE_OK)
		return code;
	code = sqlite3_open_v2(
	    "", &s->handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL);
	if (code == SQLITE_OK) {
		backup = sqlite3_backup_init(s->handle, "main", from, "main");
		(void)sqlite3_backup_step(backup, -1);
		code = sqlite3_backup_finish(backup);
	}
	if (code != SQLITE_OK)
		sqlite_failed(s, &nowhere, code);
	else if (sqlite_reader_disturbed(&reader))
		code = SQLITE_BUSY;
	if (code == SQLITE_BUSY)
		snprintf(s->db.why, sizeof s->db.why,
		    "another program has begun to write to it");
	sqlite3_close(from);
	sqlite_reader_release(&reader);
	return code;
}

/* Opens the file itself.  Returns a SQLite code; after a failure, why. */
static int
open_file(struct sqlite *s, const char *path, enum db_mode mode)
{
	int flags = SQLITE_OPEN_READWRITE, code = SQLITE_OK;

	if (mode == DB_WRITE && *path != '\0')
		code = make_private(s, path);
	if (code != SQLITE_OK)
		return code;
	sqlite_take_over(path);
	if (mode == DB_READ)
		return sqlite_open_to_read(
		    path, &s->handle, &s->reader, s->db.why);
	if (mode == DB_DRY && *path != '\0' &&
	    faccessat(AT_FDCWD, path, W_OK, AT_EACCESS) == -1)
		return open_copy(s, path);
	if (mode != DB_DRY)
		sqlite_follow_mode(path);
	if (mode == DB_WRITE)
		flags |= SQLITE_OPEN_CREATE;
	code = sqlite3_open_v2(path, &s->handle, flags, NULL);
	if (code != SQLITE_OK)
		sqlite_failed(s, &nowhere, code);
	return code;
}

/*
 * A connection is used by one thread alone.  Its mutexes and statistics took a
 * tenth of SQLite's instructions.
 */
static struct sqlite *
sqlite_new(void)
{
	struct sqlite *s = memory_new(1, sizeof *s);

	s->db.ops = &sqlite_ops;
	sqlite3_config(SQLITE_CONFIG_MULTITHREAD);
	sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	return s;
}

/*
 * Temporary files are made where the database is, since a program that is
 * confined has no other place; an index that is made for many rows needs some.
 */
static void
keep_temporary(const char *path)
{
	struct buf folder = {0};

	if (*path == '\0' || !sqlite_can_make(path))
		return;
	confine_folder_name(&folder, path);
	sqlite3_free(sqlite3_temp_directory);
	sqlite3_temp_directory = sqlite3_mprintf("%s", buf_str(&folder));
	buf_free(&folder);
}

enum db_result
sqlite_open(
    const char *path, enum db_mode mode, struct db **db, char why[DB_WHY_SIZE])
{
	bool empty =
	    mode == DB_DRY &&
	    (*path == '\0' || (is_absent(path) && sqlite_can_make(path)));
	enum db_result rc;
	struct sqlite *s;
	int code;

	*db = NULL;
	if ((mode == DB_READ || mode == DB_CHANGE) && is_absent(path))
		return DB_OK;
	s = sqlite_new();
	keep_temporary(path);
	if (empty) {
		path = ""; /* a file that is gone when it is closed */
		mode = DB_WRITE;
	}
	code = open_file(s, path, mode);
	if (code == SQLITE_OK) {
		sqlite3_busy_timeout(s->handle, (int)db_busy_ms);
		guard_confine(s->handle);
		code = prepare(s, mode);
	}
	if (code == SQLITE_OK && empty) /* a dry run puts nothing off */
		code = sqlite_schema(s->handle, &s->skip.loading, s->db.why);
	if (code == SQLITE_OK) {
		guard_install(&s->guard, s->handle);
		*db = &s->db;
		return DB_OK;
	}
	snprintf(why, DB_WHY_SIZE, "%s", s->db.why);
	sqlite_ops.close(&s->db);
	rc = sqlite_result(code);
	return rc == DB_REFUSED && mode != DB_DRY ? DB_FAILED : rc;
}

const char *
sqlite_library(void)
{
	static char text[sizeof "SQLite " + 16];

	snprintf(text, sizeof text, "SQLite %s", sqlite3_libversion());
	return text;
}

void
sqlite_confine_temporary(struct confine *c)
{
	const char *const places[] = {getenv("SQLITE_TMPDIR"), getenv("TMPDIR"),
	    "/var/tmp", "/usr/tmp", "/tmp"};

	for (size_t i = 0; i < sizeof places / sizeof *places; i++)
		confine_path(c, CONFINE_WRITE, places[i]);
}

/* Who can't write to its folder has temporary files where SQLite puts them. */
void
sqlite_confine(const char *path, struct confine *c)
{
	confine_folder(c, CONFINE_WRITE, path);
	confine_path(c, CONFINE_READ, "/dev/urandom"); /* names of such files */
	if (!sqlite_can_make(path))
		sqlite_confine_temporary(c);
}
