/* SPDX-License-Identifier: MIT */
#include "confine/landlock.h"

#if defined(__linux__) && __has_include(<linux/landlock.h>)
#include <fcntl.h>
#include <linux/landlock.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* What the header of an older kernel lacks; the numbers are the kernel's. */
#define ACCESS_TRUNCATE (1ULL << 14)    /* from ABI 3 on */
#define ACCESS_BIND_TCP (1ULL << 0)     /* 4 */
#define SCOPE_ABSTRACT_UNIX (1ULL << 0) /* 6 */
#define SCOPE_SIGNAL (1ULL << 1)        /* 6 */

/* What is handled: so far all calls that open, make, remove or start. */
#define ACCESS_FIRST ((1ULL << 13) - 1)

#define ACCESS_READ (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define ACCESS_WRITE                                                           \
	(ACCESS_READ | ACCESS_TRUNCATE | LANDLOCK_ACCESS_FS_WRITE_FILE |       \
	    LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_REMOVE_FILE)
#define ACCESS_RUN (ACCESS_READ | LANDLOCK_ACCESS_FS_EXECUTE)

/* What applies to a file; the rest is about what is in a folder. */
#define ACCESS_OF_FILE                                                         \
	(LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_WRITE_FILE |          \
	    LANDLOCK_ACCESS_FS_READ_FILE | ACCESS_TRUNCATE)

/* As the kernel has it now; an older one takes the beginning. */
struct ruleset {
	uint64_t files, net, scoped;
};

static uint64_t
files_handled(const struct landlock *l)
{
	return ACCESS_FIRST | (l->abi >= 3 ? ACCESS_TRUNCATE : 0);
}

void
landlock_begin(struct landlock *l, unsigned may)
{
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0,
	    LANDLOCK_CREATE_RULESET_VERSION);
	struct ruleset rules = {0};
	size_t size = sizeof rules.files;

	*l = (struct landlock){.abi = abi > 0 ? (int)abi : 0, .rules = -1};
	if (l->abi == 0)
		return;
	rules.files = files_handled(l);
	if (l->abi >= 4) {
		rules.net = ACCESS_BIND_TCP;
		size += sizeof rules.net;
	}
	if (l->abi >= 6) {
		/* Who forks is to end what it has forked. */
		rules.scoped = SCOPE_ABSTRACT_UNIX |
			       (may & CONFINE_FORK ? 0 : SCOPE_SIGNAL);
		size += sizeof rules.scoped;
	}
	l->rules = (int)syscall(SYS_landlock_create_ruleset, &rules, size, 0);
}

void
landlock_path(const struct landlock *l, enum confine_how how, const char *path)
{
	static const uint64_t accesses[] = {[CONFINE_READ] = ACCESS_READ,
	    [CONFINE_WRITE] = ACCESS_WRITE,
	    [CONFINE_RUN] = ACCESS_RUN};
	struct landlock_path_beneath_attr rule = {
	    .allowed_access = accesses[how] & files_handled(l),
	    .parent_fd = open(path, O_PATH | O_CLOEXEC)};
	struct stat st;

	if (rule.parent_fd == -1)
		return;
	if (fstat(rule.parent_fd, &st) == 0 && !S_ISDIR(st.st_mode))
		rule.allowed_access &= ACCESS_OF_FILE;
	/* A pipe of /dev/fd is refused here, and may always be opened. */
	(void)syscall(SYS_landlock_add_rule, l->rules,
	    LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
	close(rule.parent_fd);
}

bool
landlock_end(struct landlock *l)
{
	bool done = l->rules != -1 &&
		    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
		    syscall(SYS_landlock_restrict_self, l->rules, 0) == 0;

	if (l->rules != -1)
		close(l->rules);
	l->rules = -1;
	return done;
}

#else

void
landlock_begin(struct landlock *l, unsigned may)
{
	(void)may;
	*l = (struct landlock){.rules = -1};
}

void
landlock_path(const struct landlock *l, enum confine_how how, const char *path)
{
	(void)l;
	(void)how;
	(void)path;
}

bool
landlock_end(struct landlock *l)
{
	(void)l;
	return false;
}

#endif
