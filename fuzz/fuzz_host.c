/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A daemon that makes calls of host/host.h in any order, also from within calls of its own, on a node in a
 * world: the input is a list of calls, one octet each with their arguments behind. What was closed, unwatched
 * or cancelled is not called, timers are called once and at their time, numbers are never given out
 * twice, and at the end nothing is left.
 */
#include <netinet/in.h>

#include "base/rd.h"
#include "host/inside.h"
#include "sim/world.h"

/* prototype for -Wmissing-prototypes; libFuzzer calls it */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define OPS_MAX	  400
#define SLOTS	  12
#define TIMERS	  6
#define CALLS_MAX 40 /* of one watch: then it is over, or a second would be a million calls */

struct fuzz;

struct slot {
	struct fuzz *f;
	int handle; /* 0: none */
	bool watched;
	unsigned events, calls;
};

struct alarm {
	struct fuzz *f;
	struct host_timer timer;
	bool armed;
	time_ns when, set_at;
};

struct fuzz {
	struct world w;
	struct world_node *wn;
	struct host *h;
	struct rd in;
	struct slot slot[SLOTS];
	struct alarm alarm[TIMERS];
	int last; /* handle */
	time_ns now;
	unsigned ops;
	bool quiet; /* calls do nothing */
};

static void step(struct fuzz *f);

static uint8_t u8(struct fuzz *f)
{
	uint8_t v = 0;

	(void)rd_u8(&f->in, &v);
	return v;
}

static void clock_goes_on(struct fuzz *f)
{
	ASSERT(host_now(f->h) >= f->now);
	f->now = host_now(f->h);
}

static void on_ready(void *ctx, int handle, unsigned events)
{
	struct slot *s = ctx;
	struct fuzz *f = s->f;

	clock_goes_on(f);
	ASSERT(s->handle == handle && s->watched);
	ASSERT(events != 0 && (events & ~(s->events | POLLERR | POLLHUP)) == 0);
	if (++s->calls > CALLS_MAX) {
		ASSERT(host_unwatch(f->h, handle) == 0);
		s->watched = false;
	}
	step(f);
}

static void on_alarm(void *ctx)
{
	struct alarm *a = ctx;
	struct fuzz *f = a->f;

	clock_goes_on(f);
	ASSERT(a->armed && !host_timer_is_armed(&a->timer));
	ASSERT(f->now >= a->when && f->now <= MAX(a->when, a->set_at) + HOST_ROUND_NS);
	a->armed = false;
	step(f);
}

/*
 * Calls.
 */

static void keep(struct fuzz *f, int handle)
{
	struct slot *s = &f->slot[u8(f) % SLOTS];

	if (handle < 0)
		return;
	ASSERT(handle > f->last);
	f->last = handle;
	if (s->handle != 0)
		ASSERT(host_close(f->h, s->handle) == 0);
	*s = (struct slot){ .f = f, .handle = handle };
}

static void do_open(struct fuzz *f)
{
	static const struct {
		int family, type, protocol;
	} kinds[] = {
		{ AF_INET6, SOCK_DGRAM, 0 },
		{ AF_INET6, SOCK_STREAM, 0 },
		{ AF_INET6, SOCK_RAW, IPPROTO_ICMPV6 },
		{ AF_INET6, SOCK_DGRAM, IPPROTO_ICMPV6 },
		{ AF_NETLINK, SOCK_RAW, 0 },
		{ AF_UNIX, SOCK_DGRAM, 0 },
	};
	unsigned k = u8(f) % ARRAY_LEN(kinds);

	keep(f, host_socket(f->h, kinds[k].family, kinds[k].type, kinds[k].protocol));
}

static struct sockaddr_in6 addr(struct fuzz *f)
{
	struct sockaddr_in6 a = { .sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT };

	put_be16((uint8_t *)&a.sin6_port, u8(f) % 4);
	return a;
}

static void do_send(struct fuzz *f, int handle)
{
	static uint8_t data[70000] = { 0x80 };
	struct sockaddr_in6 to = addr(f);
	uint8_t how = u8(f);
	struct iovec iov[2] = { { data, u8(f) },
				{ data, (size_t)u8(f) * ((how & 2) != 0 ? 270 : 1) } };
	struct msghdr msg = { .msg_name = (how & 1) != 0 ? &to : NULL,
			      .msg_namelen = (how & 1) != 0 ? sizeof(to) : 0,
			      .msg_iov = iov,
			      .msg_iovlen = (how & 4) != 0 ? 2 : 1 };

	(void)host_sendmsg(f->h, handle, &msg, 0);
}

static void do_recv(struct fuzz *f, int handle)
{
	uint8_t data[300], control[200];
	struct sockaddr_storage from;
	uint8_t how = u8(f);
	struct iovec iov[2] = { { data, 100 }, { data + 100, u8(f) % 200 } };
	struct msghdr msg = { .msg_name = &from,
			      .msg_namelen = sizeof(from),
			      .msg_iov = iov,
			      .msg_iovlen = (how & 4) != 0 ? 2 : 1,
			      .msg_control = control,
			      .msg_controllen = sizeof(control) };
	ssize_t n = host_recvmsg(f->h, handle, &msg, (how & 1) != 0 ? MSG_PEEK : 0);

	ASSERT(n <= (ssize_t)(100 + iov[1].iov_len));
}

static void do_watch(struct fuzz *f, struct slot *s)
{
	unsigned events = u8(f) & (POLLIN | POLLOUT | POLLRDHUP);
	int rc = host_watch(f->h, s->handle, events, on_ready, s);

	ASSERT(rc == (s->handle != 0 ? 0 : -EBADF));
	s->watched = rc == 0;
	s->events = events;
	s->calls = 0;
}

static void do_close(struct fuzz *f, struct slot *s)
{
	int was = s->handle;

	ASSERT(host_close(f->h, was) == (was != 0 ? 0 : -EBADF));
	ASSERT(host_close(f->h, was) == -EBADF);
	ASSERT(host_unwatch(f->h, was) == -EBADF);
	*s = (struct slot){ .f = f };
}

static void do_alarm(struct fuzz *f, struct alarm *a)
{
	uint8_t how = u8(f);

	a->set_at = host_now(f->h);
	a->when = how < 16    ? 0
		  : how < 224 ? a->set_at + (time_ns)(how - 16) * NS_PER_US
			      : TIME_NEVER;
	a->armed = how < 224;
	host_timer_set(f->h, &a->timer, a->when);
	ASSERT(host_timer_is_armed(&a->timer) == a->armed);
}

static void on_handle(struct fuzz *f, unsigned op, struct slot *s)
{
	struct sockaddr_in6 a;
	int v = 0;
	socklen_t len = sizeof(v);

	switch (op) {
	case 0:
		a = addr(f);
		(void)host_bind(f->h, s->handle, (struct sockaddr *)&a, sizeof(a));
		break;
	case 1:
		a = addr(f);
		(void)host_connect(f->h, s->handle, (struct sockaddr *)&a, sizeof(a));
		break;
	case 2:
		(void)host_listen(f->h, s->handle, 4);
		break;
	case 3:
		keep(f, host_accept(f->h, s->handle));
		break;
	case 4:
	case 5:
		do_send(f, s->handle);
		break;
	case 6:
	case 7:
		do_recv(f, s->handle);
		break;
	case 8:
	case 9:
		do_watch(f, s);
		break;
	case 10:
		ASSERT(host_unwatch(f->h, s->handle) == (s->handle != 0 ? 0 : -EBADF));
		s->watched = false;
		break;
	case 11:
		do_close(f, s);
		break;
	case 12:
		(void)host_shutdown(f->h, s->handle, u8(f) % 4);
		break;
	case 13:
		(void)host_getsockopt(f->h, s->handle, SOL_SOCKET, SO_ERROR, &v, &len);
		break;
	default:
		v = u8(f);
		(void)host_setsockopt(f->h, s->handle, IPPROTO_IPV6, u8(f), &v, len);
		break;
	}
}

/* Also from within calls. */
static void step(struct fuzz *f)
{
	uint8_t op = u8(f), n = u8(f);

	if (f->quiet || f->in.left == 0 || f->ops++ > OPS_MAX)
		return;
	if (op % 32 < 15)
		on_handle(f, op % 32, &f->slot[n % SLOTS]);
	else if (op % 32 < 22)
		do_open(f);
	else if (op % 32 < 27)
		do_alarm(f, &f->alarm[n % TIMERS]);
	else if (op % 32 == 27) {
		host_timer_cancel(f->h, &f->alarm[n % TIMERS].timer);
		f->alarm[n % TIMERS].armed = false;
	} else if (op % 32 < 30)
		step(f); /* two at a time */
}

static void check(struct fuzz *f)
{
	unsigned n = 0;

	for (unsigned i = 0; i < SLOTS; i++)
		n += f->slot[i].handle != 0;
	ASSERT(f->h->n_handles == n);
	for (unsigned i = 0; i < TIMERS; i++)
		ASSERT(host_timer_is_armed(&f->alarm[i].timer) == f->alarm[i].armed);
	ASSERT(list_is_empty(&f->h->due));
}

static void time_passes(struct fuzz *f)
{
	uint8_t how = u8(f);

	world_run(&f->w, f->w.now + (how < 200 ? how * NS_PER_US : (how - 199) * NS_PER_S));
	clock_goes_on(f);
	for (unsigned i = 0; i < TIMERS; i++) /* none is forgotten */
		ASSERT(!f->alarm[i].armed || f->alarm[i].when + HOST_ROUND_NS > f->now ||
		       f->alarm[i].set_at + HOST_ROUND_NS > f->now);
}

/* Who has something to read, and wants to know, has been called a few rounds later. */
static void nobody_is_forgotten(struct fuzz *f)
{
	struct slot was[SLOTS];
	char c;
	struct iovec iov = { &c, 1 };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };

	memcpy(was, f->slot, sizeof(was));
	f->quiet = true;
	world_run(&f->w, f->w.now + 3 * HOST_ROUND_NS);
	f->quiet = false;
	for (unsigned i = 0; i < SLOTS; i++) {
		const struct slot *s = &f->slot[i];

		if (s->watched && (s->events & POLLIN) != 0 && s->calls == was[i].calls)
			ASSERT(host_recvmsg(f->h, s->handle, &msg, MSG_PEEK) < 0);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz f = { .in = rd_of(data, size) };

	world_init(&f.w, &(struct world_conf){ .seed = 1, .max_pkts = 4096 });
	f.wn = world_add_node(&f.w, "fuzz");
	f.h = world_host(f.wn);
	for (unsigned i = 0; i < SLOTS; i++)
		f.slot[i].f = &f;
	for (unsigned i = 0; i < TIMERS; i++) {
		f.alarm[i].f = &f;
		host_timer_init(&f.alarm[i].timer, on_alarm, &f.alarm[i]);
	}
	while (f.in.left != 0 && f.ops < OPS_MAX) {
		step(&f);
		check(&f);
		if (u8(&f) % 4 == 0)
			time_passes(&f);
		if (u8(&f) % 8 == 0)
			nobody_is_forgotten(&f);
		check(&f);
	}
	world_host_end(f.wn, f.h);
	ASSERT(f.wn->node->socks.n == 0);
	for (unsigned i = 0; i < TIMERS; i++)
		ASSERT(!host_timer_is_armed(&f.alarm[i].timer));
	world_done(&f.w);
	return 0;
}
