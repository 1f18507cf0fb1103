/* SPDX-License-Identifier: BSD-3-Clause */
/* Sockets of a node as programs have them: who holds a port when a program has ended, and ioctl(2). */
#include "bed.h"

#include <fcntl.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "host/seam_ioctl.h"
#include "host/seam_part.h"

#define EVENTS_MAX 16
#define PORT	   53

struct world {
	struct bed b;
	struct seam *seam;
	int epoll, client[2];
	uint32_t last_id, gone; /* the last socket that a client was told of */
	struct epoll_event late[64];
	int n_late;
};

static struct world w;

/* Clients' turn: of what has happened to sockets nobody is told yet, as when both happen at once. */
static void turn_of_clients(void)
{
	struct epoll_event ev[EVENTS_MAX];
	int n = epoll_wait(w.epoll, ev, EVENTS_MAX, 0);

	for (int i = 0; i < n; i++) {
		if (*(enum seam_thing *)ev[i].data.ptr == SEAM_THING_CLIENT) {
			(void)seam_event(w.seam, ev[i].data.ptr, ev[i].events);
		} else {
			assert_true((size_t)w.n_late < ARRAY_LEN(w.late));
			w.late[w.n_late++] = ev[i];
		}
	}
	node_settle(w.b.node, w.b.now);
}

static void tell(const struct epoll_event *ev, int n)
{
	for (int i = 0; i < n; i++)
		(void)seam_event(w.seam, ev[i].data.ptr, ev[i].events);
	node_settle(w.b.node, w.b.now);
	seam_flush(w.seam);
}

/* Until nothing happens any more. */
static void turn(void)
{
	struct epoll_event ev[EVENTS_MAX];
	int n;

	tell(w.late, w.n_late);
	w.n_late = 0;
	do {
		n = epoll_wait(w.epoll, ev, EVENTS_MAX, 0);
		tell(ev, n);
	} while (n > 0 || seam_has_work(w.seam));
}

static void init(void)
{
	w = (struct world){ .seam = NULL };
	bed_init(&w.b, 1);
	w.epoll = epoll_create1(EPOLL_CLOEXEC);
	assert_true(w.epoll >= 0);
	w.seam = seam_new(w.b.node, w.epoll);
	assert_non_null(w.seam);
	for (unsigned i = 0; i < ARRAY_LEN(w.client); i++) {
		w.client[i] = seam_client(w.seam);
		assert_true(w.client[i] >= 0);
	}
}

static void done(void)
{
	for (unsigned i = 0; i < ARRAY_LEN(w.client); i++)
		if (w.client[i] >= 0)
			close(w.client[i]);
	turn();
	seam_free(w.seam);
	close(w.epoll);
	bed_done(&w.b);
}

/* An answer, and the descriptor that came with it. */
static bool take(unsigned client, struct seam_rsp *r, int *fd)
{
	static uint8_t rest[SEAM_MESSAGE_MAX];
	union {
		char room[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control;
	struct iovec iov[2] = { { r, sizeof(*r) }, { rest, sizeof(rest) } };
	struct msghdr m = { .msg_iov = iov,
			    .msg_iovlen = 2,
			    .msg_control = control.room,
			    .msg_controllen = sizeof(control.room) };

	if (recvmsg(w.client[client], &m, MSG_DONTWAIT) < (ssize_t)sizeof(*r))
		return false;
	if (fd != NULL && CMSG_FIRSTHDR(&m) != NULL)
		memcpy(fd, CMSG_DATA(CMSG_FIRSTHDR(&m)), sizeof(*fd));
	return true;
}

static struct seam_rsp ask(unsigned client, struct seam_req q, const void *addr, int *fd)
{
	struct iovec iov[2] = { { &q, sizeof(q) }, { seam_unconst(addr), q.addr_len } };
	struct msghdr m = { .msg_iov = iov, .msg_iovlen = 2 };
	struct seam_rsp r;

	q.id = ++w.last_id;
	assert_true(sendmsg(w.client[client], &m, MSG_DONTWAIT) > 0);
	turn_of_clients();
	do {
		assert_true(take(client, &r, fd));
		if (r.id == 0 && r.rc == SEAM_GONE)
			w.gone = r.sock;
	} while (r.id != q.id);
	return r;
}

struct program {
	unsigned client;
	uint32_t sock;
	int fd; /* its end */
};

static struct program opened(unsigned client, int family, int type)
{
	struct program p = { .client = client, .fd = -1 };
	struct seam_rsp r = ask(
		client,
		(struct seam_req){ .op = SEAM_SOCKET, .a = (uint32_t)family, .b = (uint32_t)type },
		NULL, &p.fd);

	assert_int_equal(r.rc, 0);
	assert_true(p.fd >= 0);
	(void)fcntl(p.fd, F_SETFL, O_NONBLOCK);
	p.sock = r.sock;
	return p;
}

static int at_port(const struct program *p, enum seam_op op, struct in6_addr addr)
{
	struct sockaddr_in6 a = { .sin6_family = AF_INET6,
				  .sin6_port = htons(PORT),
				  .sin6_addr = addr };

	return ask(p->client, (struct seam_req){ .op = op, .sock = p->sock, .addr_len = sizeof(a) },
		   &a, NULL)
		.rc;
}

static int bound(const struct program *p)
{
	return at_port(p, SEAM_BIND, in6addr_any);
}

static int listens(const struct program *p)
{
	return ask(p->client, (struct seam_req){ .op = SEAM_LISTEN, .sock = p->sock, .a = 5 }, NULL,
		   NULL)
		.rc;
}

static struct program listening(unsigned client)
{
	struct program p = opened(client, AF_INET6, SOCK_STREAM);

	assert_int_equal(bound(&p), 0);
	assert_int_equal(listens(&p), 0);
	return p;
}

/* Who was seen to end holds no port, whichever epoll_wait(2) tells of first. */
static void test_ended(void **state)
{
	struct program udp, tcp, next;

	(void)state;
	init();
	udp = opened(0, AF_INET6, SOCK_DGRAM);
	assert_int_equal(bound(&udp), 0);
	next = opened(1, AF_INET6, SOCK_DGRAM);
	assert_int_equal(bound(&next), -EADDRINUSE);
	close(udp.fd);
	assert_int_equal(bound(&next), 0);
	assert_int_equal(
		ask(0, (struct seam_req){ .op = SEAM_POLL, .sock = udp.sock }, NULL, NULL).rc,
		-EBADF);
	assert_int_equal(w.gone, udp.sock);
	close(next.fd);

	tcp = listening(0);
	next = opened(1, AF_INET6, SOCK_STREAM);
	assert_int_equal(bound(&next), -EADDRINUSE);
	close(tcp.fd);
	assert_int_equal(bound(&next), 0);
	assert_int_equal(listens(&next), 0);
	close(next.fd);
	done();
}

/* bind(2) says yes to both with SO_REUSEADDR; of listeners there is one. */
static void test_ended_listener(void **state)
{
	struct program p[2];
	int on = 1;

	(void)state;
	init();
	for (unsigned i = 0; i < 2; i++) {
		struct {
			struct seam_req q;
			int on;
		} set;

		p[i] = opened(i, AF_INET6, SOCK_STREAM);
		set.q = (struct seam_req){ .id = ++w.last_id,
					   .op = SEAM_SETSOCKOPT,
					   .sock = p[i].sock,
					   .a = SOL_SOCKET,
					   .b = SO_REUSEADDR,
					   .data_len = sizeof(on) };
		set.on = on;
		assert_true(send(w.client[i], &set, sizeof(set), MSG_DONTWAIT) > 0);
		assert_int_equal(bound(&p[i]), 0);
	}
	assert_int_equal(listens(&p[0]), 0);
	assert_int_equal(listens(&p[1]), -EADDRINUSE);
	close(p[0].fd);
	assert_int_equal(listens(&p[1]), 0);
	close(p[1].fd);
	done();
}

/* Who asks is not taken for ended, though its own descriptor be closed. */
static void test_asks_for_itself(void **state)
{
	struct program one, two;

	(void)state;
	init();
	one = opened(0, AF_INET6, SOCK_DGRAM);
	two = opened(1, AF_INET6, SOCK_DGRAM);
	assert_int_equal(bound(&one), 0);
	close(two.fd);
	assert_int_equal(bound(&two), -EADDRINUSE);
	turn();
	assert_int_equal(bound(&two), -EBADF);
	close(one.fd);
	done();
}

/* The supervisor has ended, and the program has not yet. */
static void test_client_gone(void **state)
{
	struct program tcp, next;

	(void)state;
	init();
	tcp = listening(0);
	close(w.client[0]);
	w.client[0] = -1;
	turn();
	next = listening(1);
	close(tcp.fd);
	close(next.fd);
	done();
}

/* What was written is still to go to a peer that does not read: that holds no port. */
static void test_lingering(void **state)
{
	static const uint8_t much[65536];
	struct program listener, peer, server, next;
	struct seam_rsp r;

	(void)state;
	init();
	listener = listening(0);
	peer = opened(1, AF_INET6, SOCK_STREAM);
	assert_int_equal(at_port(&peer, SEAM_CONNECT, in6addr_loopback), -EINPROGRESS);
	turn();
	r = ask(0, (struct seam_req){ .op = SEAM_ACCEPT, .sock = listener.sock }, NULL, &server.fd);
	assert_int_equal(r.rc, 0);
	(void)fcntl(server.fd, F_SETFL, O_NONBLOCK);
	for (unsigned i = 0; i < 256 && send(server.fd, much, sizeof(much), 0) > 0; i++)
		turn();
	assert_true(send(server.fd, much, sizeof(much), 0) < 0);
	close(server.fd);
	close(listener.fd);
	turn();
	assert_int_equal(w.seam->client[0].n_socks, 1); /* it lingers */
	next = listening(1);
	close(peer.fd);
	close(next.fd);
	done();
}

/*
 * ioctl(2): netdevice(7).
 */

static uint32_t ip_of(const struct ifreq *ifr)
{
	struct sockaddr_in in;

	memcpy(&in, &ifr->ifr_addr, sizeof(in));
	assert_int_equal(in.sin_family, AF_INET);
	return ntohl(in.sin_addr.s_addr);
}

static int told(const char *name, uint32_t cmd, struct ifreq *ifr)
{
	*ifr = (struct ifreq){ .ifr_ifindex = 0 };
	snprintf(ifr->ifr_name, sizeof(ifr->ifr_name), "%s", name);
	return seam_ioctl(w.b.node, cmd, AF_INET, ifr, sizeof(*ifr));
}

static void tells(const char *name, uint32_t cmd, uint32_t ip)
{
	struct ifreq ifr;

	assert_int_equal(told(name, cmd, &ifr), sizeof(ifr));
	assert_int_equal(ip_of(&ifr), ip);
}

static void test_addresses(void **state)
{
	struct ifreq ifr;

	(void)state;
	init();
	assert_int_equal(told("e0", SIOCGIFADDR, &ifr), -EADDRNOTAVAIL);
	assert_int_equal(told("e0", SIOCGIFNETMASK, &ifr), -EADDRNOTAVAIL);
	bed_addr(&w.b, 0, "192.0.2.65/26");
	bed_addr(&w.b, 0, "198.51.100.1/24"); /* the first is the interface's */
	tells("e0", SIOCGIFADDR, 0xc0000241);
	tells("e0", SIOCGIFDSTADDR, 0xc0000241);
	tells("e0", SIOCGIFNETMASK, 0xffffffc0);
	tells("e0", SIOCGIFBRDADDR, 0xc000027f);
	tells("lo", SIOCGIFADDR, 0x7f000001);
	tells("lo", SIOCGIFNETMASK, 0xff000000);
	tells("lo", SIOCGIFBRDADDR, 0);
	assert_int_equal(told("e7", SIOCGIFADDR, &ifr), -ENODEV);
	done();
}

static void test_conf(void **state)
{
	static struct ifreq all[SEAM_DATA_MAX / sizeof(struct ifreq)];

	(void)state;
	init();
	bed_addr(&w.b, 0, "2001:db8::1/64"); /* none of these */
	bed_addr(&w.b, 0, "192.0.2.65/26");
	bed_addr(&w.b, 0, "198.51.100.1/31");
	assert_int_equal(seam_ioctl(w.b.node, SIOCGIFCONF, AF_INET, all, 0), 3 * sizeof(all[0]));
	assert_string_equal(all[0].ifr_name, "lo");
	assert_int_equal(ip_of(&all[0]), 0x7f000001);
	assert_string_equal(all[1].ifr_name, "e0");
	assert_int_equal(ip_of(&all[1]), 0xc0000241);
	assert_string_equal(all[2].ifr_name, "e0");
	assert_int_equal(ip_of(&all[2]), 0xc6336401);
	done();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ended),
		cmocka_unit_test(test_ended_listener),
		cmocka_unit_test(test_asks_for_itself),
		cmocka_unit_test(test_client_gone),
		cmocka_unit_test(test_lingering),
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_conf),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
