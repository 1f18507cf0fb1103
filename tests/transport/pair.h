/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Two nodes on a wire in virtual time, and sockets on them with addresses as text. Both have
 * fe80::ff:fe00:N and 2001:db8::N/64, N their number from 1; DAD is over. The wire takes a millisecond.
 */
#ifndef INABA_TESTS_PAIR_H
#define INABA_TESTS_PAIR_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sim/world.h"
#include "transport/sock.h"

#define PAIR_ZONE 2 /* ifindex of the wire, on both */
#define ADDR_A	  "2001:db8::1"
#define ADDR_B	  "2001:db8::2"
#define LL_A	  "fe80::ff:fe00:1"
#define LL_B	  "fe80::ff:fe00:2"

struct pair {
	struct world w;
	struct world_node *a, *b;
	struct world_wire *wire;
};

void pair_init(struct pair *p);

/** pair_done() - Asserts that no buffer is lost. */
void pair_done(struct pair *p);

/** pair_run() - Let @ms pass. */
void pair_run(struct pair *p, unsigned ms);

static inline struct socks *pair_socks(struct world_node *n)
{
	return &n->node->socks;
}

/** pair_drops() - How often @why was counted on @n. */
uint64_t pair_drops(const struct world_node *n, enum drop why);

/** open_on() - A socket; must succeed. */
struct sock *open_on(struct world_node *n, int type, int protocol);

/** in6() - "fe80::1%2" with its zone; NULL: any. */
struct sockaddr_in6 in6(const char *text, unsigned port);

/** bind_to(), connect_to() - As the calls. */
int bind_to(struct sock *s, const char *text, unsigned port);
int connect_to(struct sock *s, const char *text, unsigned port);

/** send_to() - @to of NULL: without an address. What follows is carried out. Return: as sock_sendmsg(). */
int send_to(struct sock *s, const char *to, unsigned port, const char *data);
int send_octets(struct sock *s, const char *to, unsigned port, const void *p, size_t n);

/** send_with() - With one object of ancillary data. */
int send_with(struct sock *s, const char *to, unsigned port, const char *data, int type,
	      const void *p, size_t n);

/* What a call of recvmsg() gave. */
struct got {
	int rc; /* as sock_recvmsg() */
	int flags;
	char data[2048];
	char from[64]; /* "[fe80::1%2]:5000" */
	uint8_t control[512] __attribute__((aligned(8)));
	size_t control_octets;
};

/** recv_from() - Into @room octets of got.data. */
struct got recv_from(struct sock *s, size_t room, int flags);

/** assert_recv() - The next datagram is @data from @from ("[2001:db8::1]:5000"). */
void assert_recv(struct sock *s, const char *from, const char *data);
void assert_nothing(struct sock *s);

/** got_cmsg() - The data of an object of IPPROTO_IPV6; NULL: it is not there. @n: its octets. */
const uint8_t *got_cmsg(const struct got *g, int level, int type, size_t *n);

/** got_int() - The same of an int, or -1000. */
int got_int(const struct got *g, int type);

int set_int(struct sock *s, int level, int name, int v);

/** get_int() - The value, or the negative errno. */
int get_int(struct sock *s, int level, int name);

#endif
