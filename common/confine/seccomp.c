/* SPDX-License-Identifier: MIT */
/*
 * The filter is a list of what is refused.  A list of what is allowed would
 * have to know what each libc, and each library below libcurl and libpq, calls
 * now and next year, and breaks a run where it is wrong; what an intruder needs
 * first are few calls, and Landlock sees to the files.
 *
 * It is made of the kernel's own instructions: they are few, and libseccomp
 * would be one more library in each program, to be loaded at each start.
 */
#include "confine/may.h"
#include "confine/seccomp.h"

#ifdef __linux__
#include <linux/audit.h>
#if defined(__x86_64__) && !defined(__ILP32__)
#define THIS_MACHINE AUDIT_ARCH_X86_64
#elif defined(__aarch64__) && defined(__AARCH64EL__)
#define THIS_MACHINE AUDIT_ARCH_AARCH64
#elif defined(__riscv) && __riscv_xlen == 64
#define THIS_MACHINE AUDIT_ARCH_RISCV64
#elif defined(__arm__) && defined(__ARM_EABI__) && defined(__ARMEL__)
#define THIS_MACHINE AUDIT_ARCH_ARM
#elif defined(__i386__)
#define THIS_MACHINE AUDIT_ARCH_I386
#endif
#endif

#ifdef THIS_MACHINE
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Calls of x32, which x86-64 has beside its own, with this bit. */
#define X32_BIT 0x40000000U

struct call {
	unsigned number;
	unsigned unless; /* `may` has one of these */
	int error;
};

static const struct call calls[] = {
    /* Others' memory, descriptors and calls. */
    {SYS_ptrace, 0, EPERM},
    {SYS_process_vm_readv, 0, EPERM},
    {SYS_process_vm_writev, 0, EPERM},
#ifdef SYS_pidfd_getfd
    {SYS_pidfd_getfd, 0, EPERM},
#endif
    {SYS_kcmp, 0, EPERM},
    {SYS_perf_event_open, 0, EPERM},
    {SYS_bpf, 0, EPERM},
    {SYS_userfaultfd, 0, EPERM},
#ifdef SYS_io_uring_setup
    /* Its calls are not seen here. */
    {SYS_io_uring_setup, 0, ENOSYS},
#endif
    /* Keys, and what is around a process. */
    {SYS_keyctl, 0, EPERM},
    {SYS_add_key, 0, EPERM},
    {SYS_request_key, 0, EPERM},
    {SYS_mount, 0, EPERM},
#ifdef SYS_move_mount
    {SYS_move_mount, 0, EPERM},
#endif
    {SYS_umount2, 0, EPERM},
    {SYS_pivot_root, 0, EPERM},
    {SYS_chroot, 0, EPERM},
    {SYS_unshare, 0, EPERM},
    {SYS_setns, 0, EPERM},
    {SYS_open_by_handle_at, 0, EPERM},
/* Landlock sees to what is in a file, but not to who may read it. */
#ifdef SYS_chmod
    {SYS_chmod, 0, EPERM},
    {SYS_chown, 0, EPERM},
    {SYS_lchown, 0, EPERM},
#endif
#ifdef SYS_chown32
    {SYS_chown32, 0, EPERM},
    {SYS_lchown32, 0, EPERM},
#endif
    {SYS_fchmodat, 0, EPERM},
#ifdef SYS_fchmodat2
    {SYS_fchmodat2, 0, EPERM},
#endif
    {SYS_fchownat, 0, EPERM},
    {SYS_setxattr, 0, EPERM},
    {SYS_lsetxattr, 0, EPERM},
    {SYS_removexattr, 0, EPERM},
    {SYS_lremovexattr, 0, EPERM},
    {SYS_truncate, 0, EPERM}, /* nor does it to this before ABI 3 */
#ifdef SYS_truncate64
    {SYS_truncate64, 0, EPERM},
#endif
    /* No program of ours takes calls. */
    {SYS_listen, 0, EPERM},
    {SYS_accept4, 0, EPERM},
#ifdef SYS_accept
    {SYS_accept, 0, EPERM},
#endif
    {SYS_socket, CONFINE_CONNECT, EPERM},
    {SYS_connect, CONFINE_CONNECT, EPERM},
    {SYS_bind, CONFINE_CONNECT, EPERM},
#ifdef SYS_socketcall
    {SYS_socketcall, CONFINE_CONNECT, EPERM},
#endif
    {SYS_execve, CONFINE_EXEC, EPERM},
    {SYS_execveat, CONFINE_EXEC, EPERM},
#ifdef SYS_fork
    {SYS_fork, CONFINE_FORK | CONFINE_EXEC, EPERM},
    {SYS_vfork, CONFINE_FORK | CONFINE_EXEC, EPERM},
#endif
#ifdef SYS_clone3
    /* A filter does not see its flags; libc then takes the old one. */
    {SYS_clone3, CONFINE_FORK | CONFINE_EXEC, ENOSYS},
#endif
};

#define CALLS (sizeof calls / sizeof calls[0])

/* The instructions around those of `calls`, at most. */
#define AROUND 24

struct filter_text {
	struct sock_filter code[2 * CALLS + AROUND];
	unsigned short n;
};

static void
add(struct filter_text *f, struct sock_filter instruction)
{
	f->code[f->n++] = instruction;
}

static void
add_load(struct filter_text *f, size_t at)
{
	add(f, (struct sock_filter)BPF_STMT(
		   BPF_LD | BPF_W | BPF_ABS, (uint32_t)at));
}

static void
add_return(struct filter_text *f, uint32_t what)
{
	add(f, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, what));
}

/* Passes over so many instructions if the test says no. */
static void
add_unless(struct filter_text *f, int test, uint32_t value, unsigned char skip)
{
	add(f, (struct sock_filter)BPF_JUMP(
		   (unsigned short)(BPF_JMP | test | BPF_K), value, 0, skip));
}

/* A call of another machine's convention has other numbers: none is ours. */
static void
add_machine(struct filter_text *f)
{
	add_load(f, offsetof(struct seccomp_data, arch));
	add(f, (struct sock_filter)BPF_JUMP(
		   BPF_JMP | BPF_JEQ | BPF_K, THIS_MACHINE, 1, 0));
	add_return(f, SECCOMP_RET_ERRNO | EPERM);
	add_load(f, offsetof(struct seccomp_data, nr));
#ifdef __x86_64__
	add_unless(f, BPF_JGE, X32_BIT, 1);
	add_return(f, SECCOMP_RET_ERRNO | EPERM);
#endif
}

/* A new thread is none of the processes that are refused. */
static void
add_clone(struct filter_text *f)
{
	add_unless(f, BPF_JEQ, SYS_clone, 4);
	add_load(f, offsetof(struct seccomp_data, args[0]));
	add_unless(f, BPF_JSET, CLONE_THREAD, 1);
	add_return(f, SECCOMP_RET_ALLOW);
	add_return(f, SECCOMP_RET_ERRNO | EPERM);
}

/* What is typed into the terminal that way, a shell would run. */
static void
add_ioctl(struct filter_text *f)
{
	add_unless(f, BPF_JEQ, SYS_ioctl, 5);
	add_load(f, offsetof(struct seccomp_data, args[1]));
	add(f, (struct sock_filter)BPF_JUMP(
		   BPF_JMP | BPF_JEQ | BPF_K, TIOCSTI, 1, 0));
	add_unless(f, BPF_JEQ, TIOCLINUX, 1);
	add_return(f, SECCOMP_RET_ERRNO | EPERM);
	add_return(f, SECCOMP_RET_ALLOW);
}

bool
seccomp_filter(unsigned may)
{
	struct filter_text f = {.n = 0};
	struct sock_fprog program = {.filter = f.code};

	add_machine(&f);
	for (size_t i = 0; i < CALLS; i++)
		if ((calls[i].unless & may) == 0) {
			add_unless(&f, BPF_JEQ, calls[i].number, 1);
			add_return(
			    &f, SECCOMP_RET_ERRNO | (uint32_t)calls[i].error);
		}
	if ((may & (CONFINE_FORK | CONFINE_EXEC)) == 0)
		add_clone(&f);
	add_ioctl(&f);
	add_return(&f, SECCOMP_RET_ALLOW);
	program.len = f.n;
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
	       prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

#else

bool
seccomp_filter(unsigned may)
{
	(void)may;
	return false;
}

#endif
