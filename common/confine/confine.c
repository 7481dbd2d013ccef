/* SPDX-License-Identifier: MIT */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "confine/confine.h"
#include "confine/seccomp.h"
#include "log.h"
#include "status.h"

/* Of what a link says, in bytes: PATH_MAX of Linux. */
#define LINK_SIZE 4096

/* As many as the kernel follows in one path (path_resolution(7)). */
#define LINKS_MOST 40

void
confine_begin(struct confine *c, unsigned may)
{
	const char *word = getenv("WOS_SANDBOX");
	bool off = word != NULL && strcmp(word, "off") == 0;

	if (word != NULL && *word != '\0' && !off && strcmp(word, "on") != 0)
		log_errx(
		    STATUS_USAGE, "WOS_SANDBOX: %s: neither on nor off", word);
	*c = (struct confine){.wanted = !off, .may = may};
	if (!c->wanted)
		return;
	tzset(); /* localtime of a jq program reads a file, and only here */
	landlock_begin(&c->files, may);
}

void
confine_path(struct confine *c, enum confine_how how, const char *path)
{
	if (path == NULL || *path == '\0' || !c->wanted)
		return;
#ifdef __OpenBSD__
	static const char *const permissions[] = {[CONFINE_READ] = "r",
	    [CONFINE_WRITE] = "rwc",
	    [CONFINE_RUN] = "rx"};
	(void)unveil(path, permissions[how]);
#else
	if (c->files.rules != -1)
		landlock_path(&c->files, how, path);
#endif
}

/* Puts in place of a path what its link says.  Returns false if it is none. */
static bool
follow(struct buf *path)
{
	char target[LINK_SIZE];
	ssize_t len = readlink(buf_str(path), target, sizeof target);
	const char *slash = strrchr(path->p, '/');

	if (len <= 0)
		return false;
	if (*target == '/' || slash == NULL)
		buf_clear(path);
	else
		path->len = (size_t)(slash + 1 - path->p);
	buf_add(path, target, (size_t)len);
	return true;
}

void
confine_folder_name(struct buf *path, const char *file)
{
	const char *slash;

	buf_puts(path, file);
	for (int i = 0; i < LINKS_MOST && follow(path); i++)
		;
	slash = strrchr(buf_str(path), '/');
	path->len = slash != NULL ? (size_t)(slash - path->p) : 0;
	if (path->len == 0)
		buf_putc(path, slash != NULL ? '/' : '.');
}

void
confine_folder(struct confine *c, enum confine_how how, const char *file)
{
	struct buf path = {0};

	confine_folder_name(&path, file);
	confine_path(c, how, buf_str(&path));
	buf_free(&path);
}

static void
confine_each(struct confine *c, const char *list,
    void (*confine)(struct confine *, enum confine_how, const char *))
{
	struct buf path = {0};
	size_t len;

	for (; list != NULL && *list != '\0';
	     list += len + (list[len] == ':')) {
		len = strcspn(list, ":");
		buf_clear(&path);
		buf_add(&path, list, len);
		confine(c, CONFINE_READ, buf_str(&path));
	}
	buf_free(&path);
}

void
confine_variable(struct confine *c, const char *name)
{
	confine_each(c, getenv(name), confine_path);
}

/* What libraries may read, folders as a whole. */
static const char *const places[] = {"/etc", "/usr", "/lib", "/lib64", "/lib32",
    "/nix/store", "/gnu/store", "/run/current-system",
    "/var/lib/ca-certificates", "/var/lib/sss", "/dev/null", "/dev/random",
    "/dev/urandom", "/proc/sys/crypto/fips_enabled"};
#define NPLACES (sizeof places / sizeof places[0])

/* Is the folder below one of these? */
static bool
is_readable(const char *folder)
{
	char *real = realpath(folder, NULL);
	bool is = false;
	size_t len;

	for (size_t i = 0; real != NULL && !is && i < NPLACES; i++) {
		len = strlen(places[i]);
		is = strncmp(real, places[i], len) == 0 && real[len] == '/';
	}
	free(real);
	return is;
}

/* The folder that the last link led to. */
struct place {
	char folder[LINK_SIZE];
	bool readable;
};

/* Does the link lead to what may not be read anyhow? */
static bool
leads_away(int dir, const char *name, struct place *last)
{
	char target[LINK_SIZE], further;
	ssize_t len = readlinkat(dir, name, target, sizeof target - 1);
	char *slash;

	if (len <= 0)
		return false;
	target[len] = '\0';
	slash = strrchr(target, '/');
	if (slash == NULL)
		return false; /* to what is beside it */
	if (*target != '/' || readlink(target, &further, 1) > 0)
		return true;
	*slash = '\0';
	if (strcmp(target, last->folder) != 0) {
		memcpy(last->folder, target, (size_t)len + 1);
		last->readable = is_readable(target);
	}
	return !last->readable;
}

/*
 * What the links in a folder lead to.  A folder of certificates has hundreds of
 * links to few places, most of which may be read anyhow; a rule for each would
 * cost the start milliseconds.
 */
static void
confine_links(struct confine *c, enum confine_how how, const char *folder)
{
	DIR *dir = c->wanted ? opendir(folder) : NULL;
	struct place last = {.readable = false};
	struct buf path = {0};
	const struct dirent *e;

	while (dir != NULL && (e = readdir(dir)) != NULL) {
		if ((e->d_type != DT_LNK && e->d_type != DT_UNKNOWN) ||
		    !leads_away(dirfd(dir), e->d_name, &last))
			continue;
		buf_clear(&path);
		buf_printf(&path, "%s/%s", folder, e->d_name);
		confine_path(c, how, buf_str(&path));
	}
	if (dir != NULL)
		closedir(dir);
	buf_free(&path);
}

void
confine_reads_of_libraries(struct confine *c)
{
	static const char *const variables[] = {"CURL_CA_BUNDLE",
	    "SSL_CERT_FILE", "SSL_CERT_DIR", "NIX_SSL_CERT_FILE",
	    "OPENSSL_CONF", "HOSTALIASES", "LD_LIBRARY_PATH"};

	for (size_t i = 0; i < NPLACES; i++)
		confine_path(c, CONFINE_READ, places[i]);
	/* Its folder, since it is made anew; it often is a link elsewhere. */
	confine_folder(c, CONFINE_READ, "/etc/resolv.conf");
	for (size_t i = 0; i < sizeof variables / sizeof variables[0]; i++)
		confine_variable(c, variables[i]);
}

void
confine_links_of_certificates(struct confine *c)
{
	confine_each(c, getenv("SSL_CERT_DIR"), confine_links);
}

/* The dynamic linker is a program that runs others, and has to be run. */
void
confine_programs(struct confine *c)
{
	static const char *const runs[] = {"/lib", "/lib64", "/lib32",
	    "/usr/lib", "/usr/lib64", "/usr/libexec", "/nix/store",
	    "/gnu/store"};
	static const char *const reads[] = {
	    "/usr", "/opt", "/etc/ld.so.cache", "/etc/ld.so.preload"};

	for (size_t i = 0; i < sizeof runs / sizeof runs[0]; i++)
		confine_path(c, CONFINE_RUN, runs[i]);
	for (size_t i = 0; i < sizeof reads / sizeof reads[0]; i++)
		confine_path(c, CONFINE_READ, reads[i]);
	confine_variable(c, "LD_LIBRARY_PATH");
	confine_variable(c, "LD_PRELOAD");
}

#ifdef __OpenBSD__

void
confine_end(struct confine *c, bool tell)
{
	struct buf promises = {0};

	if (!c->wanted)
		return;
	buf_puts(&promises, "stdio rpath wpath cpath fattr flock");
	if (c->may & CONFINE_CONNECT)
		buf_puts(&promises, " inet unix dns");
	if (c->may & (CONFINE_FORK | CONFINE_EXEC))
		buf_puts(&promises, " proc");
	if (c->may & CONFINE_EXEC)
		buf_puts(&promises, " exec");
	if (unveil(NULL, NULL) == -1 || pledge(buf_str(&promises), NULL) == -1)
		log_err(STATUS_FAILED, "pledge");
	buf_free(&promises);
	if (tell)
		log_info("confined: unveil and pledge");
}

#else

/* Says in words what both have done. */
static void
say(const struct confine *c, bool files, bool calls)
{
	if (!c->wanted)
		log_info("not confined: WOS_SANDBOX=off");
	else if (!files && !calls)
		log_info("not confined: this system has no way to");
	else if (files && calls)
		log_info("confined: files by Landlock %d, calls by seccomp",
		    c->files.abi);
	else
		log_info("confined: %s only",
		    files ? "files by Landlock" : "calls by seccomp");
}

void
confine_end(struct confine *c, bool tell)
{
	bool files = c->wanted && landlock_end(&c->files);
	bool calls = c->wanted && seccomp_filter(c->may);

	if (tell)
		say(c, files, calls);
}

#endif
