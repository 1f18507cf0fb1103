/* SPDX-License-Identifier: BSD-3-Clause */
#include "bed.h"

#include "base/csum.h"

#define PEER_MAC "02:00:00:00:01:00"

static void note_drop(void *ctx, const struct trace *t)
{
	struct bed *b = ctx;

	if (t->kind == TRACE_DROP && drop_is_refusal(t->drop))
		b->last_drop = t->drop;
}

void bed_init_conf(struct bed *b, unsigned links, const struct ip6_conf *ip6)
{
	static const char *const names[BED_IFS_MAX] = { "e0", "e1", "e2" };
	struct node_conf conf;

	memset(b, 0, sizeof(*b));
	b->now = 1000 * NS_PER_S;
	pkt_pool_init(&b->pool, 4096, 256);
	node_conf_init(&conf, "bed", &b->pool);
	if (ip6 != NULL)
		conf.ip6 = *ip6;
	b->node = node_new(&conf, b->now);
	assert_non_null(b->node);
	node_trace(b->node, (struct tracer){ note_drop, b });
	for (unsigned i = 0; i < links; i++) {
		struct mac mac = { { 2, 0, 0, 0, 0, (uint8_t)i } };
		int rc = node_if_add(b->node, names[i], &mac, 1500);

		assert_true(rc > 0);
		b->ifindex[i] = (uint32_t)rc;
		b->mac[i] = mac;
	}
}

/* What the node wants sent now goes into the list. */
static void collect(struct bed *b)
{
	uint32_t ifindex;
	struct pktq q;

	while (node_output(b->node, &ifindex, &q)) {
		struct pkt *pkt;

		while ((pkt = pktq_get(&q)) != NULL) {
			assert_true(b->n_sent < BED_SENT_MAX);
			pkt_pull(pkt, ETH_HDR_OCTETS);
			b->sent[b->n_sent++] = (struct bed_sent){ b->now, ifindex, pkt };
		}
	}
}

void bed_quiet(struct bed *b)
{
	bed_run(b, b->now + 60 * NS_PER_S);
	bed_forget(b);
	bed_mark(b);
}

void bed_router(struct bed *b, unsigned links)
{
	for (unsigned i = 0; i < links; i++)
		nd_set_forwarding(&b->node->nd, bed_if(b, i), true);
	node_settle(b->node, b->now);
}

void bed_mark(struct bed *b)
{
	memcpy(b->marked, b->node->env.drops, sizeof(b->marked));
}

uint64_t bed_dropped(const struct bed *b, enum drop why)
{
	return b->node->env.drops[why] - b->marked[why];
}

void bed_dropped_only(const struct bed *b, enum drop why, uint64_t n)
{
	for (unsigned d = DROP_NONE + 1; d < DROP_NUM; d++) {
		uint64_t want = d == (unsigned)why ? n : 0;

		if (bed_dropped(b, (enum drop)d) != want)
			fail_msg("%s: %u times, not %u", drop_name((enum drop)d),
				 (unsigned)bed_dropped(b, (enum drop)d), (unsigned)want);
	}
}

void bed_forget(struct bed *b)
{
	for (unsigned i = 0; i < b->n_sent; i++)
		pkt_free(b->sent[i].pkt);
	b->n_sent = b->taken = 0;
}

struct iface *bed_if(struct bed *b, unsigned link)
{
	return node_if(b->node, b->ifindex[link]);
}

void bed_up(struct bed *b, unsigned link)
{
	assert_int_equal(node_if_set(b->node, b->ifindex[link], true, b->now), 0);
	collect(b);
}

void bed_init_down(struct bed *b, unsigned links)
{
	bed_init_conf(b, links, NULL);
}

void bed_init(struct bed *b, unsigned links)
{
	bed_init_down(b, links);
	bed_up_quietly(b, links);
}

void bed_up_quietly(struct bed *b, unsigned links)
{
	for (unsigned i = 0; i < links; i++) {
		bed_if(b, i)->conf.dad_transmits = 0;
		bed_if(b, i)->conf.max_rtr_solicitations = 0;
		bed_up(b, i);
	}
	bed_quiet(b);
}

void bed_done(struct bed *b)
{
	bed_forget(b);
	node_free(b->node);
	assert_int_equal(b->pool.used, 0);
	pkt_pool_done(&b->pool);
}

struct ip6_addr bed_addr_of(const char *text)
{
	struct ip6_addr a;

	assert_int_equal(addr_parse(text, &a), 0);
	return a;
}

struct mac bed_mac_of(const char *text)
{
	struct mac m;

	assert_int_equal(mac_parse(text, &m), 0);
	return m;
}

void bed_addr(struct bed *b, unsigned link, const char *text)
{
	struct ip6_addr a;
	unsigned len;

	assert_int_equal(addr_parse_prefix(text, &a, &len), 0);
	assert_int_equal(nd_addr_add(&b->node->nd, bed_if(b, link), &a, len, ADDR_STATIC, false),
			 0);
	node_settle(b->node, b->now);
	collect(b);
}

void bed_route_type(struct bed *b, const char *prefix, enum route_type type)
{
	struct route r = { .table = FIB_TABLE_MAIN, .expires = TIME_NEVER };
	unsigned len;

	assert_int_equal(addr_parse_prefix(prefix, &r.dst, &len), 0);
	r.dst_len = (uint8_t)len;
	r.via.type = (uint8_t)type;
	r.via.proto = ROUTE_PROTO_STATIC;
	r.via.metric = 1024;
	assert_int_equal(fib_add(ip6_fib_of(&b->node->ip6, &r.dst), &r), 0);
}

void bed_route(struct bed *b, unsigned link, const char *prefix, const char *gateway)
{
	struct route r = { .table = FIB_TABLE_MAIN, .expires = TIME_NEVER };
	unsigned len;

	assert_int_equal(addr_parse_prefix(prefix, &r.dst, &len), 0);
	r.dst_len = (uint8_t)len;
	r.via.ifindex = b->ifindex[link];
	r.via.proto = ROUTE_PROTO_STATIC;
	r.via.metric = 1024;
	if (gateway != NULL)
		r.via.gateway = bed_addr_of(gateway);
	assert_int_equal(fib_add(ip6_fib_of(&b->node->ip6, &r.dst), &r), 0);
}

void bed_neigh(struct bed *b, unsigned link, const char *addr, const char *mac)
{
	struct ip6_addr a = bed_addr_of(addr);
	struct mac m = bed_mac_of(mac);

	assert_non_null(neigh_set(&b->node->ip6.neigh, &bed_if(b, link)->link, &a, &m));
}

struct pkt *bed_packet(struct bed *b, const char *src, const char *dst, uint8_t next,
		       uint8_t hop_limit, const void *payload, size_t octets)
{
	struct ip6_addr s = bed_addr_of(src), d = bed_addr_of(dst);
	struct pkt *pkt = pkt_new(&b->pool, (uint32_t)(IP6_HDR_OCTETS + octets));

	assert_non_null(pkt);
	ip6_put_header(pkt_put(pkt, IP6_HDR_OCTETS), 0, 0, (uint16_t)octets, next, hop_limit, &s,
		       &d);
	if (octets != 0)
		memcpy(pkt_put(pkt, (uint32_t)octets), payload, octets);
	return pkt;
}

struct pkt *bed_icmp6(struct bed *b, const char *src, const char *dst, uint8_t hop_limit,
		      const void *message, size_t octets)
{
	struct pkt *pkt = bed_packet(b, src, dst, IP6_NH_ICMP6, hop_limit, message, octets);
	struct ip6_addr s = ip6_hdr_src(pkt->p), d = ip6_hdr_dst(pkt->p);
	uint8_t *m = pkt->p + IP6_HDR_OCTETS;

	put_be16(m + ICMP6_CSUM_OFF, 0);
	put_be16(m + ICMP6_CSUM_OFF, csum_upper(&s, &d, m, (uint32_t)octets, IP6_NH_ICMP6));
	return pkt;
}

struct pkt *bed_ns(struct bed *b, uint8_t type, uint8_t flags, const char *src, const char *dst,
		   const char *target, const void *opts, size_t n)
{
	struct ip6_addr t = bed_addr_of(target);
	uint8_t m[200] = { type, 0, 0, 0, flags };

	assert_true(n <= sizeof(m) - 24);
	memcpy(m + 8, t.b, IP6_ADDR_OCTETS);
	if (n != 0)
		memcpy(m + 24, opts, n);
	return bed_icmp6(b, src, dst, 255, m, 24 + n);
}

struct pkt *bed_ra(struct bed *b, const char *src, const struct nd_msg *m)
{
	struct nd_msg ra = *m;
	uint8_t octets[1232];
	struct wr w = wr_of(octets, sizeof(octets));

	ra.type = ND_RA;
	nd_build(&w, &ra);
	assert_false(w.overflow);
	return bed_icmp6(b, src, "ff02::1", 255, octets, wr_len(&w));
}

int bed_addr_state(struct bed *b, unsigned link, const char *addr)
{
	struct ip6_addr a = bed_addr_of(addr);
	const struct if_addr *found = if_addr_find(bed_if(b, link), &a);

	return found != NULL ? found->state : -1;
}

struct pkt *bed_echo(struct bed *b, const char *src, const char *dst, uint16_t seq, size_t octets)
{
	uint8_t m[8 + 2000] = { ICMP6_ECHO_REQUEST, 0, 0, 0, 0, 7 };

	assert_true(octets <= 2000);
	put_be16(m + 6, seq);
	for (size_t i = 0; i < octets; i++)
		m[8 + i] = (uint8_t)i;
	return bed_icmp6(b, src, dst, 64, m, 8 + octets);
}

void bed_send(struct bed *b, struct pkt *pkt, unsigned link)
{
	(void)ip6_output(&b->node->ip6, pkt, b->ifindex[link]);
	node_settle(b->node, b->now);
	collect(b);
}

struct pkt *bed_ext(struct bed *b, const char *src, const char *dst, uint8_t next,
		    const void *octets, size_t n, uint8_t upper, const void *payload, size_t m)
{
	uint8_t both[4096];

	assert_true(n + m <= sizeof(both));
	memcpy(both, octets, n);
	if (m != 0)
		memcpy(both + n, payload, m);
	if (n != 0)
		both[0] = upper;
	return bed_packet(b, src, dst, next, 64, both, n + m);
}

void bed_rx_batch(struct bed *b, unsigned link, struct batch *in)
{
	b->last_drop = DROP_NONE;
	assert_int_equal(node_input(b->node, b->ifindex[link], in, b->now), 0);
	collect(b);
}

enum drop bed_rx_frame(struct bed *b, unsigned link, struct pkt *frame)
{
	struct batch in = { .n = 1, .pkt = { frame } };

	bed_rx_batch(b, link, &in);
	return b->last_drop;
}

enum drop bed_rx(struct bed *b, unsigned link, struct pkt *pkt)
{
	struct ip6_addr dst = pkt->len >= IP6_HDR_OCTETS ? ip6_hdr_dst(pkt->p) : IP6_UNSPEC;
	struct mac from = bed_mac_of(PEER_MAC);
	struct mac to = ip6_is_mcast(&dst) ? mac_of_group(&dst) : b->mac[link];

	link_header(pkt, &to, &from, ETH_TYPE_IP6);
	return bed_rx_frame(b, link, pkt);
}

void bed_run(struct bed *b, time_ns when)
{
	while (node_next(b->node) <= when) {
		b->now = MAX(b->now, node_next(b->node));
		node_run(b->node, b->now);
		collect(b);
	}
	b->now = when;
	node_run(b->node, when);
	collect(b);
}

const struct pkt *bed_tx(struct bed *b, uint32_t *ifindex, time_ns *when)
{
	const struct bed_sent *s = &b->sent[b->taken];

	if (b->taken == b->n_sent)
		return NULL;
	b->taken++;
	if (ifindex != NULL)
		*ifindex = s->ifindex;
	if (when != NULL)
		*when = s->when;
	return s->pkt;
}

const uint8_t *bed_tx_icmp6(struct bed *b, uint8_t type, const struct pkt **pkt)
{
	const struct pkt *p;

	while ((p = bed_tx(b, NULL, NULL)) != NULL) {
		if (p->p[IP6_NEXT_OFF] != IP6_NH_ICMP6 || p->p[IP6_HDR_OCTETS] != type)
			continue;
		if (pkt != NULL)
			*pkt = p;
		return p->p + IP6_HDR_OCTETS;
	}
	return NULL;
}

const uint8_t *bed_tx_msg(struct bed *b, const char *src, const char *dst, uint8_t type,
			  uint8_t code, size_t *octets)
{
	const struct pkt *pkt = bed_tx(b, NULL, NULL);
	char text[IP6_TEXT_MAX];
	struct ip6_addr s, d;
	const uint8_t *m;
	uint8_t next;
	uint32_t off;

	if (pkt == NULL)
		fail_msg("silence, not a message of type %u", type);
	s = ip6_hdr_src(pkt->p);
	d = ip6_hdr_dst(pkt->p);
	assert_int_equal(pkt->len, IP6_HDR_OCTETS + ip6_hdr_plen(pkt->p));
	assert_true(ip6_upper_find(rd_of(pkt->p, pkt->len), &next, &off));
	assert_int_equal(next, IP6_NH_ICMP6);
	m = pkt->p + off;
	assert_int_equal(csum_upper(&s, &d, m, pkt->len - off, IP6_NH_ICMP6), 0);
	assert_int_equal(m[ICMP6_TYPE_OFF], type);
	assert_int_equal(m[ICMP6_CODE_OFF], code);
	if (src != NULL)
		assert_string_equal(ip6_text(&s, text), src);
	if (dst != NULL)
		assert_string_equal(ip6_text(&d, text), dst);
	if (octets != NULL)
		*octets = pkt->len - off;
	return m;
}

const struct pkt *bed_msg_pkt(const struct bed *b)
{
	assert_true(b->taken > 0);
	return b->sent[b->taken - 1].pkt;
}

time_ns bed_msg_when(const struct bed *b)
{
	assert_true(b->taken > 0);
	return b->sent[b->taken - 1].when;
}

void bed_silent_until(struct bed *b, time_ns when)
{
	bed_run(b, when);
	assert_true(bed_silent(b));
}

static struct {
	size_t i, n;
} row_now;

void bed_row(size_t i, size_t n)
{
	row_now.i = i;
	row_now.n = n;
}

int bed_row_teardown(void **state)
{
	(void)state;
	if (row_now.i < row_now.n)
		print_error("  in row %zu, counted from 0\n", row_now.i);
	bed_row(0, 0);
	return 0;
}

const uint8_t *bed_tx_eth(const struct pkt *pkt)
{
	return pkt->p - ETH_HDR_OCTETS;
}

bool bed_silent(const struct bed *b)
{
	return b->taken == b->n_sent;
}
