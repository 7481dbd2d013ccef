/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "stream/apply.h"
#include "buf.h"
#include "export.h"
#include "log.h"
#include "parked.h"
#include "retry.h"
#include "status.h"
#include "stream/orphan.h"

extern char **environ;

/* The name that this program was called by. */
static const char *self = "";

/*
 * Files without a name, made before the program is confined: two are read by
 * others while the third is written.
 */
enum scratch { SCRATCH_LINES, SCRATCH_GROUPS, SCRATCH_ORPHANS, SCRATCHES };
static FILE *scratches[SCRATCHES];

/* One of them, with nothing in it. */
static FILE *
scratch_empty(enum scratch which)
{
	FILE *f = scratches[which];

	if (f == NULL)
		log_errx(STATUS_FAILED, "no temporary file could be made");
	rewind(f);
	if (ftruncate(fileno(f), 0) == -1)
		log_err(STATUS_FAILED, "temporary file");
	return f;
}

/* Makes it be read from its beginning. */
static void
rewind_scratch(FILE *f)
{
	if (fflush(f) == EOF || lseek(fileno(f), 0, SEEK_SET) == -1)
		log_err(STATUS_FAILED, "temporary file");
}

/* The parked texts of a kind in such a file, at its beginning. */
static FILE *
collect(struct db *db, const char *where, const char *kind, enum scratch which)
{
	FILE *f = scratch_empty(which);
	enum db_result rc;

	/* Behind an empty line, no text is taken for the kind of a file. */
	putc('\n', f);
	rc = parked_texts(db, kind, f);
	if (rc != DB_OK)
		log_errx(db_status(rc), "%s: %s", where, db->why);
	rewind_scratch(f);
	return f;
}

/* Where wos-decode is beside this program: in a built tree, and installed. */
static const char *const beside[] = {"../decode/wos-decode", "wos-decode"};

/* Makes such a path.  Returns NULL if this program was found by PATH. */
static const char *
path_beside(struct buf *path, const char *name)
{
	const char *slash = strrchr(self, '/');

	if (slash == NULL)
		return NULL;
	buf_clear(path);
	buf_add(path, self, (size_t)(slash + 1 - self));
	buf_puts(path, name);
	return buf_str(path);
}

/* Starts wos-decode between the two; returns its pid. */
static pid_t
spawn_decode(int in, int out)
{
	char *argv[] = {(char[]){"wos-decode"}, NULL};
	posix_spawn_file_actions_t files;
	struct buf path = {0};
	const char *program;
	int error = ENOENT;
	pid_t pid;

	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_adddup2(&files, in, STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&files, out, STDOUT_FILENO);
	for (int i = 0; error != 0 && i < 2; i++)
		if ((program = path_beside(&path, beside[i])) != NULL)
			error = posix_spawn(
			    &pid, program, &files, NULL, argv, environ);
	if (error != 0)
		error = posix_spawnp(
		    &pid, "wos-decode", &files, NULL, argv, environ);
	if (error != 0)
		log_errx(STATUS_FAILED, "wos-decode: %s", strerror(error));
	posix_spawn_file_actions_destroy(&files);
	buf_free(&path);
	return pid;
}

static int
retry_lines(
    struct db *db, FILE *lines, size_t batch, struct apply_totals *totals)
{
	int fd[2], status, child;
	pid_t pid;

	if (pipe(fd) == -1 || fcntl(fd[0], F_SETFD, FD_CLOEXEC) == -1 ||
	    fcntl(fd[1], F_SETFD, FD_CLOEXEC) == -1)
		log_err(STATUS_FAILED, "pipe");
	pid = spawn_decode(fileno(lines), fd[1]);
	close(fd[1]);
	status = apply_stream(db, fd[0], "wos-decode", batch, NULL, totals);
	close(fd[0]);
	if (waitpid(pid, &child, 0) == -1)
		log_err(STATUS_FAILED, "wos-decode");
	if (status == 0 &&
	    (!WIFEXITED(child) || (WEXITSTATUS(child) != STATUS_DONE &&
				      WEXITSTATUS(child) != STATUS_PARKED))) {
		log_warnx("wos-decode has failed");
		status = STATUS_FAILED;
	}
	return status;
}

static int
retry_groups(
    struct db *db, FILE *groups, size_t batch, struct apply_totals *totals)
{
	return apply_stream(
	    db, fileno(groups), "parked groups", batch, NULL, totals);
}

int
retry_parked(struct db *db, const struct options *o)
{
	struct apply_totals totals = {0};
	enum db_result rc = parked_forget_corrected(db);
	int status;

	if (rc != DB_OK)
		log_errx(db_status(rc), "%s: %s", o->shown, db->why);
	status = retry_lines(db, collect(db, o->shown, "line", SCRATCH_LINES),
	    o->batch, &totals);
	if (status == 0)
		status = retry_groups(db,
		    collect(db, o->shown, "group", SCRATCH_GROUPS), o->batch,
		    &totals);
	apply_log_rest(&totals);
	if (status == 0 && totals.parked > 0)
		status = STATUS_PARKED;
	return status;
}

FILE *
retry_lines_file(void)
{
	return scratch_empty(SCRATCH_LINES);
}

int
retry_decode(struct db *db, FILE *lines, struct apply_totals *totals)
{
	rewind_scratch(lines);
	return retry_lines(db, lines, BATCH_EVENTS, totals);
}

/* For orphan_decoder. */
static int
decode_orphans(struct db *db, int64_t *changed)
{
	struct apply_totals totals = {0};
	FILE *f = scratch_empty(SCRATCH_ORPHANS);
	enum db_result rc = export_orphans(db, f);
	int status;

	if (rc != DB_OK) {
		log_warnx("orphans: %s", db->why);
		return db_status(rc);
	}
	rewind_scratch(f);
	status = retry_lines(db, f, BATCH_EVENTS, &totals);
	*changed += totals.changed;
	return status;
}

void
retry_confine(struct confine *c)
{
	const char *dirs = getenv("PATH");
	struct buf path = {0};
	size_t len;

	for (int i = 0; i < SCRATCHES; i++)
		scratches[i] = tmpfile();
	for (int i = 0; i < 2; i++)
		confine_path(c, CONFINE_RUN, path_beside(&path, beside[i]));
	for (; dirs != NULL && *dirs != '\0';
	     dirs += len + (dirs[len] == ':')) {
		len = strcspn(dirs, ":");
		buf_clear(&path);
		buf_add(&path, dirs, len);
		buf_puts(&path, "/wos-decode");
		confine_path(c, CONFINE_RUN, buf_str(&path));
	}
	confine_programs(c);
	buf_free(&path);
}

void
retry_init(const char *name)
{
	self = name;
	orphan_decoder = decode_orphans;
}
