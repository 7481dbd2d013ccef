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
#include <linux/netlink.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Calls of x32, which x86-64 has beside its own, with this bit. */
#define X32_BIT 0x40000000U

/*
 * The later calls have one number on all machines.  They are here by number
 * since the kernel that the program runs on may be newer than the headers.
 */
enum {
	CALL_SEMTIMEDOP_TIME64 = 420, /* of machines with 32 bits */
	CALL_IO_URING_SETUP = 425,
	CALL_OPEN_TREE = 428,
	CALL_MOVE_MOUNT = 429,
	CALL_FSOPEN = 430,
	CALL_FSCONFIG = 431,
	CALL_FSMOUNT = 432,
	CALL_FSPICK = 433,
	CALL_CLONE3 = 435,
	CALL_PIDFD_GETFD = 438,
	CALL_MOUNT_SETATTR = 442,
	CALL_QUOTACTL_FD = 443,
	CALL_FCHMODAT2 = 452,
	CALL_SETXATTRAT = 463,
	CALL_REMOVEXATTRAT = 466,
	CALL_OPEN_TREE_ATTR = 467,
	CALL_FILE_SETATTR = 469,
	CALL_UNKNOWN = 470 /* the first of which nobody knew (Linux 6.18) */
};

/* Those of 32-bit ARM alone, which libc needs, are from here on. */
#define ARM_FIRST 0xf0000U

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
    {CALL_PIDFD_GETFD, 0, EPERM},
    {SYS_kcmp, 0, EPERM},
    {SYS_perf_event_open, 0, EPERM},
    {SYS_bpf, 0, EPERM},
    {SYS_userfaultfd, 0, EPERM},
/* What others share: its numbers are easily guessed, too. */
#ifdef SYS_shmget
    {SYS_shmget, 0, EPERM},
    {SYS_shmat, 0, EPERM},
    {SYS_shmctl, 0, EPERM},
    {SYS_msgget, 0, EPERM},
    {SYS_msgsnd, 0, EPERM},
    {SYS_msgrcv, 0, EPERM},
    {SYS_msgctl, 0, EPERM},
    {SYS_semget, 0, EPERM},
    {SYS_semctl, 0, EPERM},
#endif
#ifdef SYS_semop
    {SYS_semop, 0, EPERM},
    {SYS_semtimedop, 0, EPERM},
#endif
    {CALL_SEMTIMEDOP_TIME64, 0, EPERM},
#ifdef SYS_ipc
    {SYS_ipc, 0, EPERM},
#endif
    {SYS_mq_open, 0, EPERM},
    {SYS_mq_unlink, 0, EPERM},
    /* How much time the others get. */
    {SYS_setpriority, 0, EPERM},
    {SYS_ioprio_set, 0, EPERM},
    {SYS_sched_setaffinity, 0, EPERM},
    {SYS_sched_setattr, 0, EPERM},
    {SYS_sched_setparam, 0, EPERM},
    {SYS_sched_setscheduler, 0, EPERM},
    /* Its calls are not seen here. */
    {CALL_IO_URING_SETUP, 0, ENOSYS},
    /* Keys, and what is around a process. */
    {SYS_keyctl, 0, EPERM},
    {SYS_add_key, 0, EPERM},
    {SYS_request_key, 0, EPERM},
    {SYS_mount, 0, EPERM},
    {CALL_OPEN_TREE, 0, EPERM},
    {CALL_OPEN_TREE_ATTR, 0, EPERM},
    {CALL_MOVE_MOUNT, 0, EPERM},
    {CALL_FSOPEN, 0, EPERM},
    {CALL_FSCONFIG, 0, EPERM},
    {CALL_FSMOUNT, 0, EPERM},
    {CALL_FSPICK, 0, EPERM},
    {CALL_MOUNT_SETATTR, 0, EPERM},
    {SYS_umount2, 0, EPERM},
#ifdef SYS_umount
    {SYS_umount, 0, EPERM},
#endif
    {SYS_pivot_root, 0, EPERM},
    {SYS_chroot, 0, EPERM},
    {SYS_unshare, 0, EPERM},
    {SYS_setns, 0, EPERM},
    {SYS_open_by_handle_at, 0, EPERM},
    {SYS_fanotify_init, 0, EPERM},
    /* The machine itself, which is root's, as many a cron job is. */
    {SYS_init_module, 0, EPERM},
    {SYS_finit_module, 0, EPERM},
    {SYS_delete_module, 0, EPERM},
    {SYS_kexec_load, 0, EPERM},
#ifdef SYS_kexec_file_load
    {SYS_kexec_file_load, 0, EPERM},
#endif
    {SYS_reboot, 0, EPERM},
    {SYS_swapon, 0, EPERM},
    {SYS_swapoff, 0, EPERM},
    {SYS_acct, 0, EPERM},
    {SYS_quotactl, 0, EPERM},
    {CALL_QUOTACTL_FD, 0, EPERM},
    {SYS_syslog, 0, EPERM},
    {SYS_sethostname, 0, EPERM},
    {SYS_setdomainname, 0, EPERM},
    {SYS_adjtimex, 0, EPERM},
    {SYS_clock_adjtime, 0, EPERM},
#ifdef SYS_settimeofday
    {SYS_settimeofday, 0, EPERM},
    {SYS_clock_settime, 0, EPERM},
#else /* musl, where a time has 32 bits for the kernel */
    {SYS_settimeofday_time32, 0, EPERM},
    {SYS_clock_settime32, 0, EPERM},
#endif
#ifdef SYS_clock_settime64
    {SYS_clock_settime64, 0, EPERM},
    {SYS_clock_adjtime64, 0, EPERM},
#endif
#ifdef SYS_iopl
    {SYS_iopl, 0, EPERM},
    {SYS_ioperm, 0, EPERM},
#endif
/* Landlock sees to what is in a file, but not to who may read it, nor when. */
#ifdef SYS_chmod
    {SYS_chmod, 0, EPERM},
    {SYS_chown, 0, EPERM},
    {SYS_lchown, 0, EPERM},
    {SYS_utimes, 0, EPERM},
    {SYS_futimesat, 0, EPERM},
#endif
#ifdef SYS_utime
    {SYS_utime, 0, EPERM},
#endif
#ifdef SYS_chown32
    {SYS_chown32, 0, EPERM},
    {SYS_lchown32, 0, EPERM},
#endif
    {SYS_fchmodat, 0, EPERM},
    {CALL_FCHMODAT2, 0, EPERM},
    {SYS_fchownat, 0, EPERM},
#ifdef SYS_utimensat
    {SYS_utimensat, 0, EPERM},
#endif
#ifdef SYS_utimensat_time64
    {SYS_utimensat_time64, 0, EPERM},
#endif
    {SYS_setxattr, 0, EPERM},
    {SYS_lsetxattr, 0, EPERM},
    {CALL_SETXATTRAT, 0, EPERM},
    {SYS_removexattr, 0, EPERM},
    {SYS_lremovexattr, 0, EPERM},
    {CALL_REMOVEXATTRAT, 0, EPERM},
    {CALL_FILE_SETATTR, 0, EPERM},
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
    {SYS_socketpair, CONFINE_CONNECT, EPERM}, /* one can send elsewhere */
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
    /* A filter does not see its flags; libc then takes the old one. */
    {CALL_CLONE3, 0, ENOSYS},
};

#define CALLS (sizeof calls / sizeof calls[0])

/* The instructions around those of `calls`, at most. */
#define AROUND 48

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

/* The next `skip` instructions are left out if it is that value. */
static void
add_if(struct filter_text *f, uint32_t value, unsigned char skip)
{
	add(f, (struct sock_filter)BPF_JUMP(
		   BPF_JMP | BPF_JEQ | BPF_K, value, skip, 0));
}

static void
add_refusal(struct filter_text *f, int error)
{
	add_return(f, SECCOMP_RET_ERRNO | (uint32_t)error);
}

/* Where the call has its n-th argument: none that is looked at needs more. */
static void
add_load_argument(struct filter_text *f, int n)
{
	add_load(f,
	    offsetof(struct seccomp_data, args) + (size_t)n * sizeof(uint64_t));
}

/*
 * A call of another machine's convention has other numbers: none is ours.  One
 * that is newer than the list above could be anything; libraries know what to
 * do on a kernel that does not have it.
 */
static void
add_machine(struct filter_text *f)
{
	add_load(f, offsetof(struct seccomp_data, arch));
	add_if(f, THIS_MACHINE, 1);
	add_refusal(f, EPERM);
	add_load(f, offsetof(struct seccomp_data, nr));
#ifdef __x86_64__
	add_unless(f, BPF_JGE, X32_BIT, 1);
	add_refusal(f, EPERM);
#endif
#ifdef __arm__
	add_unless(f, BPF_JGE, ARM_FIRST, 1);
	add_return(f, SECCOMP_RET_ALLOW);
#endif
	add_unless(f, BPF_JGE, CALL_UNKNOWN, 1);
	add_refusal(f, ENOSYS);
}

/*
 * A new thread is none of the processes that are refused; a process that is
 * not has no world of its own, where it would be root.
 */
static void
add_clone(struct filter_text *f, bool processes)
{
	const unsigned own = CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS |
			     CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID |
			     CLONE_NEWNET;

	add_unless(f, BPF_JEQ, SYS_clone, processes ? 4 : 6);
	add_load_argument(f, 0);
	add_unless(f, BPF_JSET, own, 1);
	add_refusal(f, EPERM);
	if (!processes) {
		add_unless(f, BPF_JSET, CLONE_THREAD, 1);
		add_return(f, SECCOMP_RET_ALLOW);
		add_refusal(f, EPERM);
	} else {
		add_return(f, SECCOMP_RET_ALLOW);
	}
}

/*
 * Connections go over IP, or to a server of this machine; libc asks netlink for
 * its addresses.  By netlink's other protocols root changes a firewall and
 * more, and raw sockets are root's to listen on.
 */
static void
add_socket(struct filter_text *f)
{
	add_unless(f, BPF_JEQ, SYS_socket, 15);
	add_load_argument(f, 0);
	add_unless(f, BPF_JEQ, AF_NETLINK, 4);
	add_load_argument(f, 2);
	add_unless(f, BPF_JEQ, NETLINK_ROUTE, 1);
	add_return(f, SECCOMP_RET_ALLOW);
	add_refusal(f, EPERM);
	add_if(f, AF_UNIX, 3);
	add_if(f, AF_INET, 2);
	add_if(f, AF_INET6, 1);
	add_refusal(f, EAFNOSUPPORT);
	add_load_argument(f, 1);
	add(f, (struct sock_filter)BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 0xf));
	add_unless(f, BPF_JEQ, SOCK_RAW, 1);
	add_refusal(f, EPERM);
	add_return(f, SECCOMP_RET_ALLOW);
}

/* A limit that another process has passed ends it as a signal would. */
static void
add_prlimit(struct filter_text *f)
{
	add_unless(f, BPF_JEQ, SYS_prlimit64, 4);
	add_load_argument(f, 0);
	add_unless(f, BPF_JEQ, 0, 1);
	add_return(f, SECCOMP_RET_ALLOW);
	add_refusal(f, EPERM);
}

/* What is typed into the terminal that way, a shell would run. */
static void
add_ioctl(struct filter_text *f)
{
	add_unless(f, BPF_JEQ, SYS_ioctl, 5);
	add_load_argument(f, 1);
	add_if(f, TIOCSTI, 1);
	add_unless(f, BPF_JEQ, TIOCLINUX, 1);
	add_refusal(f, EPERM);
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
			add_refusal(&f, calls[i].error);
		}
	add_clone(&f, (may & (CONFINE_FORK | CONFINE_EXEC)) != 0);
	if (may & CONFINE_CONNECT)
		add_socket(&f);
	add_prlimit(&f);
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
