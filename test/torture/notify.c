/* SPDX-License-Identifier: MIT */
/*
 * notify SOCKET COMMAND...: runs the command, and all that it starts, so that
 * the process at the other end of the socket is asked before each call that
 * writes, names or removes something, sends, or starts a process
 * (seccomp_unotify(2)). notify --calls: their numbers and names, which differ
 * between machines.
 */
#define _GNU_SOURCE
#include <err.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

/* All but sendmsg, which passes on the descriptor that is asked. */
#define CALL(name)                                                             \
	{                                                                      \
		SYS_##name, #name                                              \
	}
static const struct {
	unsigned number;
	const char *name;
} calls[] = {
    CALL(write), CALL(writev), CALL(pwrite64), CALL(pwritev), CALL(sendto),
    CALL(fsync), CALL(fdatasync), CALL(ftruncate), CALL(fallocate),
    CALL(unlinkat), CALL(renameat2), CALL(mkdirat), CALL(clone), CALL(clone3),
    CALL(execve),
#ifdef SYS_unlink
    CALL(unlink), CALL(rename), CALL(mkdir), CALL(fork), CALL(vfork),
#endif
#ifdef SYS_renameat
    CALL(renameat),
#endif
    CALL(openat), /* last: only one that makes or empties a file */
};

#define COUNT (sizeof calls / sizeof calls[0])
#define FIELD(name) offsetof(struct seccomp_data, name)

/* Returns a descriptor on which each of the calls is told, and must be
 * answered. */
static int
listener(void)
{
	static struct sock_filter code[COUNT + 6];
	struct sock_fprog filter = {.filter = code};
	size_t n = 0;

	code[n++] =
	    (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, FIELD(nr));
	for (size_t i = 0; i < COUNT; i++, n++)
		code[n] = (struct sock_filter)BPF_JUMP(
		    BPF_JMP | BPF_JEQ | BPF_K, calls[i].number,
		    (unsigned char)(COUNT - i + (i < COUNT - 1 ? 3 : 0)), 0);
	code[n++] =
	    (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	code[n++] = (struct sock_filter)BPF_STMT(
	    BPF_LD | BPF_W | BPF_ABS, (unsigned)FIELD(args[2]));
	code[n++] = (struct sock_filter)BPF_JUMP(
	    BPF_JMP | BPF_JSET | BPF_K, O_CREAT | O_TRUNC, 1, 0);
	code[n++] =
	    (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	code[n++] = (struct sock_filter)BPF_STMT(
	    BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF);
	filter.len = (unsigned short)n;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1)
		err(125, "prctl");
	return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
	    SECCOMP_FILTER_FLAG_NEW_LISTENER, &filter);
}

static void
pass(int to, int fd)
{
	char byte = 0;
	union {
		struct cmsghdr head;
		char space[CMSG_SPACE(sizeof fd)];
	} control = {.head = {.cmsg_len = CMSG_LEN(sizeof fd),
			 .cmsg_level = SOL_SOCKET,
			 .cmsg_type = SCM_RIGHTS}};
	struct iovec iov = {.iov_base = &byte, .iov_len = 1};
	struct msghdr message = {.msg_iov = &iov,
	    .msg_iovlen = 1,
	    .msg_control = &control,
	    .msg_controllen = sizeof control.space};

	memcpy(CMSG_DATA(&control.head), &fd, sizeof fd);
	if (sendmsg(to, &message, 0) == -1)
		err(125, "sendmsg");
	close(to);
	close(fd);
}

int
main(int argc, char **argv)
{
	int fd;

	if (argc == 2 && strcmp(argv[1], "--calls") == 0) {
		for (size_t i = 0; i < COUNT; i++)
			printf("%u %s\n", calls[i].number, calls[i].name);
		return 0;
	}
	if (argc < 3)
		errx(2, "usage: notify SOCKET COMMAND...");
	fd = listener();
	if (fd == -1)
		err(125, "seccomp");
	pass((int)strtol(argv[1], NULL, 10), fd);
	execvp(argv[2], argv + 2);
	err(127, "%s", argv[2]);
}
