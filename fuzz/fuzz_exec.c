/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the supervisor of programs (src/exec) reads from the memory of a hostile one: lengths, addresses,
 * lists of buffers, ancillary data, in any call about sockets, on a node behind the seam. A process that
 * sleeps for ever stands for the program; it shares its descriptors, and some pages, with the fuzzer. What a
 * call writes must lie within what the program offered it.
 */
#include "base/rd.h"
#include "exec/part.h"
#include "exec/target.h"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define PAGES	   4
#define PAGE	   4096
#define MEMORY	   ((size_t)PAGES * PAGE)
#define SOCKS	   4
#define CALLS_OPS  60
#define TURNS_MAX  2000
#define EVENTS_MAX 16
#define RANGES_MAX 64
#define FILL	   0xa5

struct range {
	size_t from, to;
};

struct fuzz {
	struct pkt_pool pool;
	struct node *n;
	struct seam *seam;
	struct exec *e;
	struct rd in;
	time_ns now;
	int epoll, fd[SOCKS];
	unsigned n_ranges;
	struct range range[RANGES_MAX]; /* that a call may write to */
};

static uint8_t *memory; /* a page that is not there lies behind it */
static pid_t program;

static uint8_t u8(struct fuzz *f)
{
	uint8_t v = 0;

	(void)rd_u8(&f->in, &v);
	return v;
}

static uint16_t u16(struct fuzz *f)
{
	uint16_t v = 0;

	(void)rd_u16(&f->in, &v);
	return v;
}

/* Raw calls only: of the C library's state this process has a copy that is not its own. */
static void sleep_for_ever(void)
{
	(void)syscall(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	for (;;)
		(void)syscall(SYS_pause);
}

static void start_program(void)
{
	if (program != 0)
		return;
	memory = mmap(NULL, MEMORY + PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		      0);
	ASSERT(memory != MAP_FAILED && mprotect(memory + MEMORY, PAGE, PROT_NONE) == 0);
	program = (pid_t)syscall(SYS_clone, CLONE_FILES | SIGCHLD, 0, 0, 0, 0);
	ASSERT(program >= 0);
	if (program == 0)
		sleep_for_ever();
}

/*
 * Node, seam and supervisor take turns until nothing happens any more.
 */
static struct call *waiting(const struct fuzz *f)
{
	struct hnode *n = htab_iter(&f->e->calls, NULL);

	return n != NULL ? CONTAINER_OF(n, struct call, node) : NULL;
}

static bool take_answer(struct fuzz *f)
{
	struct exec *e = f->e;
	struct iovec iov = { e->in, sizeof(e->in) };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1 };
	ssize_t n = recvmsg(e->seam, &m, MSG_DONTWAIT);
	struct answer a = { .fd = -1 };
	struct call *c = waiting(f);

	if (n < 0)
		return false;
	ASSERT((size_t)n >= sizeof(a.h));
	memcpy(&a.h, e->in, sizeof(a.h));
	a.addr = e->in + sizeof(a.h);
	a.control = a.addr + a.h.addr_len;
	a.data = a.control + a.h.control_len;
	if (c == NULL || a.h.id == 0 || c->rpc != a.h.id)
		return true;
	htab_del(&e->rpcs, &c->by_rpc);
	c->rpc = 0;
	c->after(e, c, &a);
	return true;
}

static void turn(struct fuzz *f)
{
	struct epoll_event ev[EVENTS_MAX];
	uint32_t ifindex;
	struct pktq q;
	bool more;
	int n;

	for (unsigned i = 0; i < TURNS_MAX; i++) {
		n = epoll_wait(f->epoll, ev, EVENTS_MAX, 0);
		for (int k = 0; k < n; k++)
			(void)seam_event(f->seam, ev[k].data.ptr, ev[k].events);
		node_settle(f->n, f->now);
		while (node_output(f->n, &ifindex, &q))
			pktq_free(&q);
		more = take_answer(f);
		if (n <= 0 && !more && !seam_has_work(f->seam))
			return;
		seam_flush(f->seam);
	}
	ASSERT_NOT_REACHED();
}

static void open_sock(struct fuzz *f, unsigned i, uint32_t family, uint32_t type)
{
	struct seam_req q = { .id = 1, .op = SEAM_SOCKET, .a = family, .b = type, .flags = 77 };
	union {
		char room[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control;
	struct seam_rsp r;
	struct iovec iov = { &r, sizeof(r) };
	struct msghdr m = { NULL, 0, &iov, 1, control.room, sizeof(control.room), 0 };
	struct epoll_event ev[EVENTS_MAX];
	struct esock *s;
	int n;

	ASSERT(send(f->e->seam, &q, sizeof(q), 0) == sizeof(q));
	n = epoll_wait(f->epoll, ev, EVENTS_MAX, 0);
	for (int k = 0; k < n; k++)
		(void)seam_event(f->seam, ev[k].data.ptr, ev[k].events);
	ASSERT(recvmsg(f->e->seam, &m, MSG_DONTWAIT | MSG_CMSG_CLOEXEC) == sizeof(r));
	ASSERT(r.rc == 0 && CMSG_FIRSTHDR(&m) != NULL);
	memcpy(&f->fd[i], CMSG_DATA(CMSG_FIRSTHDR(&m)), sizeof(int));
	(void)fcntl(f->fd[i], F_SETFL, O_RDWR | O_NONBLOCK);
	s = esock_add(f->e, f->fd[i], r.sock);
	ASSERT(s != NULL);
	s->domain = (int)family;
	s->type = (int)type;
}

/*
 * Arguments.
 */
static void allow(struct fuzz *f, size_t at, size_t n)
{
	if (f->n_ranges < RANGES_MAX && at < MEMORY)
		f->range[f->n_ranges++] = (struct range){ at, MIN(at + MIN(n, MEMORY), MEMORY) };
}

/* A place of the program's with room for @n octets, or that seems to have it. */
static uint64_t place(struct fuzz *f, size_t n)
{
	uint8_t how = u8(f);
	size_t at;

	switch (how % 8) {
	case 0:
		return 0;
	case 1:
		return UINT64_MAX - how;
	case 2: /* runs into what is not there */
		at = MEMORY - how / 8;
		break;
	default:
		at = u16(f) % MEMORY;
		break;
	}
	allow(f, at, n);
	return (uintptr_t)memory + at;
}

static uint64_t length(struct fuzz *f, size_t usual)
{
	static const uint64_t odd[] = { 0,
					1,
					UINT32_MAX,
					INT32_MAX,
					UINT64_MAX,
					UINT64_C(1) << 32,
					(UINT64_C(1) << 32) + 16,
					SIZE_MAX / 2 };
	uint8_t how = u8(f);

	if (how < 128)
		return usual;
	return how < 192 ? odd[how % ARRAY_LEN(odd)] : u16(f);
}

static void write_at(uint64_t at, const void *p, size_t n)
{
	uint64_t from = (uintptr_t)memory;

	ASSERT(memory != NULL);
	if (at >= from && at - from <= MEMORY - n)
		memcpy(memory + (at - from), p, n);
}

/* A value-result length, and what it is of. */
static uint64_t with_length(struct fuzz *f, uint64_t *len_at, size_t usual)
{
	uint32_t n = (uint32_t)length(f, usual);

	*len_at = place(f, sizeof(n));
	write_at(*len_at, &n, sizeof(n));
	return place(f, n);
}

static uint64_t header(struct fuzz *f, bool many)
{
	struct mmsghdr h = { .msg_len = 0 };
	struct iovec iov[4];
	uint64_t at = place(f, many ? sizeof(h) * 2 : sizeof(h.msg_hdr)), iovs;
	size_t n = u8(f) % 5, len;

	for (size_t i = 0; i < MIN(n, ARRAY_LEN(iov)); i++) {
		len = length(f, 200);
		iov[i] = (struct iovec){ target_pointer(place(f, len)), len };
	}
	iovs = place(f, 0);
	write_at(iovs, iov, MIN(n, ARRAY_LEN(iov)) * sizeof(iov[0]));
	h.msg_hdr.msg_iov = target_pointer(iovs);
	h.msg_hdr.msg_iovlen = u8(f) < 230 ? n : length(f, n);
	h.msg_hdr.msg_namelen = (socklen_t)length(f, 28);
	h.msg_hdr.msg_name = target_pointer(place(f, h.msg_hdr.msg_namelen));
	h.msg_hdr.msg_controllen = length(f, 64);
	h.msg_hdr.msg_control = target_pointer(place(f, h.msg_hdr.msg_controllen));
	write_at(at, &h, many ? sizeof(h) : sizeof(h.msg_hdr));
	return at;
}

static uint64_t address(struct fuzz *f)
{
	struct sockaddr_in6 a = { .sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT };
	uint64_t at = place(f, 0);

	put_be16((uint8_t *)&a.sin6_port, 7 + u8(f) % 3);
	write_at(at, &a, sizeof(a));
	return at;
}

static void arguments(struct fuzz *f, int nr, uint64_t arg[6])
{
	static const uint64_t levels[] = { SOL_SOCKET, IPPROTO_IPV6, IPPROTO_TCP, 270, 58 };

	arg[0] = (uint64_t)f->fd[u8(f) % SOCKS];
	arg[3] = u8(f) % 4 == 0 ? u16(f) : 0;
	switch (nr) {
	case SYS_bind:
	case SYS_connect:
		arg[1] = address(f);
		arg[2] = length(f, 28);
		break;
	case SYS_accept:
	case SYS_accept4:
	case SYS_getsockname:
	case SYS_getpeername:
		arg[1] = with_length(f, &arg[2], 28);
		break;
	case SYS_setsockopt:
		arg[1] = levels[u8(f) % ARRAY_LEN(levels)];
		arg[2] = u8(f) % 128;
		arg[4] = length(f, 4);
		arg[3] = place(f, 0);
		break;
	case SYS_getsockopt:
		arg[1] = levels[u8(f) % ARRAY_LEN(levels)];
		arg[2] = u8(f) % 128;
		arg[3] = with_length(f, &arg[4], 4);
		break;
	case SYS_sendto:
		arg[2] = length(f, 100);
		arg[1] = place(f, 0);
		arg[4] = address(f);
		arg[5] = length(f, 28);
		break;
	case SYS_recvfrom:
		arg[2] = length(f, 100);
		arg[1] = place(f, arg[2]);
		arg[4] = with_length(f, &arg[5], 28);
		break;
	case SYS_sendmsg:
	case SYS_recvmsg:
		arg[1] = header(f, false);
		arg[2] = arg[3];
		break;
	case SYS_sendmmsg:
	case SYS_recvmmsg:
		arg[1] = header(f, true);
		arg[2] = length(f, 2);
		break;
	case SYS_ioctl:
		arg[1] = 0x8900u + u8(f);
		arg[2] = place(f, 40);
		break;
	case SYS_openat:
		arg[1] = place(f, 0);
		break;
	default:
		arg[1] = u8(f);
		break;
	}
}

static bool is_allowed(const struct fuzz *f, size_t at)
{
	for (unsigned i = 0; i < f->n_ranges; i++)
		if (at >= f->range[i].from && at < f->range[i].to)
			return true;
	return false;
}

static void one_call(struct fuzz *f)
{
	static const int numbers[] = {
		SYS_bind,	 SYS_connect,	  SYS_listen,	  SYS_accept,	  SYS_accept4,
		SYS_getsockname, SYS_getpeername, SYS_setsockopt, SYS_getsockopt, SYS_sendto,
		SYS_recvfrom,	 SYS_sendmsg,	  SYS_recvmsg,	  SYS_sendmmsg,	  SYS_recvmmsg,
		SYS_ioctl,	 SYS_openat,	  SYS_sendto,	  SYS_recvmsg
	};
	static uint8_t before[MEMORY];
	struct call *c = calloc(1, sizeof(*c));

	ASSERT(c != NULL);
	memset(memory, FILL, MEMORY);
	f->n_ranges = 0;
	c->tid = program;
	c->nr = numbers[u8(f) % ARRAY_LEN(numbers)];
	arguments(f, c->nr, c->arg);
	c->fd = (int)c->arg[0];
	memcpy(before, memory, MEMORY);
	ASSERT(htab_add(&f->e->calls, &c->node, 1) == 0);
	call_begin(f->e, c);
	turn(f);
	c = waiting(f);
	if (c != NULL)
		call_end(f->e, c, -EINTR); /* it waits: a signal */
	turn(f);
	if (memcmp(memory, before, MEMORY) == 0)
		return;
	for (size_t i = 0; i < MEMORY; i++)
		ASSERT(memory[i] == before[i] || is_allowed(f, i));
}

static void start(struct fuzz *f)
{
	struct node_conf conf;

	pkt_pool_init(&f->pool, 256, 64);
	node_conf_init(&conf, "fuzz", &f->pool);
	f->n = node_new(&conf, f->now);
	ASSERT(f->n != NULL);
	f->epoll = epoll_create1(EPOLL_CLOEXEC);
	f->seam = seam_new(f->n, f->epoll);
	f->e = calloc(1, sizeof(*f->e));
	ASSERT(f->seam != NULL && f->e != NULL);
	f->e->notify = -1;
	f->e->signals = -1;
	f->e->epoll = epoll_create1(EPOLL_CLOEXEC);
	f->e->seam = seam_client(f->seam);
	f->e->rsp_octets = sizeof(*f->e->rsp);
	f->e->rsp = calloc(1, sizeof(*f->e->rsp));
	ASSERT(f->e->seam >= 0 && f->e->rsp != NULL);
	open_sock(f, 0, AF_INET6, SOCK_DGRAM);
	open_sock(f, 1, AF_INET6, SOCK_DGRAM);
	open_sock(f, 2, AF_INET6, SOCK_STREAM);
	open_sock(f, 3, AF_NETLINK, SOCK_RAW);
}

static void finish(struct fuzz *f)
{
	struct hnode *n;

	for (unsigned i = 0; i < SOCKS; i++)
		close(f->fd[i]);
	turn(f);
	while ((n = htab_iter(&f->e->socks, NULL)) != NULL) {
		htab_del(&f->e->socks, n);
		free(CONTAINER_OF(n, struct esock, node));
	}
	htab_done(&f->e->socks);
	htab_done(&f->e->calls);
	htab_done(&f->e->rpcs);
	close(f->e->seam);
	close(f->e->epoll);
	free(f->e->rsp);
	free(f->e);
	seam_free(f->seam);
	node_free(f->n);
	close(f->epoll);
	ASSERT(f->pool.used == 0);
	pkt_pool_done(&f->pool);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct fuzz f;

	start_program();
	f = (struct fuzz){ .now = NS_PER_S, .in = rd_of(data, size) };
	start(&f);
	for (unsigned i = 0; i < CALLS_OPS && f.in.left != 0; i++)
		one_call(&f);
	finish(&f);
	return 0;
}
