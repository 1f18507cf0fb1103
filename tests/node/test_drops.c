/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Every reason for which a packet is dropped: one row each. What provokes it, how often it is
 * then counted (once, unless several packets die together), and that nothing else is counted
 * beside it but what the row names. bed_done() asserts that no buffer is lost.
 */
#include "bed.h"

#include <linux/filter.h>

#include "base/csum.h"
#include "link/wire.h"
#include "nd/part.h"
#include "ip4/bed4.h"
#include "transport/opt.h"
#include "transport/peer.h"

#define OURS	 "2001:db8::1"
#define OURS1	 "2001:db8:1::1"
#define PEER	 "2001:db8::100"
#define PEER_LL	 "fe80::ff:fe00:100"
#define PEER1	 "2001:db8:1::100"
#define NODE_LL	 "fe80::ff:fe00:0"
#define PEER_MAC "02:00:00:00:01:00"
#define UNKNOWN	 253 /* no protocol: RFC 3692 */

/* What a row needs of the node before anything happens. */
enum want {
	WANT_HOST,
	WANT_ROUTER,
	WANT_TINY, /* a router whose tables hold one of everything */
	WANT_WIRE, /* no node: a wire, which counts for itself */
};

struct row {
	enum want want;
	void (*provoke)(struct bed *b);
	unsigned times; /* counted: as often as packets die */
	enum drop also; /* counted as often, if not DROP_NONE */
};

/*
 * The node and its links.
 */

static void no_buffer(struct bed *b)
{
	struct pkt *echo = bed_echo(b, PEER, OURS, 1, 8), *pkt;
	struct pktq all = { 0 };

	while ((pkt = pkt_new(&b->pool, 100)) != NULL)
		pktq_put(&all, pkt);
	bed_rx(b, 0, echo);
	pktq_free(&all);
}

static void queue_full(struct bed *b)
{
	bed_if(b, 0)->link.tx_max = 0;
	bed_rx(b, 0, bed_echo(b, PEER, OURS, 1, 8));
}

static void ip6_proxy_link_local(struct bed *b)
{
	struct ip6_addr a = bed_addr_of("fe80::5");

	assert_int_equal(nd_proxy_add(&b->node->nd, bed_if(b, 0), &a), 0);
	bed_rx(b, 0, bed_echo(b, PEER, "fe80::5", 1, 8));
}

static void ip6_src_invalidated(struct bed *b)
{
	struct nd_adv adv = ND_ADV_EDGE;

	adv.send = true;
	adv.prefix[adv.n_prefixes++] =
		(struct nd_adv_prefix){ .prefix = bed_addr_of("2001:db8::"), .len = 64 };
	assert_int_equal(nd_set_adv(&b->node->nd, bed_if(b, 0), &adv), 0);
	bed_rx(b, 0, bed_echo(b, PEER, PEER1, 1, 8));
}

static void if_disabled(struct bed *b)
{
	nd_disable(&b->node->nd, bed_if(b, 0));
	bed_rx(b, 0, bed_echo(b, PEER, OURS, 1, 0));
}

static void if_down(struct bed *b)
{
	assert_int_equal(node_if_set(b->node, b->ifindex[0], false, b->now), 0);
	bed_mark(b); /* what was yet to be sent there is gone, too */
	bed_rx(b, 0, bed_echo(b, PEER, OURS, 1, 8));
}

static void frame(struct bed *b, const char *to, const char *from, unsigned type, uint32_t len)
{
	struct pkt *pkt = bed_echo(b, PEER, OURS, 1, 8);
	struct mac dst = bed_mac_of(to), src = bed_mac_of(from);

	link_header(pkt, &dst, &src, (uint16_t)type);
	pkt_trim(pkt, MIN(len, pkt->len));
	bed_rx_frame(b, 0, pkt);
}

static void link_short(struct bed *b)
{
	frame(b, "02:00:00:00:00:00", PEER_MAC, ETH_TYPE_IP6, 13);
}

static void link_other_host(struct bed *b)
{
	frame(b, "02:00:00:00:00:01", PEER_MAC, ETH_TYPE_IP6, 1500);
}

static void link_type(struct bed *b)
{
	frame(b, "02:00:00:00:00:00", PEER_MAC, 0x88cc, 1500);
}

static void link_bad_source(struct bed *b)
{
	frame(b, "02:00:00:00:00:00", "33:33:00:00:00:01", ETH_TYPE_IP6, 1500);
}

/* IPv6 fragments before it comes to this; link_tx() guards the device. */
static void link_too_big(struct bed *b)
{
	struct pkt *pkt = pkt_new(&b->pool, 1515);

	pkt_put(pkt, 1515);
	link_tx(&b->node->env, &bed_if(b, 0)->link, pkt);
}

/* Two stations on a wire; @w is the row's to spoil, and is_alone() judges. */
static void wire(struct bed *b, struct wire *w)
{
	struct mac a = bed_mac_of("02:00:00:00:00:0a"), c = bed_mac_of("02:00:00:00:00:0c");

	wire_init(w, &b->pool, 1, 1);
	assert_int_equal(wire_port_add(w, &a), 0);
	assert_int_equal(wire_port_add(w, &c), 1);
}

static void wire_one(struct bed *b, struct wire *w, enum drop why)
{
	struct mac a = bed_mac_of("02:00:00:00:00:0a"), c = bed_mac_of("02:00:00:00:00:0c");
	struct pkt *pkt = bed_echo(b, PEER, OURS, 1, 8);
	unsigned port;

	link_header(pkt, &c, &a, ETH_TYPE_IP6);
	wire_send(w, 0, pkt, b->now);
	assert_null(wire_pop(w, b->now, &port));
	for (unsigned d = 0; d < DROP_NUM; d++)
		assert_int_equal(w->drops[d], d == (unsigned)why);
	wire_done(w);
}

static void wire_lost(struct bed *b)
{
	struct wire w;

	wire(b, &w);
	w.conf.loss_ppm = WIRE_PPM;
	wire_one(b, &w, DROP_WIRE_LOST);
}

static void wire_parted(struct bed *b)
{
	struct wire w;

	wire(b, &w);
	wire_port_part(&w, 1, 1);
	wire_one(b, &w, DROP_WIRE_PARTED);
}

static void wire_full(struct bed *b)
{
	struct wire w;

	wire(b, &w);
	w.flight_max = 0;
	wire_one(b, &w, DROP_WIRE_FULL);
}

/*
 * Neighbour cache.
 */

static void to_silent(struct bed *b, const char *dst)
{
	bed_rx(b, 0, bed_echo(b, PEER, dst, 1, 8));
}

static void neigh_unreach(struct bed *b)
{
	to_silent(b, "2001:db8:1::200");
	bed_run(b, b->now + 10 * NS_PER_S);
}

static void neigh_queue_full(struct bed *b)
{
	for (unsigned i = 0; i <= NEIGH_CONF_DEFAULT.queue_pkts; i++)
		to_silent(b, "2001:db8:1::200");
}

/* The one entry that the table can hold is PERMANENT. */
static void neigh_table_full(struct bed *b)
{
	to_silent(b, "2001:db8:1::200");
}

/* The one unresolved entry makes room for the next. */
static void neigh_gone(struct bed *b)
{
	neigh_del(&b->node->ip6.neigh, neigh_iter(&b->node->ip6.neigh, NULL));
	to_silent(b, "2001:db8:1::200");
	to_silent(b, "2001:db8:1::201");
}

/*
 * IPv6 header.
 */

static void ip6_short(struct bed *b)
{
	struct pkt *pkt = bed_echo(b, PEER, OURS, 1, 8);

	pkt_trim(pkt, IP6_HDR_OCTETS - 1);
	bed_rx(b, 0, pkt);
}

static void ip6_version(struct bed *b)
{
	struct pkt *pkt = bed_echo(b, PEER, OURS, 1, 8);

	pkt->p[0] = 0x50;
	bed_rx(b, 0, pkt);
}

static void ip6_len(struct bed *b)
{
	struct pkt *pkt = bed_echo(b, PEER, OURS, 1, 8);

	pkt_trim(pkt, pkt->len - 1);
	bed_rx(b, 0, pkt);
}

#define ECHO_ROW(name, src, dst)                                                                   \
	static void name(struct bed *b)                                                            \
	{                                                                                          \
		bed_rx(b, 0, bed_echo(b, src, dst, 1, 8));                                         \
	}

ECHO_ROW(ip6_src_mcast, "ff02::1", OURS)
ECHO_ROW(ip6_src_loopback, "::1", OURS)
ECHO_ROW(ip6_dst_loopback, PEER, "::1")
ECHO_ROW(ip6_dst_unspec, PEER, "::")
ECHO_ROW(ip6_dst_mcast_scope, PEER, "ff01::1")
ECHO_ROW(ip6_not_ours, PEER, "2001:db8:9::1")
ECHO_ROW(ip6_mcast_not_joined, PEER, "ff02::1234")
ECHO_ROW(ip6_no_route, PEER, "2001:db8:9::1")
ECHO_ROW(scope_ll, "fe80::9", PEER1)
ECHO_ROW(ip6_src_unspec, "::", PEER1)
ECHO_ROW(ip6_no_source, "::", OURS)

static void ip6_dst_tentative(struct bed *b)
{
	bed_if(b, 0)->conf.dad_transmits = 1;
	bed_addr(b, 0, "2001:db8::7/64");
	bed_rx(b, 0, bed_echo(b, PEER, "2001:db8::7", 1, 8));
}

static void ip6_mcast_source(struct bed *b)
{
	struct ip6_addr group = bed_addr_of("ff05::7"), source = bed_addr_of(PEER);

	assert_int_equal(mld_listen(&b->node->mld, bed_if(b, 0), b, &group, true, &source, 1), 0);
	bed_rx(b, 0, bed_echo(b, PEER, "ff05::7", 1, 8));
}

static void ip6_link_unicast(struct bed *b)
{
	struct mac to = bed_mac_of("33:33:00:00:00:01"), from = bed_mac_of(PEER_MAC);
	struct pkt *pkt = bed_echo(b, PEER, PEER1, 1, 8);

	link_header(pkt, &to, &from, ETH_TYPE_IP6);
	bed_rx_frame(b, 0, pkt);
}

static void ip6_hop_limit(struct bed *b)
{
	struct pkt *pkt = bed_echo(b, PEER, PEER1, 1, 8);

	pkt->p[IP6_HLIM_OFF] = 1;
	bed_rx(b, 0, pkt);
}

static void ip6_prohibit(struct bed *b)
{
	bed_route_type(b, "2001:db8:9::/48", ROUTE_PROHIBIT);
	bed_rx(b, 0, bed_echo(b, PEER, "2001:db8:9::1", 1, 8));
}

static void ip6_blackhole(struct bed *b)
{
	bed_route_type(b, "2001:db8:9::/48", ROUTE_BLACKHOLE);
	bed_rx(b, 0, bed_echo(b, PEER, "2001:db8:9::1", 1, 8));
}

static void ip6_too_big(struct bed *b)
{
	bed_if(b, 1)->conf.link_mtu = 1280;
	bed_rx(b, 0, bed_echo(b, PEER, PEER1, 1, 1280));
}

static void upper(struct bed *b, uint8_t next)
{
	bed_rx(b, 0, bed_packet(b, PEER, OURS, next, 64, "12345678", 8));
}

static void ip6_next_header(struct bed *b)
{
	upper(b, UNKNOWN);
}

static void ip6_no_next_header(struct bed *b)
{
	upper(b, IP6_NH_NONE);
}

/* @octets of a UDP packet whose checksum is off by @wrong. */
static void rx_udp(struct bed *b, size_t octets, uint16_t wrong)
{
	uint8_t udp[8] = { 0x12, 0x34, 0x56, 0x78, 0, 8 };
	struct ip6_addr src = bed_addr_of(PEER), dst = bed_addr_of(OURS);

	put_be16(udp + 6, (uint16_t)(csum_upper(&src, &dst, udp, 8, IP6_NH_UDP) + wrong));
	bed_rx(b, 0, bed_packet(b, PEER, OURS, IP6_NH_UDP, 64, udp, octets));
}

static void ip6_port_unreach(struct bed *b)
{
	rx_udp(b, 8, 0);
}

static void udp_short(struct bed *b)
{
	rx_udp(b, 7, 0);
}

static void udp_csum(struct bed *b)
{
	rx_udp(b, 8, 1);
}

/* A socket of the node's, for what rx_udp() and upper() send. */
static struct sock *sock_on(struct bed *b, int type, int protocol)
{
	struct sockaddr_in6 a = { .sin6_family = AF_INET6 };
	struct sock *s = NULL;

	put_be16((uint8_t *)&a.sin6_port, 0x5678);
	assert_int_equal(sock_open(&b->node->socks, AF_INET6, type, protocol, &s), 0);
	assert_int_equal(sock_bind(s, (const struct sockaddr *)&a, sizeof(a)), 0);
	return s;
}

static void sock_full(struct bed *b)
{
	struct sock *s = sock_on(b, SOCK_DGRAM, 0);

	assert_int_equal(opt_own(s), 0);
	opt_mut(s)->rcvbuf = 1;
	rx_udp(b, 8, 0);
}

static void sock_csum(struct bed *b)
{
	int off = 6;

	sock_setsockopt(sock_on(b, SOCK_RAW, UNKNOWN), IPPROTO_IPV6, IPV6_CHECKSUM, &off,
			sizeof(off));
	upper(b, UNKNOWN);
}

static void sock_hops(struct bed *b)
{
	int least = 65;

	sock_setsockopt(sock_on(b, SOCK_DGRAM, 0), IPPROTO_IPV6, IPV6_MINHOPCOUNT, &least,
			sizeof(least));
	rx_udp(b, 8, 0);
}

static void sock_filter(struct bed *b)
{
	struct sock_filter no[] = { BPF_STMT(BPF_RET | BPF_K, 0) };
	struct sock_fprog prog = { ARRAY_LEN(no), no };

	assert_int_equal(sock_setsockopt(sock_on(b, SOCK_DGRAM, 0), SOL_SOCKET, SO_ATTACH_FILTER,
					 &prog, sizeof(prog)),
			 0);
	rx_udp(b, 8, 0);
}

/* Two buffers wait, what is asked and what is answered; the next two find no room. */
static void packet_full(struct bed *b)
{
	struct packet_sock *s = NULL;
	int octets = 0;

	assert_int_equal(packet_open(&b->node->packets, SOCK_RAW, 0x0300, &s), 0);
	assert_int_equal(packet_setsockopt(s, SOL_SOCKET, SO_RCVBUF, &octets, sizeof(octets)), 0);
	bed_rx(b, 0, bed_echo(b, PEER, OURS, 1, 8));
	bed_rx(b, 0, bed_echo(b, PEER, OURS, 2, 8));
}

/* The node asks PEER about the name "a"; "no such name" comes from port @from, but for what @spoil flips. */
static void dns(struct bed *b, uint16_t from, size_t octet, uint8_t flip)
{
	struct nd_said_list *l = &nd_if(bed_if(b, 0))->dns.servers;
	struct ip6_addr src = bed_addr_of(PEER), dst = bed_addr_of(OURS);
	uint8_t m[8 + 19] = { 0 };
	const struct pkt *q;

	l->n = 1;
	l->item[0] = (struct nd_said){ .until = TIME_NEVER, .octets = IP6_ADDR_OCTETS };
	memcpy(l->item[0].b, src.b, sizeof(src.b));
	assert_int_equal(
		resolve_start(&b->node->resolver, "a.", &(struct resolve_asker){ 0 }, NULL), 0);
	bed_run(b, b->now);
	q = bed_tx(b, NULL, NULL);
	assert_non_null(q);
	memcpy(m, q->p + IP6_HDR_OCTETS, sizeof(m));
	memcpy(m + 2, q->p + IP6_HDR_OCTETS, 2);
	put_be16(m, from);
	m[8 + 2] = 0x81;
	m[8 + 3] = 0x83;
	m[8 + octet] ^= flip;
	put_be16(m + 6, 0);
	put_be16(m + 6, csum_upper(&src, &dst, m, sizeof(m), IP6_NH_UDP));
	bed_rx(b, 0, bed_packet(b, PEER, OURS, IP6_NH_UDP, 64, m, sizeof(m)));
}

static void dns_nobody(struct bed *b)
{
	dns(b, 54, 0, 0);
}

static void dns_other(struct bed *b)
{
	dns(b, DNS_PORT, 0, 1);
}

static void dns_bad(struct bed *b)
{
	dns(b, DNS_PORT, 2, 0x80);
}

static void dns_done(struct bed *b)
{
	dns(b, DNS_PORT, 0, 0);
}

static void ip6_self_gone(struct bed *b)
{
	struct ip6_addr ours = bed_addr_of(OURS);

	assert_int_equal(ip6_output(&b->node->ip6, bed_echo(b, PEER, OURS, 1, 8), 0), 0);
	assert_int_equal(nd_addr_del(&b->node->nd, bed_if(b, 0), &ours), 0);
	node_settle(b->node, b->now);
}

/*
 * Multicast routing: from link 0 on to link 1.
 */

#define GROUP "ff1e::1"

static struct mroute_route mroute(struct bed *b, uint64_t oifs, uint8_t iif)
{
	struct mroute_route r = { .group = bed_addr_of(GROUP), .oifs = oifs, .iif = iif };

	for (unsigned i = 0; i < 2; i++)
		assert_int_equal(mroute_mif_add(&b->node->ip6, i, b->ifindex[i], 64), 0);
	return r;
}

static void group_rx(struct bed *b)
{
	bed_rx(b, 0, bed_echo(b, PEER, GROUP, 1, 8));
}

static void mroute_no_route(struct bed *b)
{
	(void)mroute(b, 0, 0);
	group_rx(b);
}

#define MROUTE_ROW(name, oifs, iif)                                                                \
	static void name(struct bed *b)                                                            \
	{                                                                                          \
		struct mroute_route r = mroute(b, oifs, iif);                                      \
                                                                                                   \
		assert_int_equal(mroute_add(&b->node->ip6, &r), 0);                                \
		group_rx(b);                                                                       \
	}

MROUTE_ROW(mroute_wrong_if, 1, 1)
MROUTE_ROW(mroute_no_oif, 0, 0)
MROUTE_ROW(mroute_threshold, 2, 0)

static void mroute_asked(struct bed *b, uint32_t pairs, uint32_t queue)
{
	b->node->ip6.mroute_conf.unresolved_max = pairs;
	b->node->ip6.mroute_conf.queue_pkts = queue;
	(void)mroute(b, 0, 0);
	assert_int_equal(mroute_open(&b->node->ip6), 0);
	group_rx(b);
}

static void mroute_unresolved(struct bed *b)
{
	mroute_asked(b, 1, 1);
	bed_run(b, b->now + 10 * NS_PER_S - 1);
	bed_dropped_only(b, DROP_NONE, 0);
	bed_run(b, b->now + 1);
}

static void mroute_unresolved_full(struct bed *b)
{
	mroute_asked(b, 1, 1);
	bed_rx(b, 0, bed_echo(b, PEER, "ff1e::2", 1, 8));
}

static void mroute_queue_full(struct bed *b)
{
	mroute_asked(b, 1, 1);
	group_rx(b);
}

/* Each question is an upcall, and nobody takes one. */
static void mroute_upcalls_full(struct bed *b)
{
	mroute_asked(b, 1000, 1);
	for (unsigned i = 1; i <= MROUTE_UPCALLS_MAX; i++) {
		struct pkt *pkt = bed_echo(b, PEER, GROUP, 1, 8);

		pkt->p[IP6_SRC_OFF + 8] = (uint8_t)i;
		bed_rx(b, 0, pkt);
	}
}

/*
 * Extension headers and options. Each header is followed by "no next header".
 */

static void ext(struct bed *b, uint8_t next, const char *octets, size_t n)
{
	bed_rx(b, 0, bed_ext(b, PEER, OURS, next, octets, n, IP6_NH_NONE, NULL, 0));
}

#define EXT_ROW(name, next, octets)                                                                \
	static void name(struct bed *b)                                                            \
	{                                                                                          \
		ext(b, next, octets, sizeof(octets) - 1);                                          \
	}

EXT_ROW(ext_short, IP6_NH_DSTOPTS, "\0\1\1\4\0\0\0\0")
EXT_ROW(opt_short, IP6_NH_DSTOPTS, "\0\0\x1e\5\0\0\0\0")
EXT_ROW(opt_unknown, IP6_NH_DSTOPTS, "\0\0\x5e\4\0\0\0\0")
EXT_ROW(opt_unknown_icmp, IP6_NH_DSTOPTS, "\0\0\x9e\4\0\0\0\0")
EXT_ROW(opt_unknown_ucast, IP6_NH_DSTOPTS, "\0\0\xde\4\0\0\0\0")
EXT_ROW(opt_too_many, IP6_NH_DSTOPTS,
	"\0\2\x1e\0\x1e\0\x1e\0\x1e\0\x1e\0\x1e\0\x1e\0\x1e\0\x1e\0\1\2\0\0")
EXT_ROW(opt_pad, IP6_NH_DSTOPTS, "\0\1\1\6\0\0\0\0\0\0\1\2\0\0\0\0")
EXT_ROW(opt_jumbo, IP6_NH_HBH, "\0\0\xc2\4\0\1\0\0")
EXT_ROW(opt_router_alert, IP6_NH_HBH, "\0\0\5\3\0\0\0\0")
EXT_ROW(rh_type, IP6_NH_ROUTING, "\0\0\xfd\1\0\0\0\0")
EXT_ROW(rh_type0, IP6_NH_ROUTING, "\0\0\0\1\0\0\0\0")
EXT_ROW(frag_short, IP6_NH_FRAGMENT, "\0\0\0\0")
EXT_ROW(frag_len, IP6_NH_FRAGMENT, "\0\0\0\1\0\0\0\1abcdefg")
EXT_ROW(frag_too_big, IP6_NH_FRAGMENT, "\0\0\xff\xf8\0\0\0\1abcdefgh")
EXT_ROW(frag_tiny, IP6_NH_FRAGMENT, "\0\0\0\x08\0\0\0\1")

static void ext_hbh_place(struct bed *b)
{
	bed_rx(b, 0,
	       bed_ext(b, PEER, OURS, IP6_NH_DSTOPTS, "\0\0\1\4\0\0\0\0", 8, IP6_NH_HBH,
		       "\x3b\0\1\4\0\0\0\0", 8));
}

static void ext_too_many(struct bed *b)
{
	uint8_t hdrs[9][8];

	for (unsigned i = 0; i < 9; i++)
		memcpy(hdrs[i], i < 8 ? "\x3c\0\1\4\0\0\0\0" : "\x3b\0\1\4\0\0\0\0", 8);
	bed_rx(b, 0, bed_packet(b, PEER, OURS, IP6_NH_DSTOPTS, 64, hdrs, sizeof(hdrs)));
}

static void ext_chain_long(struct bed *b)
{
	b->node->ip6.ext_limits.chain_octets_max = 8;
	ext(b, IP6_NH_ROUTING, "\0\1\xfd\0\0\0\0\0\0\0\0\0\0\0\0", 16);
}

/*
 * Fragments: of datagram @id, at @off octets, with @n octets of data of protocol UNKNOWN.
 */
static void frag(struct bed *b, uint8_t id, unsigned off, bool more, unsigned n, unsigned ecn)
{
	uint8_t hdr[8] = { 0, 0, 0, 0, 0, 0, 0, id }, data[64] = { 0 };
	struct pkt *pkt;

	put_be16(hdr + 2, (uint16_t)(off | (more ? 1 : 0)));
	pkt = bed_ext(b, PEER, OURS, IP6_NH_FRAGMENT, hdr, 8, UNKNOWN, data, n);
	ip6_hdr_set_class(pkt->p, (uint8_t)ecn);
	bed_rx(b, 0, pkt);
}

static void frag_overlap(struct bed *b)
{
	frag(b, 1, 0, true, 16, 0);
	bed_dropped_only(b, DROP_NONE, 0);
	frag(b, 1, 8, false, 16, 0);
}

static void frag_timeout(struct bed *b)
{
	frag(b, 1, 8, true, 16, 0);
	bed_run(b, b->now + 60 * NS_PER_S - 1);
	bed_dropped_only(b, DROP_NONE, 0);
	bed_run(b, b->now + 1);
}

/* The table has room for one datagram, and so has each source. */
static void frag_full(struct bed *b)
{
	b->node->ip6.frag.conf.per_source_max = 2;
	frag(b, 1, 0, true, 16, 0);
	frag(b, 2, 0, true, 16, 0);
}

static void frag_source_full(struct bed *b)
{
	frag(b, 1, 0, true, 16, 0);
	frag(b, 2, 0, true, 16, 0);
}

static void frag_first_chain(struct bed *b)
{
	uint8_t hdr[8] = { 0, 0, 0, 1, 0, 0, 0, 1 }, data[16] = { 0 };

	bed_rx(b, 0, bed_ext(b, PEER, OURS, IP6_NH_FRAGMENT, hdr, 8, IP6_NH_TCP, data, 16));
}

static void frag_last(struct bed *b)
{
	frag(b, 1, 8, false, 8, 0);
	frag(b, 1, 16, true, 8, 0);
}

static void frag_nd(struct bed *b)
{
	uint8_t hdr[8] = { 0, 0, 0, 0, 0, 0, 0, 1 }, ns[24] = { ND_NS };
	struct ip6_addr ours = bed_addr_of(OURS), src = bed_addr_of(PEER);
	struct pkt *pkt;

	memcpy(ns + 8, ours.b, 16);
	put_be16(ns + 2, csum_upper(&src, &ours, ns, sizeof(ns), IP6_NH_ICMP6));
	pkt = bed_ext(b, PEER, OURS, IP6_NH_FRAGMENT, hdr, 8, IP6_NH_ICMP6, ns, sizeof(ns));
	pkt->p[IP6_HLIM_OFF] = 255;
	bed_rx(b, 0, pkt);
}

static void frag_duplicate(struct bed *b)
{
	frag(b, 1, 0, true, 16, 0);
	frag(b, 1, 0, true, 16, 0);
}

static void frag_pieces(struct bed *b)
{
	frag(b, 1, 0, true, 16, 0);
	frag(b, 1, 16, true, 16, 0);
}

static void frag_ecn(struct bed *b)
{
	frag(b, 1, 0, true, 16, IP6_ECN_CE);
	frag(b, 1, 16, false, 16, IP6_ECN_NOT_ECT);
}

/*
 * ICMPv6.
 */

static void icmp(struct bed *b, uint8_t type, uint8_t code, uint32_t param, const void *body,
		 size_t n)
{
	uint8_t m[2000] = { type, code };

	assert_true(n <= sizeof(m) - 8);
	put_be32(m + 4, param);
	if (n != 0)
		memcpy(m + 8, body, n);
	bed_rx(b, 0, bed_icmp6(b, PEER, OURS, 64, m, 8 + n));
}

/* An error that quotes a packet from @src. */
static void icmp_error(struct bed *b, uint8_t type, uint32_t param, const char *src)
{
	struct pkt *quote = bed_echo(b, src, PEER, 1, 8);

	icmp(b, type, 0, param, quote->p, quote->len);
	pkt_free(quote);
}

static void icmp6_short(struct bed *b)
{
	bed_rx(b, 0, bed_packet(b, PEER, OURS, IP6_NH_ICMP6, 64, "\x80\0\0", 3));
}

static void icmp6_csum(struct bed *b)
{
	struct pkt *pkt = bed_echo(b, PEER, OURS, 1, 8);

	pkt->p[pkt->len - 1] ^= 1;
	bed_rx(b, 0, pkt);
}

static void icmp6_type(struct bed *b)
{
	icmp(b, 200, 0, 0, NULL, 0);
}

static void icmp6_error_unknown(struct bed *b)
{
	icmp_error(b, 100, 0, OURS);
}

static void icmp6_error_forged(struct bed *b)
{
	icmp_error(b, ICMP6_UNREACH, 0, "2001:db8::77");
}

static void icmp6_error_done(struct bed *b)
{
	icmp_error(b, ICMP6_UNREACH, 0, OURS);
}

static void icmp6_rate(struct bed *b)
{
	while (bed_dropped(b, DROP_ICMP6_RATE) == 0) {
		bed_mark(b);
		upper(b, UNKNOWN);
	}
}

static void icmp6_ptb_small(struct bed *b)
{
	icmp_error(b, ICMP6_TOO_BIG, 1279, OURS);
}

static void icmp6_echo_mcast(struct bed *b)
{
	bed_if(b, 0)->conf.echo_multicast = false;
	bed_rx(b, 0, bed_echo(b, PEER, "ff02::1", 1, 8));
}

static void icmp6_echo_nobody(struct bed *b)
{
	icmp(b, ICMP6_ECHO_REPLY, 0, 0x00070001, NULL, 0);
}

/*
 * Neighbor Discovery. @body begins behind the checksum.
 */
static void nd(struct bed *b, uint8_t type, uint8_t hop_limit, const char *src, const char *dst,
	       const void *body, size_t n)
{
	uint8_t m[1200] = { type };

	assert_true(n <= sizeof(m) - 4);
	memcpy(m + 4, body, n);
	bed_rx(b, 0, bed_icmp6(b, src, dst, hop_limit, m, 4 + n));
}

/* The body of a solicitation or (with @flags) advertisement, and options. */
static void ns(struct bed *b, uint8_t type, uint8_t flags, const char *src, const char *dst,
	       const char *target, const void *opts, size_t n)
{
	struct ip6_addr t = bed_addr_of(target);
	uint8_t body[1100] = { flags };

	memcpy(body + 4, t.b, 16);
	if (n != 0)
		memcpy(body + 20, opts, n);
	nd(b, type, 255, src, dst, body, 20 + n);
}

#define SLLA	  "\1\1\2\0\0\0\1\0"
#define SOLICITED "ff02::1:ff00:1" /* of OURS */

static void nd_hop_limit(struct bed *b)
{
	nd(b, ND_RS, 254, PEER_LL, "ff02::1", "\0\0\0", 4);
}

static void nd_code(struct bed *b)
{
	uint8_t m[8] = { ND_RS, 1 };

	bed_rx(b, 0, bed_icmp6(b, PEER_LL, "ff02::1", 255, m, 8));
}

static void nd_short(struct bed *b)
{
	nd(b, ND_NS, 255, PEER_LL, OURS, "\0\0\0\0\0\0", 7);
}

#define NS_ROW(name, src, dst, target, opts)                                                       \
	static void name(struct bed *b)                                                            \
	{                                                                                          \
		ns(b, ND_NS, 0, src, dst, target, opts, sizeof(opts) - 1);                         \
	}

NS_ROW(nd_opt_short, PEER, OURS, OURS, "\1")
NS_ROW(nd_opt_zero, PEER, OURS, OURS, "\1\0\2\0\0\0\1\0")
NS_ROW(nd_opt_overrun, PEER, OURS, OURS, "\1\2\2\0\0\0\1\0")
NS_ROW(nd_opt_bad, PEER, OURS, OURS, "\1\2\2\0\0\0\1\0\0\0\0\0\0\0\0\0")
NS_ROW(nd_target_mcast, PEER, OURS, "ff02::1", SLLA)
NS_ROW(nd_dad_dst, "::", OURS, OURS, "")
NS_ROW(nd_dad_sllao, "::", SOLICITED, OURS, SLLA)
NS_ROW(nd_not_ours, PEER, SOLICITED, "2001:db8::100:1", SLLA)
NS_ROW(nd_taken, PEER, SOLICITED, OURS, SLLA)

static void nd_opt_many(struct bed *b)
{
	uint8_t opts[8 * (ND_OPTS_MAX + 1)] = { 0 };

	for (unsigned i = 0; i <= ND_OPTS_MAX; i++) {
		opts[8 * i] = UNKNOWN;
		opts[8 * i + 1] = 1;
	}
	ns(b, ND_NS, 0, PEER, OURS, OURS, opts, sizeof(opts));
}

static void nd_na_solicited(struct bed *b)
{
	ns(b, ND_NA, NUD_NA_SOLICITED, PEER, "ff02::1", PEER, NULL, 0);
}

static void nd_no_entry(struct bed *b)
{
	ns(b, ND_NA, NUD_NA_SOLICITED, PEER, OURS, "2001:db8::200", "\2\1\2\0\0\0\2\0", 8);
}

static void nd_no_lladdr(struct bed *b)
{
	to_silent(b, "2001:db8::200");
	ns(b, ND_NA, NUD_NA_SOLICITED, PEER, OURS, "2001:db8::200", NULL, 0);
}

static void ra_from(struct bed *b, const char *src)
{
	nd(b, ND_RA, 255, src, "ff02::1", "\x40\0\x07\x08\0\0\0\0\0\0\0", 12);
}

static void nd_src_not_ll(struct bed *b)
{
	ra_from(b, PEER);
}

static void nd_not_host(struct bed *b)
{
	ra_from(b, PEER_LL);
}

static void nd_rs_sllao(struct bed *b)
{
	nd(b, ND_RS, 255, "::", "ff02::2", "\0\0\0\0" SLLA, 12);
}

static void nd_not_router(struct bed *b)
{
	nd(b, ND_RS, 255, PEER_LL, "ff02::1", "\0\0\0", 4);
}

/* 2001:db8::7 has just been probed for the first time. */
static const struct pkt *make_tentative(struct bed *b)
{
	const struct pkt *probe;

	bed_if(b, 0)->conf.dad_transmits = 1;
	bed_addr(b, 0, "2001:db8::7/64");
	while (bed_tx_icmp6(b, ND_NS, &probe) == NULL)
		bed_run(b, b->now + NS_PER_MS);
	return probe;
}

static void nd_tentative(struct bed *b)
{
	(void)make_tentative(b);
	ns(b, ND_NS, 0, PEER, "ff02::1:ff00:7", "2001:db8::7", SLLA, 8);
}

/* An address that is optimistic, though there is no router: so what it sends waits. */
static void optimistic_waits(struct bed *b, unsigned packets)
{
	(void)make_tentative(b);
	LIST_FOR_EACH(it, &bed_if(b, 0)->addrs) {
		struct if_addr *a = LIST_ENTRY(it, struct if_addr, on);

		if (a->state == ADDR_TENTATIVE)
			ip6_addr_enter(&b->node->ip6, a, ADDR_OPTIMISTIC);
	}
	for (unsigned i = 0; i < packets; i++)
		bed_rx(b, 0, bed_echo(b, "2001:db8::99", "2001:db8::7", (uint16_t)i, 8));
}

static void ip6_src_gone(struct bed *b)
{
	optimistic_waits(b, 1);
	bed_mark(b);
	bed_rx(b, 0, bed_ns(b, ND_NS, 0, "::", "ff02::1:ff00:7", "2001:db8::7", NULL, 0));
}

static void ip6_src_waits(struct bed *b)
{
	optimistic_waits(b, IF_WAIT_MAX + 1);
}

static void nd_own_dad(struct bed *b)
{
	bed_rx(b, 0, pkt_copy(&b->pool, make_tentative(b)));
}

/* OURS has learned of the default router fe80::2. */
static void redirect(struct bed *b, const char *src, const char *target, const char *dst)
{
	struct ip6_addr t = bed_addr_of(target), d = bed_addr_of(dst);
	uint8_t body[36] = { 0 };

	bed_route(b, 0, "::/0", "fe80::2");
	memcpy(body + 4, t.b, 16);
	memcpy(body + 20, d.b, 16);
	nd(b, ND_REDIRECT, 255, src, OURS, body, sizeof(body));
}

static void nd_redirect_router(struct bed *b)
{
	redirect(b, "fe80::3", "fe80::4", "2001:db8:9::1");
}

static void nd_redirect_target(struct bed *b)
{
	redirect(b, "fe80::2", "2001:db8::4", "2001:db8:9::1");
}

static void nd_redirect_dst(struct bed *b)
{
	redirect(b, "fe80::2", "fe80::4", "ff02::5");
}

/*
 * MLD: a message behind a hop-by-hop header with a router alert.
 */
static void mld(struct bed *b, const char *src, uint8_t hop_limit, const char *alert, uint8_t type,
		const char *group, size_t n)
{
	struct ip6_addr s = bed_addr_of(src), d = bed_addr_of("ff02::1"), g = bed_addr_of(group);
	uint8_t m[28] = { type };
	struct pkt *pkt;

	memcpy(m + 8, g.b, 16);
	put_be16(m + 2, csum_upper(&s, &d, m, (uint32_t)n, IP6_NH_ICMP6));
	pkt = bed_ext(b, src, "ff02::1", IP6_NH_HBH, alert, 8, IP6_NH_ICMP6, m, n);
	pkt->p[IP6_HLIM_OFF] = hop_limit;
	bed_rx(b, 0, pkt);
}

#define ALERT	 "\0\0\5\2\0\0\1\0"
#define NO_ALERT "\0\0\1\4\0\0\0\0"

#define MLD_ROW(name, src, hop_limit, alert, type, group, n)                                       \
	static void name(struct bed *b)                                                            \
	{                                                                                          \
		mld(b, src, hop_limit, alert, type, group, n);                                     \
	}

MLD_ROW(mld_short, PEER_LL, 1, ALERT, ICMP6_MLD_QUERY, "::", 20)
MLD_ROW(mld_hop_limit, PEER_LL, 2, ALERT, ICMP6_MLD_QUERY, "::", 28)
MLD_ROW(mld_src, PEER, 1, ALERT, ICMP6_MLD_QUERY, "::", 28)
MLD_ROW(mld_no_alert, PEER_LL, 1, NO_ALERT, ICMP6_MLD_QUERY, "::", 28)
MLD_ROW(mld_group, PEER_LL, 1, ALERT, ICMP6_MLD_QUERY, "2001:db8::1", 28)
MLD_ROW(mld_report, PEER_LL, 1, ALERT, ICMP6_MLD2_REPORT, "::", 8)
MLD_ROW(mld_done_, PEER_LL, 1, ALERT, ICMP6_MLD_QUERY, "::", 28)

static void mld_version_(struct bed *b)
{
	b->node->mld.v2_only = true;
	mld(b, PEER_LL, 1, ALERT, ICMP6_MLD_QUERY, "::", 24);
}

static void mld_router_on(struct bed *b)
{
	struct mld_router_conf conf = MLD_ROUTER_DEFAULT;

	conf.on = true;
	assert_int_equal(mld_set_router(&b->node->mld, bed_if(b, 0), &conf), 0);
	node_settle(b->node, b->now);
}

static void mld_dst(struct bed *b)
{
	mld_router_on(b);
	mld(b, PEER_LL, 1, ALERT, ICMP6_MLD2_REPORT, "::", 8);
}

/* More sources than are kept of a group: 89 fit a report. */
static void mld_full(struct bed *b)
{
	struct ip6_addr s = bed_addr_of(PEER_LL), d = bed_addr_of("ff02::16");
	struct ip6_addr group = bed_addr_of("ff1e::1"), source = bed_addr_of("2001:db8:5::");

	mld_router_on(b);
	for (unsigned r = 0; r < 3; r++) {
		uint8_t m[8 + 20 + 89 * 16] = { ICMP6_MLD2_REPORT, [7] = 1, [8] = 1, [11] = 89 };
		struct pkt *pkt;

		memcpy(m + 12, group.b, 16);
		for (unsigned i = 0; i < 89; i++) {
			put_be16(source.b + 14, (uint16_t)(r * 89 + i));
			memcpy(m + 28 + (size_t)i * 16, source.b, 16);
		}
		put_be16(m + 2, csum_upper(&s, &d, m, sizeof(m), IP6_NH_ICMP6));
		pkt = bed_ext(b, PEER_LL, "ff02::16", IP6_NH_HBH, ALERT, 8, IP6_NH_ICMP6, m,
			      sizeof(m));
		pkt->p[IP6_HLIM_OFF] = 1;
		bed_mark(b); /* only the last counts */
		bed_rx(b, 0, pkt);
	}
}

/*
 * TCP: a listener, and a connection that waits to be accepted. The peer's SYN has number 0.
 */

static void tcp_raw(struct bed *b, const uint8_t *octets, size_t n, bool sum)
{
	struct pkt *pkt = bed_packet(b, PEER, OURS, IP6_NH_TCP, 64, octets, n);
	struct ip6_addr src = bed_addr_of(PEER), dst = bed_addr_of(OURS);
	uint8_t *h = pkt->p + IP6_HDR_OCTETS;

	if (sum)
		put_be16(h + TCP_CSUM_OFF, csum_upper(&src, &dst, h, (uint32_t)n, IP6_NH_TCP));
	bed_rx(b, 0, pkt);
}

static void tcp_short(struct bed *b)
{
	tcp_raw(b, (const uint8_t[TCP_HDR_OCTETS]){ [TCP_DOFF_OFF] = 0x60 }, TCP_HDR_OCTETS, true);
}

static void tcp_csum(struct bed *b)
{
	tcp_raw(b, (const uint8_t[TCP_HDR_OCTETS]){ [TCP_DOFF_OFF] = 0x50 }, TCP_HDR_OCTETS, false);
}

static void tcp_opt(struct bed *b)
{
	tcp_raw(b, (const uint8_t[24]){ [TCP_DOFF_OFF] = 0x60, [20] = TCP_OPT_MSS, 1 }, 24, true);
}

static void tcp_address(struct bed *b)
{
	const uint8_t h[TCP_HDR_OCTETS] = { [TCP_DOFF_OFF] = 0x50, [TCP_FLAGS_OFF] = TCP_SYN };
	struct pkt *pkt = bed_packet(b, PEER_LL, "ff02::1", IP6_NH_TCP, 64, h, sizeof(h));
	struct ip6_addr src = bed_addr_of(PEER_LL), dst = bed_addr_of("ff02::1");
	uint8_t *p = pkt->p + IP6_HDR_OCTETS;

	put_be16(p + TCP_CSUM_OFF, csum_upper(&src, &dst, p, sizeof(h), IP6_NH_TCP));
	bed_rx(b, 0, pkt);
}

static struct peer tcp_listener(struct bed *b)
{
	struct tcp_end at = { .port = PEER_OURS_PORT };
	struct peer p;

	peer_attach(&p, b);
	assert_int_equal(tcp_listen(p.stack, &at, 1, NULL, &p.l), 0);
	return p;
}

static struct peer tcp_standing(struct bed *b, uint8_t has)
{
	struct peer p = tcp_listener(b);

	p.has = has;
	p.tsval = 100;
	peer_say(&p, S, 0, 0, 0);
	(void)peer_hears(&p, SA, 0, 1, 0);
	p.tsecr = p.got.tsval;
	peer_say(&p, A, 1, 1, 0);
	assert_int_equal(tcp_accept_waiting(p.l), 1);
	return p;
}

static void tcp_nobody(struct bed *b)
{
	struct peer p;

	peer_attach(&p, b);
	peer_say(&p, S, 0, 0, 0);
}

static void tcp_listen_ack(struct bed *b)
{
	struct peer p = tcp_listener(b);

	peer_say(&p, A, 1, 1, 0);
}

static void tcp_no_syn(struct bed *b)
{
	struct peer p = tcp_listener(b);

	peer_say(&p, F, 1, 0, 0);
}

static void tcp_backlog(struct bed *b)
{
	struct peer p = tcp_standing(b, 0);

	p.remote.port++;
	peer_say(&p, S, 0, 0, 0);
}

static void tcp_table_full(struct bed *b)
{
	struct peer p = tcp_listener(b);

	p.stack->conf.conns_max = 0;
	peer_say(&p, S, 0, 0, 0);
}

static void tcp_rst(struct bed *b)
{
	struct peer p = tcp_standing(b, 0);

	peer_say(&p, R, 2, 0, 0); /* in the window, but not the next */
}

static void tcp_ack_unsent(struct bed *b)
{
	struct peer p = tcp_standing(b, 0);

	peer_say(&p, A, 1, 2, 0);
}

static void tcp_ack_old(struct bed *b)
{
	struct peer p = tcp_standing(b, 0);

	peer_say(&p, A, 1, 1u - 65536, 0);
}

static void tcp_no_ack(struct bed *b)
{
	struct peer p = tcp_standing(b, 0);

	peer_say(&p, P, 1, 0, 10);
}

static void tcp_seq(struct bed *b)
{
	struct peer p = tcp_standing(b, 0);

	peer_say(&p, A, 1000000000, 1, 10);
}

static void tcp_syn(struct bed *b)
{
	struct peer p = tcp_standing(b, 0);

	peer_say(&p, S, 1, 0, 0);
}

static void tcp_no_ts(struct bed *b)
{
	struct peer p = tcp_standing(b, TCP_HAS_TS);

	p.has = 0;
	peer_say(&p, A, 1, 1, 10);
}

static void tcp_paws(struct bed *b)
{
	struct peer p = tcp_standing(b, TCP_HAS_TS);

	p.tsval = 99;
	peer_say(&p, A, 1, 1, 10);
}

static void tcp_closed(struct bed *b)
{
	struct peer p = tcp_standing(b, 0);

	tcp_close(tcp_accept(p.l));
	bed_run(b, b->now);
	peer_say(&p, A, 1, 1, 10);
}

static void tcp_memory(struct bed *b)
{
	struct peer p = tcp_standing(b, 0);

	p.stack->conf.mem_max = 0;
	peer_say(&p, A, 1, 1, 10);
}

static void tcp_challenge_(struct bed *b)
{
	struct peer p = tcp_standing(b, 0);

	for (unsigned i = 0; i < 10; i++)
		peer_say(&p, S, 1, 0, 0);
	bed_mark(b);
	peer_say(&p, S, 1, 0, 0);
}

/*
 * IPv4: the node is 192.0.2.1 and 198.51.100.1, and forwards.
 */
#define PEER4 "192.0.2.2"
#define OURS4 "192.0.2.1"

static void ip4_begin(struct bed *b)
{
	bed_addr(b, 0, OURS4 "/24");
	bed_addr(b, 1, "198.51.100.1/24");
	bed_neigh(b, 0, PEER4, PEER_MAC);
	bed_if(b, 0)->conf.forwarding4 = true;
	bed_quiet(b);
}

/* A packet of an unknown protocol, but that nobody gets so far. */
static struct pkt *ip4_of_(struct bed *b, const char *src, const char *dst, uint16_t off)
{
	static const uint8_t data[1480];
	struct ip4_say say = {
		.src = src, .dst = dst, .proto = UNKNOWN, .off = off, .data = data, .octets = 16
	};

	ip4_begin(b);
	return bed4_packet(b, &say);
}

/* The octet at @at is to be @value. */
static void ip4_octet(struct bed *b, unsigned at, uint8_t value)
{
	struct pkt *pkt = ip4_of_(b, PEER4, OURS4, 0);

	pkt->p[at] = value;
	if (at != IP4_CSUM_OFF && (pkt->p[0] & 0xf) >= 5)
		bed4_csum(pkt);
	bed4_rx(b, 0, pkt);
}

static void ip4_short(struct bed *b)
{
	struct pkt *pkt = ip4_of_(b, PEER4, OURS4, 0);

	pkt_trim(pkt, 19);
	bed4_rx(b, 0, pkt);
}

static void ip4_version(struct bed *b)
{
	ip4_octet(b, 0, 0x55);
}

static void ip4_hdr_len(struct bed *b)
{
	ip4_octet(b, 0, 0x44);
}

static void ip4_len(struct bed *b)
{
	ip4_octet(b, IP4_LEN_OFF + 1, 200);
}

static void ip4_csum(struct bed *b)
{
	ip4_octet(b, IP4_CSUM_OFF, 0);
}

static void ip4_options(struct bed *b, uint8_t type, uint8_t len)
{
	uint8_t o[4] = { type, len, 4 };
	struct ip4_say say = { .src = PEER4, .dst = OURS4, .options = o, .n_options = 4 };

	ip4_begin(b);
	bed4_rx(b, 0, bed4_packet(b, &say));
}

static void ip4_option(struct bed *b)
{
	ip4_options(b, 148, 1);
}

static void ip4_source_route(struct bed *b)
{
	ip4_options(b, IP4_OPT_LSRR, 3);
}

static void ip4_src(struct bed *b)
{
	bed4_rx(b, 0, ip4_of_(b, "224.0.0.1", OURS4, 0));
}

static void ip4_src_own(struct bed *b)
{
	bed4_rx(b, 0, ip4_of_(b, "198.51.100.1", OURS4, 0));
}

static void ip4_dst(struct bed *b)
{
	bed4_rx(b, 0, ip4_of_(b, PEER4, "240.0.0.1", 0));
}

static void ip4_loopback(struct bed *b)
{
	bed4_rx(b, 0, ip4_of_(b, PEER4, "127.0.0.1", 0));
}

static void ip4_link_unicast(struct bed *b)
{
	struct pkt *pkt = ip4_of_(b, PEER4, OURS4, 0);
	struct mac to = bed_mac_of("ff:ff:ff:ff:ff:ff"), from = bed_mac_of(PEER_MAC);

	link_header(pkt, &to, &from, ETH_TYPE_IP4);
	bed_rx_frame(b, 0, pkt);
}

static void ip4_not_ours(struct bed *b)
{
	struct pkt *pkt = ip4_of_(b, "198.51.100.2", PEER4, 0);

	bed4_rx(b, 1, pkt);
}

static void ip4_mcast_not_joined(struct bed *b)
{
	bed4_rx(b, 0, ip4_of_(b, PEER4, "224.0.0.9", 0));
}

static void ip4_ttl(struct bed *b)
{
	struct pkt *pkt = ip4_of_(b, PEER4, "198.51.100.2", 0);

	pkt->p[IP4_TTL_OFF] = 1;
	bed4_csum(pkt);
	bed4_rx(b, 0, pkt);
}

static void ip4_no_route(struct bed *b)
{
	bed4_rx(b, 0, ip4_of_(b, PEER4, "10.0.0.1", 0));
}

static void ip4_scope(struct bed *b)
{
	bed4_rx(b, 0, ip4_of_(b, PEER4, "169.254.0.1", 0));
}

static void ip4_broadcast(struct bed *b)
{
	struct pkt *pkt = ip4_of_(b, PEER4, "198.51.100.255", 0);
	struct mac from = bed_mac_of(PEER_MAC);

	link_header(pkt, &b->mac[0], &from, ETH_TYPE_IP4);
	bed_rx_frame(b, 0, pkt);
}

static void ip4_dont_fragment(struct bed *b)
{
	struct pkt *pkt = ip4_of_(b, PEER4, "198.51.100.2", IP4_DF);

	bed_if(b, 1)->link.mtu = 30;
	bed4_rx(b, 0, pkt);
}

static void ip4_frag_len(struct bed *b)
{
	struct ip4_say say = { .src = PEER4, .dst = OURS4, .off = IP4_MF };

	ip4_begin(b);
	bed4_rx(b, 0, bed4_packet(b, &say));
}

static void ip4_protocol(struct bed *b)
{
	bed4_rx(b, 0, ip4_of_(b, PEER4, OURS4, 0));
}

static void ip6_mapped(struct bed *b)
{
	bed_rx(b, 0, bed_echo(b, PEER, "::ffff:192.0.2.1", 1, 8));
}

static void icmp4(struct bed *b, const char *dst, uint8_t type, size_t octets)
{
	uint8_t m[64] = { type };

	ip4_begin(b);
	bed4_rx(b, 0, bed4_icmp(b, PEER4, dst, m, octets));
}

static void icmp4_short(struct bed *b)
{
	icmp4(b, OURS4, ICMP4_ECHO_REQUEST, 7);
}

static void icmp4_csum(struct bed *b)
{
	struct pkt *pkt;

	ip4_begin(b);
	pkt = bed4_echo(b, PEER4, OURS4, 1, 8);
	pkt->p[IP4_HDR_OCTETS + ICMP4_CSUM_OFF] ^= 1;
	bed4_rx(b, 0, pkt);
}

static void icmp4_type(struct bed *b)
{
	icmp4(b, OURS4, 77, 8);
}

static void icmp4_echo_broadcast(struct bed *b)
{
	icmp4(b, "192.0.2.255", ICMP4_ECHO_REQUEST, 8);
}

static void icmp4_quote(struct bed *b)
{
	uint8_t m[36] = { ICMP4_UNREACH, 0, 0, 0, 0, 0, 0, 0, 0x45, 0, 0, 28 };

	ip4_begin(b);
	bed4_rx(b, 0, bed4_icmp(b, PEER4, OURS4, m, sizeof(m)));
}

/* Octet @at of a request for our address, and of @len octets. */
static void arp_octet(struct bed *b, unsigned at, uint8_t value, uint32_t len)
{
	uint8_t m[ARP_OCTETS] = { 0,   1, 8, 0, 6, 4, 0, 1, 2, 0, 0,   0, 1, 0,
				  192, 0, 2, 2, 0, 0, 0, 0, 0, 0, 192, 0, 2, 1 };
	struct mac from = bed_mac_of(PEER_MAC), to = bed_mac_of("ff:ff:ff:ff:ff:ff");
	struct pkt *pkt;

	ip4_begin(b);
	pkt = pkt_new(&b->pool, ARP_OCTETS);
	m[at] = value;
	memcpy(pkt_put(pkt, len), m, len);
	link_header(pkt, &to, &from, ETH_TYPE_ARP);
	bed_rx_frame(b, 0, pkt);
}

static void arp_short(struct bed *b)
{
	arp_octet(b, 0, 0, ARP_OCTETS - 1);
}

static void arp_format(struct bed *b)
{
	arp_octet(b, 7, 3, ARP_OCTETS);
}

static void arp_sender(struct bed *b)
{
	arp_octet(b, 8, 1, ARP_OCTETS);
}

static void arp_conflict(struct bed *b)
{
	arp_octet(b, 17, 1, ARP_OCTETS);
}

static void arp_not_ours(struct bed *b)
{
	ip4_begin(b);
	bed4_arp(b, 0, 1, PEER_MAC, "192.0.2.9", "192.0.2.8", true);
}

static void arp_no_entry(struct bed *b)
{
	ip4_begin(b);
	bed4_arp(b, 0, 2, PEER_MAC, "192.0.2.9", OURS4, false);
}

static void arp_done(struct bed *b)
{
	arp_octet(b, 0, 0, ARP_OCTETS);
}

/*
 * Tunnels.
 */

#define EXIT "2001:db8::200"
#define FAR  "2001:db8:5::9"

static void tunnel(struct bed *b, const char *local, const char *remote, const char *behind,
		   uint8_t proto)
{
	struct tunnel_conf c = { .local = bed_addr_of(local),
				 .remote = bed_addr_of(remote),
				 .proto = proto,
				 .no_limit = true,
				 .hop_limit = TUNNEL_HOPS_DEFAULT };
	struct route r = { .table = FIB_TABLE_MAIN, .expires = TIME_NEVER };
	char name[] = { 't', remote[9], '\0' };
	unsigned len;
	int rc = node_tunnel_add(b->node, name, &c);

	assert_true(rc > 0);
	assert_int_equal(node_if_set(b->node, (uint32_t)rc, true, b->now), 0);
	assert_int_equal(addr_parse_prefix(behind, &r.dst, &len), 0);
	r.dst_len = (uint8_t)len;
	r.via.ifindex = (uint32_t)rc;
	r.via.metric = 1024;
	assert_int_equal(fib_add(b->node->ip6.fib, &r), 0);
}

static void into_tunnel(struct bed *b, const char *local, const char *remote, uint8_t proto)
{
	tunnel(b, local, remote, "2001:db8:5::/48", proto);
	bed_rx(b, 0, bed_echo(b, PEER, FAR, 1, 8));
}

static void tunnel_loop(struct bed *b)
{
	into_tunnel(b, OURS, "2001:db8:5::1", 0);
}

static void tunnel_nested(struct bed *b)
{
	tunnel(b, OURS, EXIT, "2001:db8:6::/48", 0);
	tunnel(b, OURS, "2001:db8:6::1", "2001:db8:7::/48", 0);
	tunnel(b, OURS, "2001:db8:7::1", "2001:db8:8::/48", 0);
	into_tunnel(b, OURS, "2001:db8:8::1", 0);
}

static void tunnel_limit(struct bed *b)
{
	tunnel(b, OURS, EXIT, "2001:db8:5::/48", 0);
	bed_rx(b, 0,
	       bed_ext(b, PEER, FAR, IP6_NH_DSTOPTS, "\0\0\4\1\0\1\1\0", 8, IP6_NH_NONE, NULL, 0));
}

static void tunnel_proto(struct bed *b)
{
	into_tunnel(b, OURS, EXIT, IP6_NH_IP4);
}

static void tunnel_entry(struct bed *b)
{
	into_tunnel(b, "2001:db8::77", EXIT, 0);
}

static void tunnel_no_way(struct bed *b)
{
	into_tunnel(b, OURS, "2001:db9::1", 0);
}

static void from_tunnel(struct bed *b, struct pkt *inner, uint8_t tclass)
{
	struct pkt *pkt = bed_packet(b, EXIT, OURS, IP6_NH_IP6, 64, inner->p, inner->len);

	tunnel(b, OURS, EXIT, "2001:db8:5::/48", 0);
	pkt_free(inner);
	ip6_hdr_set_class(pkt->p, tclass);
	bed_rx(b, 0, pkt);
}

static void tunnel_ecn(struct bed *b)
{
	from_tunnel(b, bed_echo(b, FAR, PEER, 1, 8), IP6_ECN_CE);
}

static void tunnel_nd(struct bed *b)
{
	from_tunnel(b, bed_ns(b, ICMP6_NS, 0, "fe80::9", "ff02::1", OURS, NULL, 0), 0);
}

static void about_tunnel(struct bed *b, uint8_t type, uint8_t code)
{
	struct pkt *inner = bed_echo(b, PEER, FAR, 1, 8);
	struct pkt *outer = bed_packet(b, OURS, EXIT, IP6_NH_IP6, 64, inner->p, inner->len);
	uint8_t m[200] = { type, code };
	uint32_t len = outer->len;

	memcpy(m + 8, outer->p, len);
	pkt_free(inner);
	pkt_free(outer);
	tunnel(b, OURS, EXIT, "2001:db8:5::/48", 0);
	bed_rx(b, 0, bed_icmp6(b, PEER, OURS, 64, m, 8 + len));
}

static void tunnel_error_(struct bed *b)
{
	about_tunnel(b, ICMP6_TIME_EXCEEDED, ICMP6_TIME_REASSEMBLY);
}

static void tunnel_told(struct bed *b)
{
	about_tunnel(b, ICMP6_UNREACH, ICMP6_UNREACH_ROUTE);
}

/* clang-format off */
static const struct row rows[DROP_NUM] = {
	/* reason                          node         provoked by            times, and also */
	[DROP_NO_BUFFER]               = { WANT_HOST,   no_buffer,             1, DROP_NONE },
	[DROP_QUEUE_FULL]              = { WANT_HOST,   queue_full,            1, DROP_NONE },
	[DROP_IF_DOWN]                 = { WANT_HOST,   if_down,               1, DROP_NONE },
	[DROP_IF_DISABLED]             = { WANT_HOST,   if_disabled,           1, DROP_NONE },
	[DROP_LINK_SHORT]              = { WANT_HOST,   link_short,            1, DROP_NONE },
	[DROP_LINK_OTHER_HOST]         = { WANT_HOST,   link_other_host,       1, DROP_NONE },
	[DROP_LINK_TYPE]               = { WANT_HOST,   link_type,             1, DROP_NONE },
	[DROP_LINK_TOO_BIG]            = { WANT_HOST,   link_too_big,          1, DROP_NONE },
	[DROP_LINK_BAD_SOURCE]         = { WANT_HOST,   link_bad_source,       1, DROP_NONE },
	[DROP_WIRE_LOST]               = { WANT_WIRE,   wire_lost,             1, DROP_NONE },
	[DROP_WIRE_PARTED]             = { WANT_WIRE,   wire_parted,           1, DROP_NONE },
	[DROP_WIRE_FULL]               = { WANT_WIRE,   wire_full,             1, DROP_NONE },
	[DROP_NEIGH_UNREACH]           = { WANT_ROUTER, neigh_unreach,         1, DROP_NONE },
	[DROP_NEIGH_QUEUE_FULL]        = { WANT_ROUTER, neigh_queue_full,      1, DROP_NONE },
	[DROP_NEIGH_TABLE_FULL]        = { WANT_TINY,   neigh_table_full,      1, DROP_NONE },
	[DROP_NEIGH_GONE]              = { WANT_TINY,   neigh_gone,            1, DROP_NONE },
	[DROP_IP6_SHORT]               = { WANT_HOST,   ip6_short,             1, DROP_NONE },
	[DROP_IP6_VERSION]             = { WANT_HOST,   ip6_version,           1, DROP_NONE },
	[DROP_IP6_LEN]                 = { WANT_HOST,   ip6_len,               1, DROP_NONE },
	[DROP_IP6_SRC_MCAST]           = { WANT_HOST,   ip6_src_mcast,         1, DROP_NONE },
	[DROP_IP6_SRC_LOOPBACK]        = { WANT_HOST,   ip6_src_loopback,      1, DROP_NONE },
	[DROP_IP6_DST_LOOPBACK]        = { WANT_HOST,   ip6_dst_loopback,      1, DROP_NONE },
	[DROP_IP6_DST_UNSPEC]          = { WANT_HOST,   ip6_dst_unspec,        1, DROP_NONE },
	[DROP_IP6_DST_MCAST_SCOPE]     = { WANT_HOST,   ip6_dst_mcast_scope,   1, DROP_NONE },
	[DROP_IP6_DST_TENTATIVE]       = { WANT_HOST,   ip6_dst_tentative,     1, DROP_NONE },
	[DROP_IP6_NOT_OURS]            = { WANT_HOST,   ip6_not_ours,          1, DROP_NONE },
	[DROP_IP6_MCAST_NOT_JOINED]    = { WANT_HOST,   ip6_mcast_not_joined,  1, DROP_NONE },
	[DROP_IP6_MCAST_SOURCE]        = { WANT_HOST,   ip6_mcast_source,      1, DROP_NONE },
	[DROP_IP6_LINK_UNICAST]        = { WANT_ROUTER, ip6_link_unicast,      1, DROP_NONE },
	[DROP_IP6_HOP_LIMIT]           = { WANT_ROUTER, ip6_hop_limit,         1, DROP_NONE },
	[DROP_IP6_NO_ROUTE]            = { WANT_ROUTER, ip6_no_route,          1, DROP_NONE },
	[DROP_IP6_PROHIBIT]            = { WANT_ROUTER, ip6_prohibit,          1, DROP_NONE },
	[DROP_IP6_BLACKHOLE]           = { WANT_ROUTER, ip6_blackhole,         1, DROP_NONE },
	[DROP_IP6_SCOPE]               = { WANT_ROUTER, scope_ll,              1, DROP_NONE },
	[DROP_IP6_SRC_UNSPEC]          = { WANT_ROUTER, ip6_src_unspec,        1, DROP_NONE },
	[DROP_IP6_PROXY_LINK_LOCAL]    = { WANT_ROUTER, ip6_proxy_link_local,  1, DROP_NONE },
	[DROP_IP6_SRC_INVALIDATED]     = { WANT_ROUTER, ip6_src_invalidated,   1, DROP_NONE },
	[DROP_IP6_TOO_BIG]             = { WANT_ROUTER, ip6_too_big,           1, DROP_NONE },
	[DROP_IP6_NO_SOURCE]           = { WANT_HOST,   ip6_no_source,         1, DROP_NONE },
	[DROP_IP6_SRC_GONE]            = { WANT_HOST,   ip6_src_gone,          1, DROP_ND_DONE },
	[DROP_IP6_SRC_WAITS]           = { WANT_HOST,   ip6_src_waits,         1, DROP_NONE },
	[DROP_IP6_NEXT_HEADER]         = { WANT_HOST,   ip6_next_header,       1, DROP_NONE },
	[DROP_IP6_NO_NEXT_HEADER]      = { WANT_HOST,   ip6_no_next_header,    1, DROP_NONE },
	[DROP_IP6_PORT_UNREACH]        = { WANT_HOST,   ip6_port_unreach,      1, DROP_NONE },
	[DROP_UDP_SHORT]               = { WANT_HOST,   udp_short,             1, DROP_NONE },
	[DROP_UDP_CSUM]                = { WANT_HOST,   udp_csum,              1, DROP_NONE },
	[DROP_SOCK_FULL]               = { WANT_HOST,   sock_full,             1, DROP_NONE },
	[DROP_SOCK_CSUM]               = { WANT_HOST,   sock_csum,             1, DROP_NONE },
	[DROP_SOCK_HOPS]               = { WANT_HOST,   sock_hops,             1, DROP_NONE },
	[DROP_SOCK_FILTER]             = { WANT_HOST,   sock_filter,           1, DROP_NONE },
	[DROP_PACKET_FULL]             = { WANT_HOST,   packet_full,           2, DROP_NONE },
	[DROP_DNS_NOBODY]              = { WANT_HOST,   dns_nobody,            1, DROP_NONE },
	[DROP_DNS_OTHER]               = { WANT_HOST,   dns_other,             1, DROP_NONE },
	[DROP_DNS_BAD]                 = { WANT_HOST,   dns_bad,               1, DROP_NONE },
	[DROP_DNS_DONE]                = { WANT_HOST,   dns_done,              1, DROP_NONE },
	[DROP_IP6_SELF_GONE]           = { WANT_HOST,   ip6_self_gone,         1, DROP_NONE },
	[DROP_MROUTE_NO_ROUTE]         = { WANT_ROUTER, mroute_no_route,       1, DROP_NONE },
	[DROP_MROUTE_WRONG_IF]         = { WANT_ROUTER, mroute_wrong_if,       1, DROP_NONE },
	[DROP_MROUTE_NO_OIF]           = { WANT_ROUTER, mroute_no_oif,         1, DROP_NONE },
	[DROP_MROUTE_THRESHOLD]        = { WANT_ROUTER, mroute_threshold,      1, DROP_NONE },
	[DROP_MROUTE_UNRESOLVED]       = { WANT_ROUTER, mroute_unresolved,     1, DROP_NONE },
	[DROP_MROUTE_UNRESOLVED_FULL]  = { WANT_ROUTER, mroute_unresolved_full, 1, DROP_NONE },
	[DROP_MROUTE_QUEUE_FULL]       = { WANT_ROUTER, mroute_queue_full,     1, DROP_NONE },
	[DROP_MROUTE_UPCALLS_FULL]     = { WANT_ROUTER, mroute_upcalls_full,   1, DROP_NONE },
	[DROP_EXT_SHORT]               = { WANT_HOST,   ext_short,             1, DROP_NONE },
	[DROP_EXT_HBH_PLACE]           = { WANT_HOST,   ext_hbh_place,         1, DROP_NONE },
	[DROP_EXT_TOO_MANY]            = { WANT_HOST,   ext_too_many,          1, DROP_NONE },
	[DROP_EXT_CHAIN_LONG]          = { WANT_HOST,   ext_chain_long,        1, DROP_NONE },
	[DROP_OPT_SHORT]               = { WANT_HOST,   opt_short,             1, DROP_NONE },
	[DROP_OPT_UNKNOWN]             = { WANT_HOST,   opt_unknown,           1, DROP_NONE },
	[DROP_OPT_UNKNOWN_ICMP]        = { WANT_HOST,   opt_unknown_icmp,      1, DROP_NONE },
	[DROP_OPT_UNKNOWN_UCAST]       = { WANT_HOST,   opt_unknown_ucast,     1, DROP_NONE },
	[DROP_OPT_TOO_MANY]            = { WANT_HOST,   opt_too_many,          1, DROP_NONE },
	[DROP_OPT_PAD]                 = { WANT_HOST,   opt_pad,               1, DROP_NONE },
	[DROP_OPT_JUMBO]               = { WANT_HOST,   opt_jumbo,             1, DROP_NONE },
	[DROP_OPT_ROUTER_ALERT]        = { WANT_HOST,   opt_router_alert,      1, DROP_NONE },
	[DROP_RH_TYPE]                 = { WANT_HOST,   rh_type,               1, DROP_NONE },
	[DROP_RH_TYPE0]                = { WANT_HOST,   rh_type0,              1, DROP_NONE },
	[DROP_FRAG_SHORT]              = { WANT_HOST,   frag_short,            1, DROP_NONE },
	[DROP_FRAG_LEN]                = { WANT_HOST,   frag_len,              1, DROP_NONE },
	[DROP_FRAG_TOO_BIG]            = { WANT_HOST,   frag_too_big,          1, DROP_NONE },
	[DROP_FRAG_OVERLAP]            = { WANT_HOST,   frag_overlap,          2, DROP_NONE },
	[DROP_FRAG_TIMEOUT]            = { WANT_HOST,   frag_timeout,          1, DROP_NONE },
	[DROP_FRAG_FULL]               = { WANT_TINY,   frag_full,             1, DROP_NONE },
	[DROP_FRAG_SOURCE_FULL]        = { WANT_TINY,   frag_source_full,      1, DROP_NONE },
	[DROP_FRAG_FIRST_CHAIN]        = { WANT_HOST,   frag_first_chain,      1, DROP_NONE },
	[DROP_FRAG_LAST]               = { WANT_HOST,   frag_last,             2, DROP_NONE },
	[DROP_FRAG_TINY]               = { WANT_HOST,   frag_tiny,             1, DROP_NONE },
	[DROP_FRAG_ND]                 = { WANT_HOST,   frag_nd,               1, DROP_NONE },
	[DROP_FRAG_DUPLICATE]          = { WANT_HOST,   frag_duplicate,        1, DROP_NONE },
	[DROP_FRAG_PIECES]             = { WANT_TINY,   frag_pieces,           2, DROP_NONE },
	[DROP_FRAG_ECN]                = { WANT_HOST,   frag_ecn,              2, DROP_NONE },
	[DROP_ICMP6_SHORT]             = { WANT_HOST,   icmp6_short,           1, DROP_NONE },
	[DROP_ICMP6_CSUM]              = { WANT_HOST,   icmp6_csum,            1, DROP_NONE },
	[DROP_ICMP6_TYPE]              = { WANT_HOST,   icmp6_type,            1, DROP_NONE },
	[DROP_ICMP6_ERROR_UNKNOWN]     = { WANT_HOST,   icmp6_error_unknown,   1, DROP_NONE },
	[DROP_ICMP6_ERROR_FORGED]      = { WANT_HOST,   icmp6_error_forged,    1, DROP_NONE },
	[DROP_ICMP6_ERROR_DONE]        = { WANT_HOST,   icmp6_error_done,      1, DROP_NONE },
	[DROP_ICMP6_RATE]              = { WANT_HOST,   icmp6_rate,            1, DROP_IP6_NEXT_HEADER },
	[DROP_ICMP6_PTB_SMALL]         = { WANT_HOST,   icmp6_ptb_small,       1, DROP_NONE },
	[DROP_ICMP6_ECHO_MCAST]        = { WANT_HOST,   icmp6_echo_mcast,      1, DROP_NONE },
	[DROP_ICMP6_ECHO_NOBODY]       = { WANT_HOST,   icmp6_echo_nobody,     1, DROP_NONE },
	[DROP_TCP_SHORT]                 = { WANT_HOST,   tcp_short,             1, DROP_NONE },
	[DROP_TCP_CSUM]                  = { WANT_HOST,   tcp_csum,              1, DROP_NONE },
	[DROP_TCP_OPT]                   = { WANT_HOST,   tcp_opt,               1, DROP_NONE },
	[DROP_TCP_ADDRESS]               = { WANT_HOST,   tcp_address,           1, DROP_NONE },
	[DROP_TCP_NOBODY]                = { WANT_HOST,   tcp_nobody,            1, DROP_NONE },
	[DROP_TCP_LISTEN_ACK]            = { WANT_HOST,   tcp_listen_ack,        1, DROP_NONE },
	[DROP_TCP_NO_SYN]                = { WANT_HOST,   tcp_no_syn,            1, DROP_NONE },
	[DROP_TCP_BACKLOG]               = { WANT_HOST,   tcp_backlog,           1, DROP_NONE },
	[DROP_TCP_TABLE_FULL]            = { WANT_HOST,   tcp_table_full,        1, DROP_NONE },
	[DROP_TCP_RST]                   = { WANT_HOST,   tcp_rst,               1, DROP_NONE },
	[DROP_TCP_ACK_UNSENT]            = { WANT_HOST,   tcp_ack_unsent,        1, DROP_NONE },
	[DROP_TCP_ACK_OLD]               = { WANT_HOST,   tcp_ack_old,           1, DROP_NONE },
	[DROP_TCP_NO_ACK]                = { WANT_HOST,   tcp_no_ack,            1, DROP_NONE },
	[DROP_TCP_SEQ]                   = { WANT_HOST,   tcp_seq,               1, DROP_NONE },
	[DROP_TCP_SYN]                   = { WANT_HOST,   tcp_syn,               1, DROP_NONE },
	[DROP_TCP_NO_TS]                 = { WANT_HOST,   tcp_no_ts,             1, DROP_NONE },
	[DROP_TCP_PAWS]                  = { WANT_HOST,   tcp_paws,              1, DROP_NONE },
	[DROP_TCP_CLOSED]                = { WANT_HOST,   tcp_closed,            1, DROP_NONE },
	[DROP_TCP_MEMORY]                = { WANT_HOST,   tcp_memory,            1, DROP_NONE },
	[DROP_TCP_CHALLENGE]             = { WANT_HOST,   tcp_challenge_,        1, DROP_TCP_SYN },
	[DROP_ND_HOP_LIMIT]            = { WANT_HOST,   nd_hop_limit,          1, DROP_NONE },
	[DROP_ND_CODE]                 = { WANT_HOST,   nd_code,               1, DROP_NONE },
	[DROP_ND_SHORT]                = { WANT_HOST,   nd_short,              1, DROP_NONE },
	[DROP_ND_OPT_SHORT]            = { WANT_HOST,   nd_opt_short,          1, DROP_NONE },
	[DROP_ND_OPT_ZERO]             = { WANT_HOST,   nd_opt_zero,           1, DROP_NONE },
	[DROP_ND_OPT_OVERRUN]          = { WANT_HOST,   nd_opt_overrun,        1, DROP_NONE },
	[DROP_ND_OPT_BAD]              = { WANT_HOST,   nd_opt_bad,            1, DROP_NONE },
	[DROP_ND_OPT_MANY]             = { WANT_HOST,   nd_opt_many,           1, DROP_NONE },
	[DROP_ND_TARGET_MCAST]         = { WANT_HOST,   nd_target_mcast,       1, DROP_NONE },
	[DROP_ND_DAD_DST]              = { WANT_HOST,   nd_dad_dst,            1, DROP_NONE },
	[DROP_ND_DAD_SLLAO]            = { WANT_HOST,   nd_dad_sllao,          1, DROP_NONE },
	[DROP_ND_NA_SOLICITED]         = { WANT_HOST,   nd_na_solicited,       1, DROP_NONE },
	[DROP_ND_SRC_NOT_LL]           = { WANT_HOST,   nd_src_not_ll,         1, DROP_NONE },
	[DROP_ND_RS_SLLAO]             = { WANT_ROUTER, nd_rs_sllao,           1, DROP_NONE },
	[DROP_ND_NOT_ROUTER]           = { WANT_HOST,   nd_not_router,         1, DROP_NONE },
	[DROP_ND_NOT_HOST]             = { WANT_ROUTER, nd_not_host,           1, DROP_NONE },
	[DROP_ND_NOT_OURS]             = { WANT_HOST,   nd_not_ours,           1, DROP_NONE },
	[DROP_ND_TENTATIVE]            = { WANT_HOST,   nd_tentative,          1, DROP_NONE },
	[DROP_ND_NO_ENTRY]             = { WANT_HOST,   nd_no_entry,           1, DROP_NONE },
	[DROP_ND_NO_LLADDR]            = { WANT_ROUTER, nd_no_lladdr,          1, DROP_NONE },
	[DROP_ND_OWN_DAD]              = { WANT_HOST,   nd_own_dad,            1, DROP_NONE },
	[DROP_ND_REDIRECT_ROUTER]      = { WANT_HOST,   nd_redirect_router,    1, DROP_NONE },
	[DROP_ND_REDIRECT_TARGET]      = { WANT_HOST,   nd_redirect_target,    1, DROP_NONE },
	[DROP_ND_REDIRECT_DST]         = { WANT_HOST,   nd_redirect_dst,       1, DROP_NONE },
	[DROP_ND_DONE]                 = { WANT_HOST,   nd_taken,              1, DROP_NONE },
	[DROP_MLD_SHORT]               = { WANT_HOST,   mld_short,             1, DROP_NONE },
	[DROP_MLD_HOP_LIMIT]           = { WANT_HOST,   mld_hop_limit,         1, DROP_NONE },
	[DROP_MLD_SRC]                 = { WANT_HOST,   mld_src,               1, DROP_NONE },
	[DROP_MLD_NO_ALERT]            = { WANT_HOST,   mld_no_alert,          1, DROP_NONE },
	[DROP_MLD_GROUP]               = { WANT_HOST,   mld_group,             1, DROP_NONE },
	[DROP_MLD_REPORT]              = { WANT_HOST,   mld_report,            1, DROP_NONE },
	[DROP_MLD_DST]                 = { WANT_ROUTER, mld_dst,               1, DROP_NONE },
	[DROP_MLD_FULL]                = { WANT_ROUTER, mld_full,              1, DROP_NONE },
	[DROP_MLD_VERSION]             = { WANT_HOST,   mld_version_,          1, DROP_NONE },
	[DROP_MLD_DONE]                = { WANT_HOST,   mld_done_,             1, DROP_NONE },
	[DROP_IP4_SHORT]               = { WANT_HOST,   ip4_short,             1, DROP_NONE },
	[DROP_IP4_VERSION]             = { WANT_HOST,   ip4_version,           1, DROP_NONE },
	[DROP_IP4_HDR_LEN]             = { WANT_HOST,   ip4_hdr_len,           1, DROP_NONE },
	[DROP_IP4_LEN]                 = { WANT_HOST,   ip4_len,               1, DROP_NONE },
	[DROP_IP4_CSUM]                = { WANT_HOST,   ip4_csum,              1, DROP_NONE },
	[DROP_IP4_OPTION]              = { WANT_HOST,   ip4_option,            1, DROP_NONE },
	[DROP_IP4_SOURCE_ROUTE]        = { WANT_HOST,   ip4_source_route,      1, DROP_NONE },
	[DROP_IP4_SRC]                 = { WANT_HOST,   ip4_src,               1, DROP_NONE },
	[DROP_IP4_SRC_OWN]             = { WANT_HOST,   ip4_src_own,           1, DROP_NONE },
	[DROP_IP4_DST]                 = { WANT_HOST,   ip4_dst,               1, DROP_NONE },
	[DROP_IP4_LOOPBACK]            = { WANT_HOST,   ip4_loopback,          1, DROP_NONE },
	[DROP_IP4_LINK_UNICAST]        = { WANT_HOST,   ip4_link_unicast,      1, DROP_NONE },
	[DROP_IP4_NOT_OURS]            = { WANT_HOST,   ip4_not_ours,          1, DROP_NONE },
	[DROP_IP4_MCAST_NOT_JOINED]    = { WANT_HOST,   ip4_mcast_not_joined,  1, DROP_NONE },
	[DROP_IP4_TTL]                 = { WANT_HOST,   ip4_ttl,               1, DROP_NONE },
	[DROP_IP4_NO_ROUTE]            = { WANT_HOST,   ip4_no_route,          1, DROP_NONE },
	[DROP_IP4_SCOPE]               = { WANT_HOST,   ip4_scope,             1, DROP_NONE },
	[DROP_IP4_BROADCAST]           = { WANT_HOST,   ip4_broadcast,         1, DROP_NONE },
	[DROP_IP4_DONT_FRAGMENT]       = { WANT_HOST,   ip4_dont_fragment,     1, DROP_NONE },
	[DROP_IP4_FRAG_LEN]            = { WANT_HOST,   ip4_frag_len,          1, DROP_NONE },
	[DROP_IP4_PROTOCOL]            = { WANT_HOST,   ip4_protocol,          1, DROP_NONE },
	[DROP_IP6_MAPPED]              = { WANT_HOST,   ip6_mapped,            1, DROP_NONE },
	[DROP_TUNNEL_LOOP]             = { WANT_ROUTER, tunnel_loop,          1, DROP_NONE },
	[DROP_TUNNEL_NESTED]           = { WANT_ROUTER, tunnel_nested,        1, DROP_NONE },
	[DROP_TUNNEL_LIMIT]            = { WANT_ROUTER, tunnel_limit,         1, DROP_NONE },
	[DROP_TUNNEL_PROTO]            = { WANT_ROUTER, tunnel_proto,         1, DROP_NONE },
	[DROP_TUNNEL_ENTRY]            = { WANT_ROUTER, tunnel_entry,         1, DROP_NONE },
	[DROP_TUNNEL_NO_WAY]           = { WANT_ROUTER, tunnel_no_way,        1, DROP_NONE },
	[DROP_TUNNEL_ECN]              = { WANT_ROUTER, tunnel_ecn,           1, DROP_NONE },
	[DROP_TUNNEL_ND]               = { WANT_ROUTER, tunnel_nd,            1, DROP_NONE },
	[DROP_TUNNEL_ERROR]            = { WANT_ROUTER, tunnel_error_,        1, DROP_NONE },
	[DROP_TUNNEL_TOLD]             = { WANT_ROUTER, tunnel_told,          1, DROP_NONE },
	[DROP_ICMP4_SHORT]             = { WANT_HOST,   icmp4_short,           1, DROP_NONE },
	[DROP_ICMP4_CSUM]              = { WANT_HOST,   icmp4_csum,            1, DROP_NONE },
	[DROP_ICMP4_TYPE]              = { WANT_HOST,   icmp4_type,            1, DROP_NONE },
	[DROP_ICMP4_ECHO_BROADCAST]    = { WANT_HOST,   icmp4_echo_broadcast,  1, DROP_NONE },
	[DROP_ICMP4_QUOTE]             = { WANT_HOST,   icmp4_quote,           1, DROP_NONE },
	[DROP_ARP_SHORT]               = { WANT_HOST,   arp_short,             1, DROP_NONE },
	[DROP_ARP_FORMAT]              = { WANT_HOST,   arp_format,            1, DROP_NONE },
	[DROP_ARP_SENDER]              = { WANT_HOST,   arp_sender,            1, DROP_NONE },
	[DROP_ARP_CONFLICT]            = { WANT_HOST,   arp_conflict,          1, DROP_NONE },
	[DROP_ARP_NOT_OURS]            = { WANT_HOST,   arp_not_ours,          1, DROP_NONE },
	[DROP_ARP_NO_ENTRY]            = { WANT_HOST,   arp_no_entry,          1, DROP_NONE },
	[DROP_ARP_DONE]                = { WANT_HOST,   arp_done,              1, DROP_NONE },
};
/* clang-format on */

static void begin(struct bed *b, enum want want)
{
	struct ip6_conf tiny = { .neigh = NEIGH_CONF_DEFAULT,
				 .fib = FIB_CONF_DEFAULT,
				 .path = PATH_CONF_DEFAULT,
				 .frag = FRAG_CONF_DEFAULT };

	tiny.neigh.max = tiny.neigh.max_unresolved = 1;
	tiny.frag.datagrams_max = tiny.frag.per_source_max = tiny.frag.pieces_max = 1;
	bed_init_conf(b, 2, want == WANT_TINY ? &tiny : NULL);
	bed_up_quietly(b, 2);
	if (want == WANT_ROUTER || want == WANT_TINY)
		bed_router(b, 2);
	bed_addr(b, 0, OURS "/64");
	bed_addr(b, 1, OURS1 "/64");
	bed_neigh(b, 0, PEER, PEER_MAC);
	if (want == WANT_TINY)
		b->node->ip6.frag.conf.datagrams_max = 2;
	bed_quiet(b);
}

static unsigned one(const struct row *r, enum drop why)
{
	uint64_t times = r->times;
	unsigned wrong = 0;
	struct bed b;

	begin(&b, r->want);
	if (why == DROP_FRAG_FULL)
		b.node->ip6.frag.conf.datagrams_max = 1;
	r->provoke(&b);
	if (r->want == WANT_WIRE)
		times = 0;
	for (unsigned d = DROP_NONE + 1; d < DROP_NUM; d++) {
		bool counted = d == (unsigned)why || d == (unsigned)r->also;

		if (bed_dropped(&b, (enum drop)d) != (counted ? times : 0))
			wrong++, print_error("row %s: %s counted %u times\n", drop_name(why),
					     drop_name((enum drop)d),
					     (unsigned)bed_dropped(&b, (enum drop)d));
	}
	bed_done(&b);
	return wrong;
}

static void test_every_reason_has_a_row(void **state)
{
	(void)state;
	for (unsigned d = DROP_NONE + 1; d < DROP_NUM; d++)
		if (rows[d].provoke == NULL)
			fail_msg("nothing here provokes %s", drop_name((enum drop)d));
}

static void test_every_reason_is_counted_once(void **state)
{
	unsigned wrong = 0;

	(void)state;
	for (unsigned d = DROP_NONE + 1; d < DROP_NUM; d++)
		if (rows[d].provoke != NULL)
			wrong += one(&rows[d], (enum drop)d);
	assert_int_equal(wrong, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_reason_has_a_row),
		cmocka_unit_test(test_every_reason_is_counted_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
