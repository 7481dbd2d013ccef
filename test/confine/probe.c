/* SPDX-License-Identifier: MIT */
/*
 * Preloaded into a program of wos, it tries at the program's end, from inside,
 * what an intruder would, and writes what came of each to the file PROBE:
 *
 *	wos-decode read EACCES
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static int report = -1;

/* Before the program gives anything up. */
__attribute__((constructor)) static void
begin(void)
{
	const char *name = getenv("PROBE");

	if (name != NULL)
		report =
		    open(name, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
}

static void
tell(const char *what, int error)
{
	dprintf(report, "%s %s %s\n", program_invocation_short_name, what,
	    error == 0 ? "done" : strerrorname_np(error));
}

/* What a call has returned, and left in errno. */
static bool
try(const char *what, long returned)
{
	tell(what, returned == -1 ? errno : 0);
	return returned != -1;
}

static void
try_open(const char *what, const char *variable, int flags)
{
	const char *name = getenv(variable);
	int fd = name != NULL ? open(name, flags, 0600) : -1;

	if (name != NULL && try(what, fd))
		close(fd);
}

/* Who may read it, and what a shell would run that is at the terminal. */
static void
try_access(const char *name)
{
	if (name != NULL)
		try("access", chmod(name, 0644));
	ioctl(-1, TIOCSTI, "x");
	tell("type", errno == EBADF ? 0 : errno);
}

static void
try_socket(void)
{
	struct sockaddr_in at = {.sin_family = AF_INET};
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (!try("socket", fd))
		return;
	try("bind", bind(fd, (struct sockaddr *)&at, sizeof at));
	try("listen", listen(fd, 1));
	close(fd);
}

/* A datagram from here goes to any socket that has a name. */
static void
try_pair(void)
{
	int fds[2];

	if (!try("pair", socketpair(AF_UNIX, SOCK_DGRAM, 0, fds)))
		return;
	close(fds[0]);
	close(fds[1]);
}

/*
 * Calls that do nothing, since what they are to do it to is not there, and the
 * errors with which they say so: the ones that get as far are told.  Those of
 * the last kernels are here by number, as the headers may not have them.
 */
static void
try_calls(void)
{
	static const struct {
		const char *name;
		long number, args[5];
	} calls[] = {
	    {"fchmodat2", 452, {-1, (long)"x", 0600}},
	    {"setxattrat", 463, {-1, (long)"x", 0, (long)"user.x"}},
	    {"removexattrat", 466, {-1, (long)"x", 0, (long)"user.x"}},
	    {"file_setattr", 469, {-1, (long)"x", 0, 24}},
	    {"utimensat", SYS_utimensat, {-1, (long)"x"}},
	    {"open_tree", 428, {-1, (long)"x"}},
	    {"fsopen", 430, {(long)""}},
	    {"fspick", 433, {-1, (long)"x"}},
	    {"mount_setattr", 442, {-1, (long)"x"}},
	    {"fanotify_init", SYS_fanotify_init, {-1, -1}},
	    {"finit_module", SYS_finit_module, {-1, (long)""}},
	    {"swapoff", SYS_swapoff, {(long)"/nowhere"}},
	    {"syslog", SYS_syslog, {10}},
	    {"shmget", SYS_shmget, {1, 0, 0}},
	    {"shmctl", SYS_shmctl, {-1}},
	    {"msgsnd", SYS_msgsnd, {-1}},
	    {"semctl", SYS_semctl, {-1}},
	    {"semop", SYS_semop, {-1}},
	    {"mq_unlink", SYS_mq_unlink, {(long)"nowhere"}},
	    {"setpriority", SYS_setpriority, {0, 1000000000}},
	    {"sched_setaffinity", SYS_sched_setaffinity, {1000000000}},
	    {"raw socket", SYS_socket, {AF_INET, SOCK_RAW, 1}},
	    {"generic netlink", SYS_socket, {AF_NETLINK, SOCK_RAW, 16}},
	    {"packet socket", SYS_socket, {AF_PACKET, SOCK_DGRAM}},
	    {"prlimit64", SYS_prlimit64, {1000000000, 7}},
	};
	const char *between = "";

	dprintf(report, "%s let through: ", program_invocation_short_name);
	for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
		const long *a = calls[i].args;
		long n = syscall(calls[i].number, a[0], a[1], a[2], a[3], a[4]);

		if (n == -1 && (errno == EPERM || errno == ENOSYS ||
				   errno == EAFNOSUPPORT))
			continue;
		dprintf(report, "%s%s", between, calls[i].name);
		between = ", ";
	}
	dprintf(report, "%s\n", *between == '\0' ? "nothing" : "");
}

/* One that is root in a world of its own. */
static void
try_world(void)
{
	long pid = syscall(SYS_clone, SIGCHLD | CLONE_NEWUSER, 0, 0, 0, 0);

	if (pid == 0)
		_exit(0);
	if (try("world", pid))
		waitpid((pid_t)pid, NULL, 0);
}

static void
try_process(void)
{
	char *argv[] = {(char[]){"true"}, NULL};
	pid_t pid = fork();
	int error;

	if (pid == 0)
		_exit(0);
	if (try("fork", pid))
		waitpid(pid, NULL, 0);
	error = posix_spawn(&pid, "/bin/true", NULL, NULL, argv, environ);
	tell("exec", error);
	if (error == 0)
		waitpid(pid, NULL, 0);
}

static void
try_memory(void)
{
	char byte = 1;
	struct iovec to = {&byte, 1}, from = {environ, 1};

	/* Our own, since a shell above us may be of another user. */
	try("memory", process_vm_readv(getpid(), &to, 1, &from, 1, 0));
}

static void *
nothing(void *arg)
{
	return arg;
}

static void
try_thread(void)
{
	pthread_t thread;
	int error = pthread_create(&thread, NULL, nothing, NULL);

	tell("thread", error);
	if (error == 0)
		pthread_join(thread, NULL);
}

__attribute__((destructor)) static void
try_all(void)
{
	if (report == -1)
		return;
	unsetenv("PROBE"); /* what is started below does not try it again */
	unsetenv("LD_PRELOAD");
	try_open("read", "PROBE_READ", O_RDONLY);
	try_open("write", "PROBE_WRITE", O_WRONLY | O_CREAT);
	try_open("change", "PROBE_CHANGE", O_WRONLY);
	try_access(getenv("PROBE_CHANGE"));
	try_socket();
	try_pair();
	try_process();
	try_world();
	try_memory();
	try_thread();
	try_calls();
}
