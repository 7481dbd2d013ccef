/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "buf.h"
#include "log.h"
#include "memory.h"
#include "sqlite_read.h"

#ifdef __APPLE__
#define st_mtim st_mtimespec
#endif

/* Bytes 18 and 19 of a file with a log are 2: SQLite's "File Format". */
#define MODE_AT 18
#define MODE_WAL 2

/*
 * With a limit, the log is emptied when the database is closed; one that no log
 * reaches, 1 TiB, changes nothing else.
 */
#define LOG_BYTES_MOST "1099511627776"

/* The log is longer than its header only if there is something in it. */
#define LOG_HEADER 32

void
sqlite_why(sqlite3 *h, char why[DB_WHY_SIZE])
{
	int number = 0;

	if ((sqlite3_errcode(h) & 0xFF) == SQLITE_CANTOPEN)
		number = sqlite3_system_errno(h);
	snprintf(why, DB_WHY_SIZE, "%s%s%s", sqlite3_errmsg(h),
	    number != 0 ? ": " : "", number != 0 ? strerror(number) : "");
}

bool
sqlite_can_make(const char *path)
{
	const char *slash = strrchr(path, '/');
	struct buf folder = {0};
	bool can;

	if (slash == NULL)
		buf_putc(&folder, '.');
	else
		buf_add(&folder, path, (size_t)(slash + 1 - path));
	can = access(buf_str(&folder), W_OK | X_OK) == 0;
	buf_free(&folder);
	return can;
}

/* The bytes of the file beside the database, -1 if there is none. */
static off_t
size_beside(const char *path, const char *end)
{
	struct buf name = {0};
	struct stat st;
	off_t size = -1;

	buf_printf(&name, "%s%s", path, end);
	if (stat(buf_str(&name), &st) == 0)
		size = st.st_size;
	buf_free(&name);
	return size;
}

static bool
can_read_beside(const char *path, const char *end)
{
	struct buf name = {0};
	bool can;

	buf_printf(&name, "%s%s", path, end);
	can = access(buf_str(&name), R_OK) == 0;
	buf_free(&name);
	return can;
}

static bool
has_log(const char *path)
{
	unsigned char mode[2] = {0};
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	bool has = fd != -1 && pread(fd, mode, 2, MODE_AT) == 2 &&
		   (mode[0] == MODE_WAL || mode[1] == MODE_WAL);

	if (fd != -1)
		close(fd);
	return has;
}

/* Does what SQLite makes for this process become the owner's? */
static bool
is_owner(const struct stat *st)
{
	return geteuid() == 0 || geteuid() == st->st_uid;
}

/* May it all be used as a writer does, who has it mended where it needs to? */
static bool
is_writable(const char *path)
{
	return access(path, W_OK) == 0 &&
	       (sqlite_can_make(path) || (size_beside(path, "-wal") >= 0 &&
					     size_beside(path, "-shm") >= 0));
}

static void
add_uri(struct buf *uri, const char *path, const char *parameter)
{
	buf_puts(uri, *path == '/' ? "file://" : "file:");
	for (; *path != '\0'; path++)
		if (strchr("?#%", *path) != NULL)
			buf_printf(uri, "%%%02X", (unsigned char)*path);
		else
			buf_putc(uri, *path);
	buf_printf(uri, "?%s=1", parameter);
}

static int
open_uri(const char *path, const char *parameter, sqlite3 **h)
{
	struct buf uri = {0};
	int code;

	add_uri(&uri, path, parameter);
	code = sqlite3_open_v2(
	    buf_str(&uri), h, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, NULL);
	buf_free(&uri);
	return code;
}

/* The first question finds out whether it can be read at all. */
static int
try_to_read(sqlite3 *h, char why[DB_WHY_SIZE])
{
	int code;

	sqlite3_busy_timeout(h, (int)db_busy_ms);
	code = sqlite3_exec(
	    h, "SELECT 1 FROM sqlite_master LIMIT 1", NULL, NULL, NULL);
	if (code != SQLITE_OK)
		sqlite_why(h, why);
	return code;
}

static int
open_as_reader(
    const char *path, sqlite3 **h, struct reader *r, char why[DB_WHY_SIZE])
{
	int code;

	r->alone = has_log(path) && !(can_read_beside(path, "-wal") &&
					can_read_beside(path, "-shm"));
	if (r->alone && size_beside(path, "-wal") > LOG_HEADER) {
		snprintf(why, DB_WHY_SIZE, "%s",
		    "what was written last is in the file that ends in -wal: "
		    "it and the one that ends in -shm must be there and "
		    "readable, too");
		return SQLITE_CANTOPEN;
	}
	code = open_uri(path, r->alone ? "immutable" : "readonly_shm", h);
	if (code == SQLITE_OK)
		code = try_to_read(*h, why);
	else
		sqlite_why(*h, why);
	return code;
}

static int
open_to_read(
    const char *path, sqlite3 **h, struct reader *r, char why[DB_WHY_SIZE])
{
	int code;

	if (stat(path, &r->before) == -1 ||
	    (access(path, R_OK) == -1 && errno == EACCES)) {
		snprintf(why, DB_WHY_SIZE, "%s", strerror(errno));
		return SQLITE_CANTOPEN;
	}
	if (!is_owner(&r->before) || !is_writable(path))
		return open_as_reader(path, h, r, why);
	code = sqlite3_open_v2(path, h, SQLITE_OPEN_READWRITE, NULL);
	if (code == SQLITE_OK)
		sqlite_keep_log(*h);
	else
		sqlite_why(*h, why);
	return code;
}

int
sqlite_open_to_read(
    const char *path, sqlite3 **h, struct reader *r, char why[DB_WHY_SIZE])
{
	int code;

	*h = NULL;
	*r = (struct reader){.path = strdup(path)};
	if (r->path == NULL)
		memory_out();
	code = open_to_read(path, h, r, why);
	if (code == SQLITE_OK)
		return code;
	sqlite3_close(*h);
	*h = NULL;
	sqlite_reader_release(r);
	return code;
}

bool
sqlite_reader_disturbed(const struct reader *r)
{
	const struct stat *b = &r->before;
	struct stat now;

	if (!r->alone)
		return false;
	return stat(r->path, &now) == -1 || now.st_ino != b->st_ino ||
	       now.st_dev != b->st_dev || now.st_size != b->st_size ||
	       now.st_mtim.tv_sec != b->st_mtim.tv_sec ||
	       now.st_mtim.tv_nsec != b->st_mtim.tv_nsec ||
	       size_beside(r->path, "-wal") > LOG_HEADER;
}

void
sqlite_reader_release(struct reader *r)
{
	free(r->path);
	*r = (struct reader){0};
}

void
sqlite_keep_log(sqlite3 *h)
{
	int on = 1;

	sqlite3_file_control(h, "main", SQLITE_FCNTL_PERSIST_WAL, &on);
	sqlite3_exec(
	    h, "PRAGMA journal_size_limit = " LOG_BYTES_MOST, NULL, NULL, NULL);
}

/* A link is not followed: its target is none of ours. */
static void
follow_mode(const char *path, const char *end, mode_t mode)
{
	struct buf name = {0};
	struct stat st;
	int fd;

	buf_printf(&name, "%s%s", path, end);
	fd = open(buf_str(&name), O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (fd != -1 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
	    st.st_uid == geteuid() && (st.st_mode & 0777) != mode)
		(void)fchmod(fd, mode); /* readers may miss it, no more */
	if (fd != -1)
		close(fd);
	buf_free(&name);
}

void
sqlite_follow_mode(const char *path)
{
	struct stat st;

	if (stat(path, &st) == -1)
		return;
	follow_mode(path, "-wal", st.st_mode & 0777);
	follow_mode(path, "-shm", st.st_mode & 0777);
}

/* Is there such a file of another user's, which we may not open? */
static bool
is_strange(const char *path, const char *end)
{
	struct buf name = {0};
	struct stat st;
	bool strange;

	buf_printf(&name, "%s%s", path, end);
	strange = lstat(buf_str(&name), &st) == 0 && S_ISREG(st.st_mode) &&
		  st.st_uid != geteuid() && access(name.p, R_OK | W_OK) == -1;
	buf_free(&name);
	return strange;
}

/* Whoever has the database open has a lock on it, in SQLite's WAL mode. */
static bool
is_open_elsewhere(const char *path)
{
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	int fd = open(path, O_RDWR | O_CLOEXEC);
	bool elsewhere = fd == -1 || fcntl(fd, F_GETLK, &lock) == -1 ||
			 lock.l_type != F_UNLCK;

	if (fd != -1)
		close(fd);
	return elsewhere;
}

static void
remove_beside(const char *path, const char *end)
{
	struct buf name = {0};

	buf_printf(&name, "%s%s", path, end);
	(void)unlink(buf_str(&name)); /* opening the file tells what is wrong */
	buf_free(&name);
}

void
sqlite_take_over(const char *path)
{
	struct stat st;

	if (stat(path, &st) == -1 || st.st_uid != geteuid() ||
	    size_beside(path, "-wal") > 0 ||
	    !(is_strange(path, "-wal") || is_strange(path, "-shm")) ||
	    is_open_elsewhere(path))
		return;
	remove_beside(path, "-wal");
	remove_beside(path, "-shm");
}
