/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Which system calls are of interest: seccomp's program in the classic BPF. send(2), which
 * has no address, is not, nor are read(2) and write(2); recv(2) is, although it rarely matters: only it can
 * tell of the errors of a connected socket (a connection's cost it 6 us each).
 */
#include "exec/filter.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/base.h"

#if defined(__x86_64__)
#define ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCH AUDIT_ARCH_AARCH64
#else
#error "inaba exec knows x86-64 and arm64"
#endif

#define X32_BIT	    0x40000000u
#define SIOC	    0x8900u
#define SIOC_MASK   0xff00u
#define PROGRAM_MAX 192
#define LOW(i)	    ((uint32_t)(offsetof(struct seccomp_data, args[i])))
#define HIGH(i)	    (LOW(i) + 4)
#define NR	    (offsetof(struct seccomp_data, nr))
#define RET(v)	    BPF_STMT(BPF_RET | BPF_K, (v))
#define LOAD(at)    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (at))
#define IS(v, y, n) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)(v), (y), (n))

struct program {
	struct sock_filter f[PROGRAM_MAX];
	unsigned short n;
};

static void put(struct program *p, const struct sock_filter *f, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		ASSERT(p->n < PROGRAM_MAX);
		p->f[p->n++] = f[i];
	}
}

#define PUT(p, ...)                                                                                \
	do {                                                                                       \
		const struct sock_filter put_f[] = { __VA_ARGS__ };                                \
                                                                                                   \
		put(p, put_f, ARRAY_LEN(put_f));                                                   \
	} while (0)

/* The number is in the accumulator, here and after each of these. */

static void always(struct program *p, long nr, uint32_t ret)
{
	PUT(p, IS(nr, 0, 1), RET(ret));
}

/* If a pointer is given. */
static void if_arg(struct program *p, long nr, unsigned arg)
{
	PUT(p, IS(nr, 0, 6), LOAD(LOW(arg)), IS(0, 0, 2), LOAD(HIGH(arg)), IS(0, 1, 0),
	    RET(SECCOMP_RET_USER_NOTIF), RET(SECCOMP_RET_ALLOW));
}

static void families(struct program *p)
{
	PUT(p, IS(SYS_socket, 0, 7), LOAD(LOW(0)), IS(AF_INET, 3, 0), IS(AF_INET6, 2, 0),
	    IS(AF_NETLINK, 1, 0), IS(AF_PACKET, 0, 1), RET(SECCOMP_RET_USER_NOTIF),
	    RET(SECCOMP_RET_ALLOW));
}

static void ioctls(struct program *p)
{
	PUT(p, IS(SYS_ioctl, 0, 5), LOAD(LOW(1)), BPF_STMT(BPF_ALU | BPF_AND | BPF_K, SIOC_MASK),
	    IS(SIOC, 0, 1), RET(SECCOMP_RET_USER_NOTIF), RET(SECCOMP_RET_ALLOW));
}

/* A ring of a packet socket: files that are mapped by who loads programs are not shared. */
static void maps(struct program *p)
{
	PUT(p, IS(SYS_mmap, 0, 8), LOAD(LOW(3)),
	    BPF_STMT(BPF_ALU | BPF_AND | BPF_K, MAP_SHARED | MAP_ANONYMOUS), IS(MAP_SHARED, 0, 4),
	    LOAD(LOW(2)), BPF_STMT(BPF_ALU | BPF_AND | BPF_K, PROT_WRITE), IS(0, 1, 0),
	    RET(SECCOMP_RET_USER_NOTIF), RET(SECCOMP_RET_ALLOW));
}

/* Unless it is of a descriptor and has no path: fstat(3). */
static void stats(struct program *p, long nr, unsigned flags)
{
	PUT(p, IS(nr, 0, 4), LOAD(LOW(flags)),
	    BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, AT_EMPTY_PATH, 1, 0), RET(SECCOMP_RET_USER_NOTIF),
	    RET(SECCOMP_RET_ALLOW));
}

#define FROM(v, y, n) BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, (v), (y), (n))

/* To files of the node's, by the number of the descriptor. */
static void writes(struct program *p, long nr)
{
	PUT(p, IS(nr, 0, 5), LOAD(LOW(0)), FROM(FILTER_FILE_FIRST, 0, 2),
	    FROM(FILTER_FILE_LAST + 1, 1, 0), RET(SECCOMP_RET_USER_NOTIF), LOAD(NR));
}

/* Short ones to standard output, which may be one, too. */
static void short_writes(struct program *p)
{
	PUT(p, IS(SYS_write, 0, 5), LOAD(LOW(0)), IS(STDOUT_FILENO, 0, 3), LOAD(LOW(2)),
	    FROM(FILTER_WRITE_MAX + 1, 1, 0), RET(SECCOMP_RET_USER_NOTIF), LOAD(NR));
}

static void compile(struct program *p)
{
	static const long calls[] = {
		SYS_bind,	 SYS_connect,	  SYS_listen,	  SYS_accept,	  SYS_accept4,
		SYS_getsockname, SYS_getpeername, SYS_setsockopt, SYS_getsockopt, SYS_sendmsg,
		SYS_recvmsg,	 SYS_sendmmsg,	  SYS_recvmmsg,	  SYS_openat,	  SYS_openat2,
		SYS_faccessat,	 SYS_faccessat2,  SYS_readlinkat, SYS_recvfrom,	  SYS_shutdown,
		SYS_ppoll,	 SYS_execve,	  SYS_execveat
	};

	PUT(p, LOAD(offsetof(struct seccomp_data, arch)), IS(ARCH, 1, 0),
	    RET(SECCOMP_RET_KILL_PROCESS), LOAD(offsetof(struct seccomp_data, nr)));
#ifdef __x86_64__
	PUT(p, BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, X32_BIT, 0, 1), RET(SECCOMP_RET_KILL_PROCESS));
	always(p, SYS_open, SECCOMP_RET_USER_NOTIF);
	always(p, SYS_stat, SECCOMP_RET_USER_NOTIF);
	always(p, SYS_lstat, SECCOMP_RET_USER_NOTIF);
	always(p, SYS_access, SECCOMP_RET_USER_NOTIF);
	always(p, SYS_readlink, SECCOMP_RET_USER_NOTIF);
	always(p, SYS_poll, SECCOMP_RET_USER_NOTIF);
#endif
	for (size_t i = 0; i < ARRAY_LEN(calls); i++)
		always(p, calls[i], SECCOMP_RET_USER_NOTIF);
	stats(p, SYS_newfstatat, 3);
	stats(p, SYS_statx, 2);
	writes(p, SYS_write);
	writes(p, SYS_writev);
	short_writes(p);
	if_arg(p, SYS_sendto, 4);
	families(p);
	ioctls(p);
	maps(p);
	/* its operations would pass by all this; programs do without it */
	always(p, SYS_io_uring_setup, SECCOMP_RET_ERRNO | ENOSYS);
	PUT(p, RET(SECCOMP_RET_ALLOW));
}

int filter_install(void)
{
	struct program p = { .n = 0 };
	struct sock_fprog prog = { .filter = p.f };
	int fd;

	compile(&p);
	prog.len = p.n;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -errno;
	fd = (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER,
			  &prog);
	return fd < 0 ? -errno : fd;
}
