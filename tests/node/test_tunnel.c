/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Tunnels: RFC 2473. The node is a router between link 0, where PEER sends, and link 1, where the
 * tunnel's exit is; what is for 2001:db8:5::/48 goes by the tunnel.
 */
#include "bed.h"
#include "ip4/bed4.h"

#define OURS	 "2001:db8::1"
#define ENTRY	 "2001:db8:1::1"
#define PEER	 "2001:db8::100"
#define EXIT	 "2001:db8:1::100"
#define FAR	 "2001:db8:5::9"
#define FAR_EXIT "2001:db8:5::1" /* of a tunnel within the tunnel */
#define DEEP	 "2001:db8:6::9"
#define ROUTER	 "2001:db8:1::200" /* one within the tunnel */
#define PEER_MAC "02:00:00:00:01:00"
#define OVERHEAD 48

static void route_by(struct bed *b, const struct iface *ifc, const char *prefix)
{
	struct route r = { .table = FIB_TABLE_MAIN, .expires = TIME_NEVER };
	unsigned len;

	assert_int_equal(addr_parse_prefix(prefix, &r.dst, &len), 0);
	r.dst_len = (uint8_t)len;
	r.via.ifindex = if_index(ifc);
	r.via.proto = ROUTE_PROTO_STATIC;
	r.via.metric = 1024;
	assert_int_equal(fib_add(ip6_fib_of(&b->node->ip6, &r.dst), &r), 0);
}

static struct tunnel_conf conf_of(const char *local, const char *remote)
{
	return (struct tunnel_conf){ .local = bed_addr_of(local),
				     .remote = bed_addr_of(remote),
				     .limit = TUNNEL_LIMIT_DEFAULT,
				     .hop_limit = TUNNEL_HOPS_DEFAULT };
}

static struct iface *add(struct bed *b, const char *name, const struct tunnel_conf *c)
{
	int rc = node_tunnel_add(b->node, name, c);

	assert_true(rc > 0);
	assert_int_equal(node_if_set(b->node, (uint32_t)rc, true, b->now), 0);
	nd_set_forwarding(&b->node->nd, node_if(b->node, (uint32_t)rc), true);
	node_if(b->node, (uint32_t)rc)->conf.forwarding4 = true;
	return node_if(b->node, (uint32_t)rc);
}

/* The links alone. */
static void begin_plain(struct bed *b)
{
	bed_init(b, 2);
	bed_router(b, 2);
	bed_addr(b, 0, OURS "/64");
	bed_addr(b, 1, ENTRY "/64");
	bed_neigh(b, 0, PEER, PEER_MAC);
	bed_neigh(b, 1, EXIT, PEER_MAC);
	bed_neigh(b, 1, ROUTER, PEER_MAC);
	bed_quiet(b);
}

static struct iface *begin_with(struct bed *b, const struct tunnel_conf *c)
{
	struct iface *t;

	begin_plain(b);
	t = add(b, "t0", c);
	route_by(b, t, "2001:db8:5::/48");
	bed_silent_until(b, b->now + 60 * NS_PER_S); /* no DAD, no MLD, no RS: nobody is asked */
	bed_mark(b);
	return t;
}

static struct iface *begin(struct bed *b)
{
	struct tunnel_conf c = conf_of(ENTRY, EXIT);

	return begin_with(b, &c);
}

/* The next frame must leave by @link and be @octets, from the IPv6 header. */
static const struct pkt *must_send(struct bed *b, unsigned link, const void *octets, size_t n)
{
	uint32_t ifindex;
	const struct pkt *pkt = bed_tx(b, &ifindex, NULL);

	assert_non_null(pkt);
	assert_int_equal(ifindex, b->ifindex[link]);
	assert_int_equal(pkt->len, n);
	assert_memory_equal(pkt->p, octets, n);
	return pkt;
}

/* @pkt as it is within the tunnel: the outer header, @limit (-1: no option), @proto. Takes @pkt. */
static struct pkt *within(struct bed *b, const char *src, const char *dst, int limit, uint8_t proto,
			  struct pkt *pkt)
{
	uint8_t both[2000] = { proto, 0, 4, 1, (uint8_t)limit, 1, 1, 0 };
	size_t n = limit >= 0 ? 8 : 0;
	struct pkt *out;

	assert_true(n + pkt->len <= sizeof(both));
	memcpy(both + n, pkt->p, pkt->len);
	out = bed_packet(b, src, dst, n != 0 ? IP6_NH_DSTOPTS : proto, 64, both, n + pkt->len);
	pkt_free(pkt);
	return out;
}

static struct pkt *less(struct pkt *pkt)
{
	pkt->p[IP6_HLIM_OFF]--;
	return pkt;
}

/* Sections 3.1 and 5: exact octets on the way in; the hop limit inside counts the tunnel as a link. */
static void in_by_the_entry(void **state)
{
	struct pkt *want;
	struct iface *t;
	struct bed b;

	(void)state;
	t = begin(&b);
	want = within(&b, ENTRY, EXIT, 4, IP6_NH_IP6, less(bed_echo(&b, PEER, FAR, 1, 8)));
	assert_int_equal(bed_rx(&b, 0, bed_echo(&b, PEER, FAR, 1, 8)), DROP_NONE);
	must_send(&b, 1, want->p, want->len);
	assert_memory_equal(want->p, "\x60\0\0\0\0\x40\x3c\x40", 8);
	assert_memory_equal(want->p + 40, "\x29\0\4\1\4\1\1\0", 8);
	assert_int_equal(t->link.count.tx_pkts, 1);
	assert_int_equal(t->link.count.tx_octets, 56);
	assert_true(bed_silent(&b));
	pkt_free(want);
	bed_done(&b);
}

/* Section 3.3, with and without the option; and to the exit itself, which answers through it. */
static void out_by_the_exit(void **state)
{
	struct pkt *want;
	struct iface *t;
	struct bed b;

	(void)state;
	t = begin(&b);
	for (int limit = -1; limit < 2; limit++) {
		want = less(bed_echo(&b, FAR, PEER, 1, 8));
		assert_int_equal(bed_rx(&b, 1,
					within(&b, EXIT, ENTRY, limit, IP6_NH_IP6,
					       bed_echo(&b, FAR, PEER, 1, 8))),
				 DROP_NONE);
		must_send(&b, 0, want->p, want->len);
		pkt_free(want);
	}
	assert_int_equal(t->link.count.rx_pkts, 3);
	bed_rx(&b, 1, within(&b, EXIT, ENTRY, -1, IP6_NH_IP6, bed_echo(&b, FAR, OURS, 1, 8)));
	want = bed_echo(&b, OURS, FAR, 1, 8);
	want->p[40] = ICMP6_ECHO_REPLY;
	put_be16(want->p + 42, (uint16_t)(get_be16(want->p + 42) - 0x100));
	want = within(&b, ENTRY, EXIT, 4, IP6_NH_IP6, want);
	must_send(&b, 1, want->p, want->len);
	pkt_free(want);
	bed_done(&b);
}

/* Nobody else's: another source, another destination of ours, a tunnel that is down. */
static void strange_packets_are_not_taken(void **state)
{
	struct iface *t;
	struct bed b;

	(void)state;
	t = begin(&b);
	assert_int_equal(
		bed_rx(&b, 1,
		       within(&b, ROUTER, ENTRY, -1, IP6_NH_IP6, bed_echo(&b, FAR, PEER, 1, 8))),
		DROP_IP6_NEXT_HEADER);
	bed_tx_msg(&b, ENTRY, ROUTER, ICMP6_PARAM_PROB, ICMP6_PARAM_NEXT, NULL);
	assert_int_equal(
		bed_rx(&b, 1,
		       within(&b, EXIT, OURS, -1, IP6_NH_IP6, bed_echo(&b, FAR, PEER, 1, 8))),
		DROP_IP6_NEXT_HEADER);
	bed_tx_msg(&b, OURS, EXIT, ICMP6_PARAM_PROB, ICMP6_PARAM_NEXT, NULL);
	assert_int_equal(node_if_set(b.node, if_index(t), false, b.now), 0);
	assert_int_equal(
		bed_rx(&b, 1,
		       within(&b, EXIT, ENTRY, -1, IP6_NH_IP6, bed_echo(&b, FAR, PEER, 1, 8))),
		DROP_IP6_NEXT_HEADER);
	bed_tx_msg(&b, ENTRY, EXIT, ICMP6_PARAM_PROB, ICMP6_PARAM_NEXT, NULL);
	assert_true(bed_silent(&b));
	bed_done(&b);
}

/* Sections 6.3 to 6.6, RFC 6040 section 4.1. */
static const struct variables {
	bool no_limit, inherit_class, inherit_flow;
	uint8_t limit, hop_limit, tclass;
	uint32_t flow;
	uint32_t head; /* of the packet inside; its hop limit is 64 */
	uint32_t want; /* outside */
	uint8_t want_hops;
} variables[] = {
	{ false, false, false, 4, 64, 0, 0, 0x60000000, 0x60000000, 64 },
	{ true, false, false, 4, 7, 0, 0, 0x60012345, 0x60000000, 7 },
	{ false, false, false, 0, 0, 0xb8, 0xabcde, 0x60412345, 0x6b8abcde, 63 },
	{ false, true, true, 255, 255, 0xb8, 0xabcde, 0x60412345, 0x60412345, 255 },
	{ false, false, false, 4, 64, 0xb8, 0, 0x60212345, 0x6ba00000, 64 }, /* ECT(0) goes along */
	{ false, false, false, 4, 64, 0x00, 0, 0x6ff12345, 0x60300000, 64 }, /* and CE */
};

static void variables_show_outside(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(variables); i++) {
		const struct variables *v = &variables[i];
		struct tunnel_conf c = conf_of(ENTRY, EXIT);
		struct pkt *pkt;
		const struct pkt *out;
		struct bed b;

		bed_row(i, ARRAY_LEN(variables));
		c.no_limit = v->no_limit;
		c.inherit_class = v->inherit_class;
		c.inherit_flow = v->inherit_flow;
		c.limit = v->limit;
		c.hop_limit = v->hop_limit;
		c.tclass = v->tclass;
		c.flow = v->flow;
		begin_with(&b, &c);
		pkt = bed_echo(&b, PEER, FAR, 1, 8);
		put_be32(pkt->p, v->head);
		bed_rx(&b, 0, pkt);
		out = bed_tx(&b, NULL, NULL);
		assert_non_null(out);
		assert_int_equal(get_be32(out->p), v->want);
		assert_int_equal(out->p[IP6_HLIM_OFF], v->want_hops);
		assert_int_equal(out->len, 56 + (v->no_limit ? 40 : 48));
		assert_int_equal(out->p[IP6_NEXT_OFF], v->no_limit ? IP6_NH_IP6 : IP6_NH_DSTOPTS);
		assert_true(v->no_limit || out->p[44] == v->limit);
		bed_done(&b);
	}
	bed_row(ARRAY_LEN(variables), ARRAY_LEN(variables));
}

/* RFC 6040 section 4.2, figure 4: inside, outside, and what goes on (-1: nothing). */
static void ecn_comes_out_as_the_table_says(void **state)
{
	static const int want[4][4] = {
		/* outside: Not-ECT, ECT(1), ECT(0), CE */
		{ 0, 0, 0, -1 }, /* Not-ECT inside */
		{ 1, 1, 1, 3 },	 /* ECT(1) */
		{ 2, 1, 2, 3 },	 /* ECT(0) */
		{ 3, 3, 3, 3 },	 /* CE */
	};
	struct bed b;

	(void)state;
	begin(&b);
	for (unsigned in = 0; in < 4; in++) {
		for (unsigned out = 0; out < 4; out++) {
			struct pkt *pkt = bed_echo(&b, FAR, PEER, 1, 8);
			const struct pkt *got;

			ip6_hdr_set_class(pkt->p, (uint8_t)(0xb8 | in));
			pkt = within(&b, EXIT, ENTRY, -1, IP6_NH_IP6, pkt);
			ip6_hdr_set_class(pkt->p, (uint8_t)out);
			assert_int_equal(bed_rx(&b, 1, pkt),
					 want[in][out] < 0 ? DROP_TUNNEL_ECN : DROP_NONE);
			got = bed_tx(&b, NULL, NULL);
			assert_int_equal(got == NULL, want[in][out] < 0);
			assert_true(got == NULL || ip6_hdr_class(got->p) == (0xb8 | want[in][out]));
		}
	}
	bed_done(&b);
}

/* Section 4.1.1 (b) to (e). */
static void the_limit_counts_down(void **state)
{
	struct tunnel_conf c = conf_of(ENTRY, EXIT);
	const struct pkt *out;
	const uint8_t *m;
	struct bed b;

	(void)state;
	c.no_limit = true;
	begin_with(&b, &c);
	for (int limit = 255; limit > 0; limit -= 127) {
		bed_rx(&b, 0,
		       within(&b, PEER, FAR, limit, IP6_NH_IP6, bed_echo(&b, PEER, FAR, 1, 8)));
		out = bed_tx(&b, NULL, NULL);
		assert_non_null(out);
		assert_int_equal(out->p[IP6_NEXT_OFF], IP6_NH_DSTOPTS);
		assert_memory_equal(out->p + 40, "\x29\0\4\1", 4);
		assert_int_equal(out->p[44], limit - 1);
	}
	assert_int_equal(
		bed_rx(&b, 0, within(&b, PEER, FAR, 0, IP6_NH_IP6, bed_echo(&b, PEER, FAR, 1, 8))),
		DROP_TUNNEL_LIMIT);
	m = bed_tx_msg(&b, OURS, PEER, ICMP6_PARAM_PROB, ICMP6_PARAM_FIELD, NULL);
	assert_int_equal(get_be32(m + 4), 44);
	assert_true(bed_silent(&b));
	/* (a): what is behind another IPv6 header is not looked at */
	bed_rx(&b, 0,
	       within(&b, PEER, FAR, -1, IP6_NH_IP6,
		      within(&b, PEER, FAR, 0, IP6_NH_IP6, bed_echo(&b, PEER, FAR, 1, 8))));
	out = bed_tx(&b, NULL, NULL);
	assert_non_null(out);
	assert_int_equal(out->p[IP6_NEXT_OFF], IP6_NH_IP6);
	bed_done(&b);
}

static uint32_t told_mtu(struct bed *b)
{
	return get_be32(bed_tx_msg(b, OURS, PEER, ICMP6_TOO_BIG, 0, NULL) + 4);
}

/* An ICMPv6 error from within about the packet @out, which left. */
static enum drop error_about(struct bed *b, const struct pkt *out, uint8_t type, uint8_t code,
			     uint32_t param, uint32_t quote)
{
	uint8_t m[8 + 1232] = { type, code };

	put_be32(m + 4, param);
	memcpy(m + 8, out->p, MIN(quote, out->len));
	return bed_rx(b, 1, bed_icmp6(b, ROUTER, ENTRY, 64, m, 8 + MIN(quote, out->len)));
}

/* Sections 6.7, 7.1 and 8.2. */
static void too_big_for_the_tunnel(void **state)
{
	const struct pkt *out;
	struct iface *t;
	struct bed b;

	(void)state;
	t = begin(&b);
	assert_int_equal(t->conf.link_mtu, 1452);
	assert_int_equal(bed_rx(&b, 0, bed_echo(&b, PEER, FAR, 1, 1453 - 48)), DROP_IP6_TOO_BIG);
	assert_int_equal(told_mtu(&b), 1452);
	bed_rx(&b, 0, bed_echo(&b, PEER, FAR, 1, 1452 - 48));
	out = bed_tx(&b, NULL, NULL);
	assert_non_null(out);
	assert_int_equal(out->len, 1500);
	/* within, 1400 is all that goes: it is told less the headers, and remembered */
	assert_int_equal(error_about(&b, out, ICMP6_TOO_BIG, 0, 1400, 1232), DROP_TUNNEL_TOLD);
	assert_int_equal(told_mtu(&b), 1352);
	assert_int_equal(tunnel_mtu(&b.node->ip6, t), 1352);
	assert_int_equal(bed_rx(&b, 0, bed_echo(&b, PEER, FAR, 1, 1353 - 48)), DROP_IP6_TOO_BIG);
	assert_int_equal(told_mtu(&b), 1352);
	/* and 1300: no less than 1280 is told, and that is then fragmented outside, 7.1 (b) */
	bed_rx(&b, 0, bed_echo(&b, PEER, FAR, 1, 1352 - 48));
	out = bed_tx(&b, NULL, NULL);
	assert_non_null(out);
	assert_int_equal(error_about(&b, out, ICMP6_TOO_BIG, 0, 1300, 1232), DROP_TUNNEL_TOLD);
	assert_int_equal(told_mtu(&b), 1280);
	bed_rx(&b, 0, bed_echo(&b, PEER, FAR, 1, 1280 - 48));
	for (unsigned i = 0; i < 2; i++) {
		out = bed_tx(&b, NULL, NULL);
		assert_non_null(out);
		assert_true(out->len <= 1300);
		assert_int_equal(out->p[IP6_NEXT_OFF], IP6_NH_FRAGMENT);
	}
	assert_true(bed_silent(&b));
	bed_done(&b);
}

/* Section 8.2: whoever sends no more than 1280 is not told of less. */
static void small_enough_is_not_too_big(void **state)
{
	const struct pkt *out;
	struct bed b;

	(void)state;
	begin(&b);
	bed_rx(&b, 0, bed_echo(&b, PEER, FAR, 1, 1280 - 48));
	out = bed_tx(&b, NULL, NULL);
	assert_non_null(out);
	assert_int_equal(out->len, 1328);
	assert_int_equal(error_about(&b, out, ICMP6_TOO_BIG, 0, 1300, 1232), DROP_TUNNEL_ERROR);
	assert_true(bed_silent(&b));
	bed_rx(&b, 0, bed_echo(&b, PEER, FAR, 1, 1280 - 48));
	assert_int_equal(bed_tx(&b, NULL, NULL)->p[IP6_NEXT_OFF], IP6_NH_FRAGMENT);
	bed_done(&b);
}

/* Our own packets are fragmented inside, as on any link. */
static void what_we_send_fits(void **state)
{
	const struct pkt *out;
	struct iface *t;
	struct bed b;

	(void)state;
	t = begin(&b);
	b.ifindex[2] = if_index(t);
	bed_send(&b, bed_echo(&b, OURS, FAR, 1, 1900), 2);
	for (unsigned i = 0; i < 2; i++) {
		out = bed_tx(&b, NULL, NULL);
		assert_non_null(out);
		assert_true(out->len <= 1500);
		assert_int_equal(out->p[48 + IP6_NEXT_OFF], IP6_NH_FRAGMENT);
	}
	assert_true(bed_silent(&b));
	bed_done(&b);
}

/* An error about a packet of our own comes back to ourselves; what follows fits. */
static void what_we_send_follows_the_path(void **state)
{
	const struct ip6_addr far = bed_addr_of(FAR);
	const struct pkt *out;
	struct pkt *pkt;
	struct iface *t;
	struct bed b;

	(void)state;
	t = begin(&b);
	b.ifindex[2] = if_index(t);
	pkt = bed_echo(&b, OURS, FAR, 1, 1452 - 48);
	path_sent(&b.node->ip6.path, pkt);
	pkt->flags |= PKT_TCP; /* is not true of what is around it */
	bed_send(&b, pkt, 2);
	out = bed_tx(&b, NULL, NULL);
	assert_non_null(out);
	assert_int_equal(out->len, 1500);
	error_about(&b, out, ICMP6_TOO_BIG, 0, 1400, 1232);
	assert_int_equal(bed_dropped(&b, DROP_TUNNEL_TOLD), 1);
	assert_int_equal(bed_dropped(&b, DROP_ICMP6_ERROR_FORGED), 0);
	assert_non_null(path_find(&b.node->ip6.path, &far, 0));
	bed_send(&b, bed_echo(&b, OURS, FAR, 1, 1352 - 48), 2);
	out = bed_tx(&b, NULL, NULL);
	assert_non_null(out);
	assert_int_equal(out->len, 1400);
	assert_true(bed_silent(&b));
	bed_done(&b);
}

/* A fragmented tunnel packet is put together before it is looked into: section 7. */
static void fragments_come_out_whole(void **state)
{
	struct pkt *whole, *want;
	uint8_t piece[8 + 48] = { IP6_NH_IP6, 0, 0, 1, 0, 0, 0, 9 };
	struct bed b;

	(void)state;
	begin(&b);
	want = less(bed_echo(&b, FAR, PEER, 1, 8));
	whole = bed_echo(&b, FAR, PEER, 1, 8);
	memcpy(piece + 8, whole->p, 48);
	bed_rx(&b, 1, bed_packet(&b, EXIT, ENTRY, IP6_NH_FRAGMENT, 64, piece, 56));
	assert_true(bed_silent(&b));
	put_be16(piece + 2, 48);
	memcpy(piece + 8, whole->p + 48, 8);
	bed_rx(&b, 1, bed_packet(&b, EXIT, ENTRY, IP6_NH_FRAGMENT, 64, piece, 16));
	must_send(&b, 0, want->p, want->len);
	pkt_free(whole);
	pkt_free(want);
	bed_done(&b);
}

/* Sections 8.1 and 8.2: what the sender is told of errors from within. */
static const struct told {
	uint8_t type, code;
	uint32_t param;
	uint32_t quote;
	bool told;
} tolds[] = {
	{ ICMP6_UNREACH, ICMP6_UNREACH_ROUTE, 0, 1232, true },
	{ ICMP6_UNREACH, ICMP6_UNREACH_ADMIN, 0, 1232, true },
	{ ICMP6_UNREACH, ICMP6_UNREACH_ADDR, 0, 88, true }, /* the header inside is enough */
	{ ICMP6_UNREACH, ICMP6_UNREACH_ADDR, 0, 87, false },
	{ ICMP6_TIME_EXCEEDED, ICMP6_TIME_HOP_LIMIT, 0, 1232, true },
	{ ICMP6_TIME_EXCEEDED, ICMP6_TIME_REASSEMBLY, 0, 1232, false },
	{ ICMP6_PARAM_PROB, ICMP6_PARAM_FIELD, 44, 1232, true },  /* the limit's value */
	{ ICMP6_PARAM_PROB, ICMP6_PARAM_FIELD, 43, 1232, false }, /* something else there */
	{ ICMP6_PARAM_PROB, ICMP6_PARAM_NEXT, 44, 1232, false },
	{ ICMP6_TOO_BIG, 0, 1400, 1232, false }, /* the packet was small */
};

static void errors_from_within_are_told(void **state)
{
	struct bed b;

	(void)state;
	begin(&b);
	b.node->ip6.icmp_limit.per_dst = 0;
	for (size_t i = 0; i < ARRAY_LEN(tolds); i++) {
		const struct told *t = &tolds[i];
		const struct pkt *out;
		size_t octets;
		const uint8_t *m;

		bed_row(i, ARRAY_LEN(tolds));
		bed_rx(&b, 0, bed_echo(&b, PEER, FAR, 1, 8));
		out = bed_tx(&b, NULL, NULL);
		assert_non_null(out);
		if (t->type == ICMP6_TOO_BIG) {
			assert_int_equal(error_about(&b, out, t->type, t->code, t->param, t->quote),
					 DROP_ICMP6_ERROR_FORGED);
			continue;
		}
		assert_int_equal(error_about(&b, out, t->type, t->code, t->param, t->quote),
				 t->told ? DROP_TUNNEL_TOLD : DROP_TUNNEL_ERROR);
		if (!t->told) {
			assert_true(bed_silent(&b));
			continue;
		}
		m = bed_tx_msg(&b, OURS, PEER, ICMP6_UNREACH, ICMP6_UNREACH_ADDR, &octets);
		assert_int_equal(octets, 8 + MIN(t->quote, 104u) - OVERHEAD);
		assert_memory_equal(m + 8, out->p + OVERHEAD, octets - 8);
	}
	bed_row(ARRAY_LEN(tolds), ARRAY_LEN(tolds));
	bed_done(&b);
}

/* No way to the exit is told at once. */
static void no_way_is_told(void **state)
{
	struct tunnel_conf c = conf_of(ENTRY, "2001:db8:9::1");
	struct bed b;

	(void)state;
	begin_with(&b, &c);
	assert_int_equal(bed_rx(&b, 0, bed_echo(&b, PEER, FAR, 1, 8)), DROP_TUNNEL_NO_WAY);
	bed_tx_msg(&b, OURS, PEER, ICMP6_UNREACH, ICMP6_UNREACH_ADDR, NULL);
	assert_true(bed_silent(&b));
	bed_done(&b);
}

/* Section 4: t1 goes by t0. Its packets are of this node: limits count on. */
static void one_in_the_other(void **state)
{
	struct tunnel_conf c = conf_of(ENTRY, FAR_EXIT);
	struct iface *t1;
	struct pkt *want, *back;
	struct bed b;

	(void)state;
	begin(&b);
	c.limit = 1;
	t1 = add(&b, "t1", &c);
	route_by(&b, t1, "2001:db8:6::/48");
	want = within(
		&b, ENTRY, EXIT, 0, IP6_NH_IP6,
		within(&b, ENTRY, FAR_EXIT, 1, IP6_NH_IP6, less(bed_echo(&b, PEER, DEEP, 1, 8))));
	assert_int_equal(bed_rx(&b, 0, bed_echo(&b, PEER, DEEP, 1, 8)), DROP_NONE);
	must_send(&b, 1, want->p, want->len);
	pkt_free(want);
	assert_int_equal(tunnel_mtu(&b.node->ip6, t1), 1500 - 2 * OVERHEAD);
	assert_int_equal(bed_rx(&b, 0, bed_echo(&b, PEER, DEEP, 1, 1405 - 48)), DROP_IP6_TOO_BIG);
	assert_int_equal(told_mtu(&b), 1404);
	want = less(bed_echo(&b, DEEP, PEER, 1, 8));
	back = within(&b, EXIT, ENTRY, 0, IP6_NH_IP6,
		      within(&b, FAR_EXIT, ENTRY, 1, IP6_NH_IP6, bed_echo(&b, DEEP, PEER, 1, 8)));
	assert_int_equal(bed_rx(&b, 1, back), DROP_NONE);
	must_send(&b, 0, want->p, want->len);
	pkt_free(want);
	assert_true(bed_silent(&b));
	bed_done(&b);
}

/* Three, one in the other, are as many as packets have room for. */
static void not_too_many(void **state)
{
	static const char *const ends[] = { EXIT, "2001:db8:20::1", "2001:db8:30::1",
					    "2001:db8:40::1" };
	static const char *const behind[] = { "2001:db8:20::/48", "2001:db8:30::/48",
					      "2001:db8:40::/48", "2001:db8:50::/48" };
	struct bed b;

	(void)state;
	begin_plain(&b);
	for (unsigned i = 0; i < 4; i++) {
		struct tunnel_conf c = conf_of(ENTRY, ends[i]);
		char name[] = { 't', (char)('0' + i), '\0' };

		route_by(&b, add(&b, name, &c), behind[i]);
	}
	assert_int_equal(bed_rx(&b, 0, bed_echo(&b, PEER, "2001:db8:40::9", 1, 8)), DROP_NONE);
	assert_int_equal(bed_tx(&b, NULL, NULL)->len, 56 + 3 * OVERHEAD);
	assert_int_equal(bed_rx(&b, 0, bed_echo(&b, PEER, "2001:db8:50::9", 1, 8)),
			 DROP_TUNNEL_NESTED);
	/* nor if it has more room, having come by one */
	assert_int_equal(bed_rx(&b, 1,
				within(&b, EXIT, ENTRY, 4, IP6_NH_IP6,
				       bed_echo(&b, PEER, "2001:db8:50::9", 1, 8))),
			 DROP_TUNNEL_NESTED);
	assert_true(bed_silent(&b));
	bed_done(&b);
}

/* Section 4.1.2: directly, by another tunnel, and as a packet that looks like the tunnel's own. */
static void circles_end(void **state)
{
	struct tunnel_conf c = conf_of(ENTRY, "2001:db8:5::77"), d = conf_of(ENTRY, DEEP);
	struct iface *t, *u;
	struct bed b;

	(void)state;
	t = begin_with(&b, &c);
	assert_int_equal(bed_rx(&b, 0, bed_echo(&b, PEER, FAR, 1, 8)), DROP_TUNNEL_LOOP);
	u = add(&b, "t1", &d);
	route_by(&b, u, "2001:db8:5::77/128");
	route_by(&b, t, "2001:db8:6::/48");
	assert_int_equal(bed_rx(&b, 0, bed_echo(&b, PEER, FAR, 1, 8)), DROP_TUNNEL_LOOP);
	assert_true(tunnel_mtu(&b.node->ip6, t) >= IP6_MTU_MIN - OVERHEAD);
	bed_dropped_only(&b, DROP_TUNNEL_LOOP, 2);
	assert_true(bed_silent(&b));
	bed_done(&b);

	t = begin(&b);
	b.ifindex[2] = if_index(t);
	route_by(&b, t, "2001:db8:1::/64"); /* but what is on link 1 comes first */
	bed_send(&b, bed_echo(&b, ENTRY, EXIT, 1, 8), 2);
	bed_dropped_only(&b, DROP_TUNNEL_LOOP, 1);
	assert_true(bed_silent(&b));
	bed_done(&b);
}

/* What cannot be: 4.1.2, 6.1. */
static void some_cannot_be(void **state)
{
	static const struct {
		const char *local, *remote;
		int rc;
	} rows[] = {
		{ ENTRY, OURS, -EINVAL },  { "::", EXIT, -EINVAL },
		{ ENTRY, "::", -EINVAL },  { ENTRY, "ff02::1", -EINVAL },
		{ "::1", EXIT, -EINVAL },  { ENTRY, EXIT, -EEXIST },
		{ ENTRY, ENTRY, -EINVAL }, { ENTRY, "::ffff:1.2.3.4", -EINVAL },
	};
	struct bed b;

	(void)state;
	begin(&b);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct tunnel_conf c = conf_of(rows[i].local, rows[i].remote);

		bed_row(i, ARRAY_LEN(rows));
		assert_int_equal(node_tunnel_add(b.node, "t9", &c), rows[i].rc);
	}
	bed_row(ARRAY_LEN(rows), ARRAY_LEN(rows));
	bed_done(&b);
}

/* Section 7.2: who lets it be fragmented is not told. */
static void ip4_is_told_what_fits(void **state)
{
	struct bed b;

	(void)state;
	for (unsigned df = 0; df < 2; df++) {
		struct iface *t = begin(&b);
		struct pkt *pkt = bed4_echo(&b, "192.0.2.2", "198.51.100.9", 1, 1452 - 28);
		const struct pkt *out;

		bed_addr(&b, 0, "192.0.2.1/24");
		bed_neigh(&b, 0, "192.0.2.2", PEER4_MAC);
		bed_if(&b, 0)->conf.forwarding4 = true;
		route_by(&b, t, "198.51.100.0/24");
		bed_quiet(&b);
		put_be16(pkt->p + IP4_FRAG_OFF, df ? IP4_DF : 0);
		bed4_csum(pkt);
		bed4_rx(&b, 0, pkt);
		out = bed_tx(&b, NULL, NULL);
		assert_non_null(out);
		assert_int_equal(out->len, 1500);
		assert_int_equal(error_about(&b, out, ICMP6_TOO_BIG, 0, 1280, 1232),
				 df ? DROP_TUNNEL_TOLD : DROP_TUNNEL_ERROR);
		if (df)
			assert_int_equal(
				get_be32(bed4_tx_icmp(&b, "192.0.2.1", "192.0.2.2", ICMP4_UNREACH,
						      ICMP4_UNREACH_TOO_BIG, NULL) +
					 4),
				1280 - OVERHEAD);
		assert_true(bed_silent(&b));
		bed_done(&b);
	}
}

/* RFC 2473 says "Internet Protocol" of either version: IPv4 goes the same way. */
static void ip4_goes_through(void **state)
{
	static const uint8_t big[1432];
	struct pkt *pkt, *want;
	const struct pkt *out;
	struct ip4_hdr h;
	struct iface *t;
	struct bed b;

	(void)state;
	t = begin(&b);
	b.ifindex[2] = if_index(t);
	bed_addr(&b, 0, "192.0.2.1/24");
	bed_neigh(&b, 0, "192.0.2.2", PEER4_MAC);
	bed_if(&b, 0)->conf.forwarding4 = true;
	route_by(&b, t, "198.51.100.0/24");
	bed_quiet(&b);
	want = bed4_echo(&b, "192.0.2.2", "198.51.100.9", 1, 8);
	want->p[IP4_TTL_OFF]--;
	bed4_csum(want);
	want = within(&b, ENTRY, EXIT, 4, IP6_NH_IP4, want);
	bed4_rx(&b, 0, bed4_echo(&b, "192.0.2.2", "198.51.100.9", 1, 8));
	out = must_send(&b, 1, want->p, want->len);
	pkt_free(want);
	/* section 8.3 */
	assert_int_equal(error_about(&b, out, ICMP6_UNREACH, 0, 0, 1232), DROP_TUNNEL_TOLD);
	bed4_tx_icmp(&b, "192.0.2.1", "192.0.2.2", ICMP4_UNREACH, ICMP4_UNREACH_HOST, NULL);
	/* and back, with ECN of the way */
	pkt = bed4_echo(&b, "198.51.100.9", "192.0.2.2", 1, 8);
	pkt->p[IP4_TOS_OFF] = 0x02;
	bed4_csum(pkt);
	pkt = within(&b, EXIT, ENTRY, -1, IP6_NH_IP4, pkt);
	ip6_hdr_set_class(pkt->p, 0x03);
	bed_rx(&b, 1, pkt);
	out = bed4_tx(&b, "198.51.100.9", "192.0.2.2", &h);
	assert_int_equal(out->p[IP4_TOS_OFF], 0x03);
	assert_int_equal(h.ttl, 63);
	/* our own, as large as the tunnel: one piece, outside too */
	bed_send(&b, bed_packet(&b, "::ffff:192.0.2.1", "::ffff:198.51.100.9", 253, 64, big, 1432),
		 2);
	out = bed_tx(&b, NULL, NULL);
	assert_non_null(out);
	assert_int_equal(out->len, 1500);
	assert_int_equal(out->p[48], 0x45);
	/* section 7.2 (a): as the tunnel is, be that less than 1280 for IPv6 */
	pkt = bed4_echo(&b, "192.0.2.2", "198.51.100.9", 1, 1453 - 28);
	put_be16(pkt->p + IP4_FRAG_OFF, IP4_DF);
	bed4_csum(pkt);
	assert_int_equal(bed4_rx(&b, 0, pkt), DROP_IP4_DONT_FRAGMENT);
	assert_int_equal(get_be32(bed4_tx_icmp(&b, "192.0.2.1", "192.0.2.2", ICMP4_UNREACH,
					       ICMP4_UNREACH_TOO_BIG, NULL) +
				  4),
			 1452);
	bed_done(&b);
}

/* Nobody on it is asked, and nobody is answered. */
static void no_neighbours(void **state)
{
	struct iface *t;
	struct bed b;

	(void)state;
	t = begin(&b);
	assert_int_equal(bed_rx(&b, 1,
				within(&b, EXIT, ENTRY, -1, IP6_NH_IP6,
				       bed_ns(&b, ICMP6_NS, 0, "fe80::9", "ff02::1", OURS,
					      "\1\1\2\0\0\0\1\0", 8))),
			 DROP_TUNNEL_ND);
	assert_non_null(if_link_local(t));
	bed_silent_until(&b, b.now + 10 * NS_PER_S);
	assert_int_equal(node_if_del(b.node, if_index(t)), 0);
	bed_done(&b);
}

/* What one node puts in, another takes out. */
static void two_ends(void **state)
{
	struct tunnel_conf c = conf_of(ENTRY, EXIT);
	struct tunnel_conf d = conf_of(EXIT, ENTRY);
	const struct pkt *out;
	struct bed a, z;
	struct iface *t;

	(void)state;
	begin_with(&a, &c);
	bed_init(&z, 2);
	bed_router(&z, 2);
	bed_addr(&z, 0, EXIT "/64");
	bed_addr(&z, 1, "2001:db8:5::1/64");
	bed_neigh(&z, 0, ENTRY, PEER_MAC);
	bed_neigh(&z, 1, FAR, PEER_MAC);
	t = add(&z, "t0", &d);
	route_by(&z, t, "2001:db8::/64");
	bed_quiet(&z);
	bed_rx(&a, 0, bed_echo(&a, PEER, FAR, 1, 900));
	out = bed_tx(&a, NULL, NULL);
	assert_non_null(out);
	bed_rx(&z, 0,
	       bed_packet(&z, ENTRY, EXIT, out->p[IP6_NEXT_OFF], 63, out->p + 40, out->len - 40));
	bed_tx_msg(&z, PEER, FAR, ICMP6_ECHO_REQUEST, 0, NULL);
	assert_int_equal(bed_msg_pkt(&z)->p[IP6_HLIM_OFF],
			 62); /* two routers, whatever lies between */
	bed_rx(&z, 1, bed_echo(&z, FAR, PEER, 2, 900));
	out = bed_tx(&z, NULL, NULL);
	assert_non_null(out);
	bed_rx(&a, 1,
	       bed_packet(&a, EXIT, ENTRY, out->p[IP6_NEXT_OFF], 63, out->p + 40, out->len - 40));
	bed_tx_msg(&a, FAR, PEER, ICMP6_ECHO_REQUEST, 0, NULL);
	bed_done(&a);
	bed_done(&z);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(in_by_the_entry),
		cmocka_unit_test(out_by_the_exit),
		cmocka_unit_test(strange_packets_are_not_taken),
		BED_ROWS(variables_show_outside),
		cmocka_unit_test(ecn_comes_out_as_the_table_says),
		cmocka_unit_test(the_limit_counts_down),
		cmocka_unit_test(too_big_for_the_tunnel),
		cmocka_unit_test(small_enough_is_not_too_big),
		cmocka_unit_test(what_we_send_fits),
		cmocka_unit_test(what_we_send_follows_the_path),
		cmocka_unit_test(fragments_come_out_whole),
		BED_ROWS(errors_from_within_are_told),
		cmocka_unit_test(no_way_is_told),
		cmocka_unit_test(one_in_the_other),
		cmocka_unit_test(not_too_many),
		cmocka_unit_test(circles_end),
		BED_ROWS(some_cannot_be),
		cmocka_unit_test(ip4_goes_through),
		cmocka_unit_test(ip4_is_told_what_fits),
		cmocka_unit_test(no_neighbours),
		cmocka_unit_test(two_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
