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

/* A file without a name. */
static FILE *
scratch(void)
{
	FILE *f = tmpfile();

	if (f == NULL)
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

/* The parked texts of a kind in a file without a name, at its beginning. */
static FILE *
collect(struct db *db, const char *where, const char *kind)
{
	FILE *f = scratch();
	enum db_result rc;

	/* Behind an empty line, no text is taken for the kind of a file. */
	putc('\n', f);
	rc = parked_texts(db, kind, f);
	if (rc != DB_OK)
		log_errx(db_status(rc), "%s: %s", where, db->why);
	rewind_scratch(f);
	return f;
}

/* Starts wos-decode between the two; returns its pid. */
static pid_t
spawn_decode(int in, int out)
{
	static const char *const beside[] = {
	    "../decode/wos-decode", "wos-decode"};
	char *argv[] = {(char[]){"wos-decode"}, NULL};
	const char *slash = strrchr(self, '/');
	posix_spawn_file_actions_t files;
	struct buf path = {0};
	int error = ENOENT;
	pid_t pid;

	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_adddup2(&files, in, STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&files, out, STDOUT_FILENO);
	for (int i = 0; slash != NULL && error != 0 && i < 2; i++) {
		buf_clear(&path);
		buf_add(&path, self, (size_t)(slash + 1 - self));
		buf_puts(&path, beside[i]);
		error = posix_spawn(
		    &pid, buf_str(&path), &files, NULL, argv, environ);
	}
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
	fclose(lines);
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
	int status = apply_stream(
	    db, fileno(groups), "parked groups", batch, NULL, totals);

	fclose(groups);
	return status;
}

int
retry_parked(struct db *db, const struct options *o)
{
	struct apply_totals totals = {0};
	enum db_result rc = parked_forget_corrected(db);
	int status;

	if (rc != DB_OK)
		log_errx(db_status(rc), "%s: %s", o->shown, db->why);
	status =
	    retry_lines(db, collect(db, o->shown, "line"), o->batch, &totals);
	if (status == 0)
		status = retry_groups(
		    db, collect(db, o->shown, "group"), o->batch, &totals);
	apply_log_rest(&totals);
	if (status == 0 && totals.parked > 0)
		status = STATUS_PARKED;
	return status;
}

/* For orphan_decoder. */
static int
decode_orphans(struct db *db, int64_t *changed)
{
	struct apply_totals totals = {0};
	FILE *f = scratch();
	enum db_result rc = export_orphans(db, f);
	int status;

	if (rc != DB_OK) {
		fclose(f);
		log_warnx("orphans: %s", db->why);
		return db_status(rc);
	}
	rewind_scratch(f);
	status = retry_lines(db, f, BATCH_EVENTS, &totals);
	*changed += totals.changed;
	return status;
}

void
retry_init(const char *name)
{
	self = name;
	orphan_decoder = decode_orphans;
}
