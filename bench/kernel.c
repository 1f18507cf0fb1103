/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Theory of operation
 *
 *	namespace A          router R             sink S
 *	a0 ---------- veth - r0   r1 - veth ----- s0
 *
 * Frames are sent on a packet socket at a0, 64 by one system call. veth hands each to the softirq
 * of the same core, which runs it through R and on to S, where IPv6 is off, before the next one is
 * sent: all of it is in the time that the sender sees, on the one core that we are pinned to.
 *
 * To know what forwarding takes alone, two more floods from the same socket code:
 *	FLOOD_CROSS	the same frames with an EtherType that nobody knows: R drops them on receipt;
 *	FLOOD_SEND	into a veth whose far end is down: the sender alone.
 * So a passage through a veth is CROSS - SEND, forwarding with one passage is FORWARD - CROSS, and
 * forwarding alone is that less a passage, for a forwarded frame passes through two.
 *
 * The second veth costs less than the first, because its frames find the softirq running already.
 * So "forwarding alone" is less than the truth, and "with one passage" more: the truth is between.
 *
 * The three take turns in chunks of a millisecond or two, and of each the lower quartile counts, as
 * for everybody (bench.h); the differences are taken last.
 */
#include "kernel.h"

#include <fcntl.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "frame.h"
#include "routes.h"

#define CHUNK_PKTS	 1024u
#define CHUNKS		 16u
#define FLOOD_BATCH	 64
#define ETH_TYPE_NOBODYS 0x88b5 /* IEEE 802, local experimental */

enum flood { FLOOD_FORWARD, FLOOD_CROSS, FLOOD_SEND, FLOOD_NUM };

enum order { ORDER_SET_UP, ORDER_TEAR_DOWN, ORDER_FLOOD };

struct request {
	enum order order;
	uint32_t n_routes; /* ORDER_SET_UP */
};

struct answer {
	double flood_ns[FLOOD_NUM]; /* each frame */
	double route_octets;
	char why[BENCH_NOTE_MAX]; /* empty: it went well */
};

/* The process that keeps the namespaces. */
struct keeper {
	int ns_a, ns_r, ns_s; /* -1: none */
	int sock[FLOOD_NUM];
	struct routes routes;
	uint32_t at; /* next destination */
	uint8_t frame[FLOOD_BATCH][FRAME_OCTETS];
	struct iovec iov[FLOOD_BATCH];
	struct mmsghdr msg[FLOOD_BATCH];
};

/* On our side: the one way to the one keeper of this program. */
static int keeper_fd = -1;
static pid_t keeper_pid;
static double route_octets;

static bool PRINTF(2, 3) sorry(struct answer *a, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(a->why, sizeof(a->why), fmt, args);
	va_end(args);
	return false;
}

/*
 * In the keeper.
 */

static bool write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool ok = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	if (fd >= 0)
		close(fd);
	return ok;
}

/* Become root of a user namespace, where that is allowed, unless we are root. */
static bool be_root(struct answer *a)
{
	char map[64];
	uid_t uid = geteuid();

	if (uid == 0)
		return true;
	if (unshare(CLONE_NEWUSER) < 0)
		return sorry(a, "not root, no user namespaces");
	snprintf(map, sizeof(map), "0 %u 1", (unsigned)uid);
	return write_file("/proc/self/uid_map", map) || sorry(a, "cannot map the user");
}

static int new_ns(struct answer *a)
{
	if (unshare(CLONE_NEWNET) < 0) {
		sorry(a, "no network namespaces: %s", strerror(errno));
		return -1;
	}
	write_file("/proc/sys/net/ipv6/conf/default/accept_dad", "0");
	write_file("/proc/sys/net/ipv6/conf/default/addr_gen_mode", "1");
	return open("/proc/self/ns/net", O_RDONLY); /* not close-on-exec: ip moves devices there */
}

static void tear_down(struct keeper *k)
{
	for (unsigned i = 0; i < FLOOD_NUM; i++) {
		if (k->sock[i] >= 0)
			close(k->sock[i]);
		k->sock[i] = -1;
	}
	if (k->ns_a >= 0) {
		close(k->ns_a);
		close(k->ns_r);
		close(k->ns_s);
		(void)unshare(CLONE_NEWNET); /* the last one in A leaves it */
	}
	k->ns_a = k->ns_r = k->ns_s = -1;
	routes_free(&k->routes);
}

static FILE *ip_open(int ns)
{
	return setns(ns, CLONE_NEWNET) < 0 ? NULL : popen("ip -batch - 2>&1 >/dev/null", "we");
}

static bool ip_close(FILE *f, struct answer *a)
{
	if (f == NULL || pclose(f) != 0)
		return sorry(a, "ip (of iproute2) failed");
	return true;
}

static bool devices(struct keeper *k, struct answer *a)
{
	FILE *f = ip_open(k->ns_r);

	if (f != NULL) {
		fprintf(f,
			"link add r0 address 02:00:00:00:00:01 type veth peer name a0\n"
			"link add r1 address 02:00:00:00:00:02 type veth peer name s0\n"
			"link set a0 netns /proc/%d/fd/%d\n"
			"link set s0 netns /proc/%d/fd/%d\n"
			"link set r0 up\nlink set r1 up\n",
			getpid(), k->ns_a, getpid(), k->ns_s);
	}
	if (!ip_close(f, a))
		return false;
	f = ip_open(k->ns_s);
	write_file("/proc/sys/net/ipv6/conf/s0/disable_ipv6", "1");
	if (f != NULL)
		fprintf(f, "link set s0 up\n");
	if (!ip_close(f, a))
		return false;
	f = ip_open(k->ns_a);
	write_file("/proc/sys/net/ipv6/conf/a0/disable_ipv6", "1");
	if (f != NULL)
		fprintf(f, "link set a0 up\n"
			   "link add d0 type veth peer name d1\n" /* d1 stays down */
			   "link set d0 up\n");
	return ip_close(f, a);
}

static double slab_kib(void)
{
	FILE *f = fopen("/proc/meminfo", "re");
	char line[128];
	double sum = 0;
	long v;

	while (f != NULL && fgets(line, sizeof(line), f) != NULL)
		if (sscanf(line, "SUnreclaim: %ld", &v) == 1 ||
		    sscanf(line, "Percpu: %ld", &v) == 1)
			sum += (double)v;
	if (f != NULL)
		fclose(f);
	return sum;
}

static bool routing(struct keeper *k, struct answer *a)
{
	char text[IP6_TEXT_MAX];
	double before;
	FILE *f = ip_open(k->ns_r);

	if (f == NULL)
		return sorry(a, "cannot run ip (of iproute2)");
	write_file("/proc/sys/net/ipv6/conf/all/forwarding", "1");
	write_file("/proc/sys/net/ipv6/route/max_size", "16777216");
	fprintf(f, "addr add fd00:1::1/64 dev r0 nodad\naddr add fd00:2::ffff/64 dev r1 nodad\n");
	for (unsigned h = 1; h <= ROUTES_HOPS; h++)
		fprintf(f, "neigh add fd00:2::%x lladdr 02:00:00:00:02:%02x dev r1 nud permanent\n",
			h, h);
	if (!ip_close(f, a))
		return false;
	before = slab_kib();
	f = ip_open(k->ns_r);
	for (uint32_t i = 0; f != NULL && i < k->routes.n; i++) {
		const struct prefix *p = &k->routes.r[i];

		fprintf(f, "route add %s/%u via fd00:2::%x dev r1\n", ip6_text(&p->addr, text),
			p->len, p->hop);
	}
	if (!ip_close(f, a))
		return false;
	a->route_octets = (slab_kib() - before) * 1024 / k->routes.n;
	return true;
}

static bool sockets(struct keeper *k, struct answer *a)
{
	if (setns(k->ns_a, CLONE_NEWNET) < 0)
		return sorry(a, "setns: %s", strerror(errno));
	for (unsigned i = 0; i < FLOOD_NUM; i++) {
		struct sockaddr_ll to = { .sll_family = AF_PACKET };

		to.sll_ifindex = (int)if_nametoindex(i == FLOOD_SEND ? "d0" : "a0");
		k->sock[i] = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
		if (k->sock[i] < 0 || bind(k->sock[i], (struct sockaddr *)&to, sizeof(to)) < 0)
			return sorry(a, "packet socket: %s", strerror(errno));
	}
	return true;
}

/* Frames that left the router towards the sink so far. */
static uint64_t forwarded(struct keeper *k)
{
	unsigned long long pkts = 0;
	char line[512];
	FILE *f;

	if (setns(k->ns_r, CLONE_NEWNET) < 0)
		return 0;
	f = fopen("/proc/thread-self/net/dev", "re");
	while (f != NULL && fgets(line, sizeof(line), f) != NULL)
		(void)sscanf(line, " r1: %*u %*u %*u %*u %*u %*u %*u %*u %*u %llu", &pkts);
	if (f != NULL)
		fclose(f);
	(void)setns(k->ns_a, CLONE_NEWNET);
	return pkts;
}

static void frames(struct keeper *k, enum flood kind)
{
	static const uint8_t to[6] = { 2, 0, 0, 0, 0, 1 };

	for (unsigned i = 0; i < FLOOD_BATCH; i++) {
		frame_make(k->frame[i], to);
		if (kind == FLOOD_CROSS)
			put_be16(k->frame[i] + FRAME_TYPE_OFF, ETH_TYPE_NOBODYS);
		k->iov[i] = (struct iovec){ k->frame[i], FRAME_OCTETS };
		k->msg[i] =
			(struct mmsghdr){ .msg_hdr = { .msg_iov = &k->iov[i], .msg_iovlen = 1 } };
	}
}

/* Send CHUNK_PKTS; ns each. */
static bool chunk(struct keeper *k, enum flood kind, double *ns, struct answer *a)
{
	uint32_t sent = 0;
	double from;

	frames(k, kind);
	from = bench_ns();
	while (sent < CHUNK_PKTS) {
		int n;

		for (unsigned i = 0; i < FLOOD_BATCH; i++)
			memcpy(k->frame[i] + FRAME_DST_OFF, &k->routes.dst[k->at++ % ROUTES_DSTS],
			       IP6_ADDR_OCTETS);
		n = sendmmsg(k->sock[kind], k->msg, FLOOD_BATCH, 0);
		if (n <= 0)
			return sorry(a, "sendmmsg: %s", strerror(errno));
		sent += (uint32_t)n;
	}
	*ns = (bench_ns() - from) / sent;
	return true;
}

static bool flood(struct keeper *k, struct answer *a)
{
	double ns[FLOOD_NUM][CHUNKS];
	uint64_t before = forwarded(k), passed;

	for (unsigned i = 0; i < CHUNKS; i++)
		for (unsigned kind = 0; kind < FLOOD_NUM; kind++)
			if (!chunk(k, (enum flood)kind, &ns[kind][i], a))
				return false;
	passed = forwarded(k) - before;
	if (passed < CHUNKS * CHUNK_PKTS * 99 / 100 || passed > CHUNKS * CHUNK_PKTS + 100)
		return sorry(a, "%llu of %u frames forwarded", (unsigned long long)passed,
			     CHUNKS * CHUNK_PKTS);
	for (unsigned kind = 0; kind < FLOOD_NUM; kind++)
		a->flood_ns[kind] = bench_quartile(ns[kind], CHUNKS);
	return true;
}

static void set_up(struct keeper *k, uint32_t n_routes, struct answer *a)
{
	tear_down(k);
	if (!be_root(a))
		return;
	routes_make(&k->routes, n_routes);
	k->ns_s = new_ns(a);
	k->ns_r = new_ns(a);
	k->ns_a = new_ns(a);
	if (a->why[0] == '\0' && devices(k, a) && routing(k, a) && sockets(k, a))
		return;
	tear_down(k);
}

static void keep(int fd)
{
	struct keeper *k = bench_alloc(1, sizeof(*k));
	struct request r;

	*k = (struct keeper){ .ns_a = -1, .ns_r = -1, .ns_s = -1, .sock = { -1, -1, -1 } };
	while (read(fd, &r, sizeof(r)) == (ssize_t)sizeof(r)) {
		struct answer a = { .why = "" };

		switch (r.order) {
		case ORDER_SET_UP:
			set_up(k, r.n_routes, &a);
			break;
		case ORDER_TEAR_DOWN:
			tear_down(k);
			break;
		case ORDER_FLOOD:
			if (k->ns_a >= 0)
				flood(k, &a);
			break;
		}
		if (write(fd, &a, sizeof(a)) != (ssize_t)sizeof(a))
			break;
	}
	_exit(0);
}

/*
 * On our side.
 */

static struct answer ask(enum order order, uint32_t n_routes)
{
	struct request r = { .order = order, .n_routes = n_routes };
	struct answer a = { .why = "" };

	if (keeper_fd < 0 || write(keeper_fd, &r, sizeof(r)) != (ssize_t)sizeof(r) ||
	    read(keeper_fd, &a, sizeof(a)) != (ssize_t)sizeof(a))
		sorry(&a, "the process of the namespaces is gone");
	return a;
}

void kernel_start(void)
{
	int fd[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd) < 0)
		return;
	fflush(stdout);
	keeper_pid = fork();
	if (keeper_pid == 0) {
		close(fd[0]);
		keep(fd[1]);
	}
	close(fd[1]);
	keeper_fd = fd[0];
}

void kernel_stop(void)
{
	if (keeper_fd >= 0)
		close(keeper_fd);
	keeper_fd = -1;
	if (keeper_pid > 0)
		waitpid(keeper_pid, NULL, 0);
}

bool kernel_set_up(uint32_t n_routes, char why[BENCH_NOTE_MAX])
{
	struct answer a = ask(ORDER_SET_UP, n_routes);

	route_octets = a.route_octets;
	snprintf(why, BENCH_NOTE_MAX, "%s", a.why);
	return a.why[0] == '\0';
}

void kernel_tear_down(void)
{
	(void)ask(ORDER_TEAR_DOWN, 0);
}

static struct answer flood_all(void)
{
	struct answer a = ask(ORDER_FLOOD, 0);

	if (a.why[0] != '\0')
		fprintf(stderr, "bench: the kernel's measurement is spoilt: %s\n", a.why);
	return a;
}

double kernel_hop_ns(void *ctx)
{
	struct answer a = flood_all();

	(void)ctx;
	return a.flood_ns[FLOOD_FORWARD] - a.flood_ns[FLOOD_CROSS];
}

double kernel_forward_ns(void *ctx)
{
	struct answer a = flood_all();

	(void)ctx;
	return a.flood_ns[FLOOD_FORWARD] - 2 * a.flood_ns[FLOOD_CROSS] + a.flood_ns[FLOOD_SEND];
}

double kernel_route_octets(void *ctx)
{
	(void)ctx;
	return route_octets;
}
