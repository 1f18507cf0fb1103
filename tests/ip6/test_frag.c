/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Reassembly and fragmentation. Octet k of every fragmentable part is mark(k), so that a piece in
 * a wrong place shows. Time is virtual and exact.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ip6/frag.h"

#define ID	  0x01020304
#define PARTS_MAX 8

static uint8_t mark(uint32_t k)
{
	return (uint8_t)(k * 7 + (k >> 8) * 13 + 1);
}

struct world {
	struct pkt_pool pool;
	struct env env;
	struct frag_table t;
	struct frag_error err; /* the last one; its quote is the test's */
};

static void world_init_conf(struct world *w, const struct frag_conf *conf)
{
	static const uint8_t seed[RNG_SEED_OCTETS] = { 42 };

	memset(w, 0, sizeof(*w));
	pkt_pool_init(&w->pool, 8192, 160);
	env_init(&w->env, &w->pool, seed, 1000 * NS_PER_S);
	frag_init(&w->t, &w->env, conf);
}

static void world_init(struct world *w)
{
	world_init_conf(w, &FRAG_CONF_DEFAULT);
}

static void world_done(struct world *w)
{
	pkt_free(w->err.quote);
	frag_done(&w->t);
	assert_int_equal(w->pool.used, 0);
	assert_int_equal(w->env.timers.n, 0);
	pkt_pool_done(&w->pool);
}

/* What makes a fragment; zero is a global unicast source and destination, id ID, next UDP. */
struct part {
	uint32_t off, len;
	bool more;
	uint8_t src, dst; /* last octet */
	bool link_local;  /* source */
	bool mcast;	  /* destination: of link-local scope */
	uint32_t id;	  /* added to ID */
	uint32_t ifindex;
	uint8_t tclass;
	uint8_t next;  /* 0: UDP */
	uint8_t twist; /* xor to the first octet of data */
	uint8_t hops;  /* hop limit; 0: 64 */
	uint32_t opts; /* units of destination options before the fragment header */
	uint8_t flags; /* of the packet */
};

/* Whether more follow, and further fields by name if they are not zero. */
#define PART(o, l, ...)                                                                            \
	{                                                                                          \
		.off = (o), .len = (l), .more = __VA_ARGS__                                        \
	}
#define P(o, l, ...) ((struct part)PART(o, l, __VA_ARGS__))

static struct pkt *fragment(struct world *w, const struct part *a)
{
	struct ip6_addr src = { { 0x20, 1, [15] = 1 } }, dst = { { 0x20, 1, [15] = 99 } };
	uint32_t opts = a->opts * 8;
	struct pkt *pkt = pkt_new(&w->pool, IP6_HDR_OCTETS + opts + 8 + a->len);
	uint8_t *p;

	assert_non_null(pkt);
	if (a->link_local)
		src = (struct ip6_addr){ { 0xfe, 0x80, [15] = 1 } };
	if (a->mcast)
		dst = (struct ip6_addr){ { 0xff, 0x02, [15] = 1 } };
	src.b[15] = (uint8_t)(src.b[15] + a->src);
	dst.b[15] = (uint8_t)(dst.b[15] + a->dst);
	ip6_put_header(pkt_put(pkt, IP6_HDR_OCTETS), a->tclass, 0, (uint16_t)(opts + 8 + a->len),
		       opts != 0 ? IP6_NH_DSTOPTS : IP6_NH_FRAGMENT, a->hops != 0 ? a->hops : 64,
		       &src, &dst);
	if (opts != 0) {
		p = pkt_put(pkt, opts);
		memset(p, 0, opts);
		p[0] = IP6_NH_FRAGMENT;
		p[1] = (uint8_t)(a->opts - 1);
		p[2] = 0x11; /* an option that is skipped */
		p[3] = (uint8_t)(MIN(opts - 4, 255u));
	}
	p = pkt_put(pkt, 8);
	p[0] = a->next != 0 ? a->next : IP6_NH_UDP;
	p[1] = 0xee; /* reserved: ignored */
	put_be16(p + 2, (uint16_t)(a->off | (a->more ? 1 : 0)));
	put_be32(p + 4, ID + a->id);
	p = pkt_put(pkt, a->len);
	for (uint32_t k = 0; k < a->len; k++)
		p[k] = mark(a->off + k);
	if (a->len != 0)
		p[0] ^= a->twist;
	pkt->ifindex = a->ifindex;
	pkt->flags = a->flags;
	return pkt;
}

/* Walk, hand in, and walk on, as the way in does. The whole packet, or NULL. */
static struct pkt *input_pkt(struct world *w, struct pkt *pkt, struct ip6_walk *walk)
{
	struct frag_error err = { .quote = NULL };

	pkt_free(w->err.quote);
	w->err = err;
	ip6_walk_begin(walk, pkt);
	ip6_walk_chain(walk, pkt, &IP6_EXT_LIMITS_DEFAULT);
	assert_int_equal(walk->why, DROP_NONE);
	assert_int_equal(walk->next, IP6_NH_FRAGMENT);
	pkt = frag_input(&w->t, pkt, walk, &w->err);
	assert_true(pkt == NULL || w->err.quote == NULL);
	if (pkt != NULL)
		ip6_walk_chain(walk, pkt, &IP6_EXT_LIMITS_DEFAULT);
	return pkt;
}

static struct pkt *input(struct world *w, const struct part *a)
{
	struct ip6_walk walk;

	return input_pkt(w, fragment(w, a), &walk);
}

static uint64_t drops(const struct world *w)
{
	uint64_t n = 0;

	for (unsigned i = 0; i < DROP_NUM; i++)
		n += w->env.drops[i];
	return n;
}

/* Let time pass; each timer that is due is served. Errors stay in w->err. Return: how many. */
static unsigned advance(struct world *w, time_ns to)
{
	struct timer *timer;
	unsigned n = 0;

	w->env.now = to;
	while ((timer = timers_pop(&w->env.timers, to)) != NULL) {
		assert_int_equal(timer->kind, TIMER_FRAG);
		pkt_free(w->err.quote);
		w->err = (struct frag_error){ .quote = NULL };
		frag_timer(&w->t, timer, &w->err);
		n++;
	}
	return n;
}

static void assert_whole(const struct pkt *pkt, uint32_t hdrs, uint32_t len)
{
	assert_non_null(pkt);
	assert_int_equal(pkt->len, hdrs + len);
	assert_int_equal(ip6_hdr_plen(pkt->p), hdrs - IP6_HDR_OCTETS + len);
	for (uint32_t k = 0; k < len; k++)
		assert_int_equal(pkt->p[hdrs + k], mark(k));
}

/*
 * RFC 5722 section 4, RFC 8200 section 4.5: pieces that are there, one that comes, and what
 * becomes of it. Ends in a complete datagram when it was the last one needed.
 */
struct step {
	uint32_t off, end;
	bool more;
};

/* clang-format off */
static const struct {
	const char *name;
	struct step held[2];
	struct step comes;
	uint8_t twist;
	enum drop why;
} shapes[] = {
	{ "touches before",	{ { 16, 48, true } }, { 8, 16, true }, 0, DROP_NONE },
	{ "touches behind",	{ { 16, 48, true } }, { 48, 56, true }, 0, DROP_NONE },
	{ "far before",		{ { 16, 48, true } }, { 0, 8, true }, 0, DROP_NONE },
	{ "far behind",		{ { 16, 48, true } }, { 80, 88, true }, 0, DROP_NONE },
	{ "into the front",	{ { 16, 48, true } }, { 8, 24, true }, 0, DROP_FRAG_OVERLAP },
	{ "over the end",	{ { 16, 48, true } }, { 40, 56, true }, 0, DROP_FRAG_OVERLAP },
	{ "inside",		{ { 16, 48, true } }, { 24, 40, true }, 0, DROP_FRAG_OVERLAP },
	{ "same start, less",	{ { 16, 48, true } }, { 16, 24, true }, 0, DROP_FRAG_OVERLAP },
	{ "same start, more",	{ { 16, 48, true } }, { 16, 56, true }, 0, DROP_FRAG_OVERLAP },
	{ "same end, less",	{ { 16, 48, true } }, { 40, 48, true }, 0, DROP_FRAG_OVERLAP },
	{ "same end, more",	{ { 16, 48, true } }, { 8, 48, true }, 0, DROP_FRAG_OVERLAP },
	{ "covers",		{ { 16, 48, true } }, { 8, 56, true }, 0, DROP_FRAG_OVERLAP },
	{ "covers from 0",	{ { 16, 48, true } }, { 0, 64, true }, 0, DROP_FRAG_OVERLAP },
	{ "duplicate",		{ { 16, 48, true } }, { 16, 48, true }, 0, DROP_FRAG_DUPLICATE },
	{ "not quite",		{ { 16, 48, true } }, { 16, 48, true }, 1, DROP_FRAG_OVERLAP },
	{ "now the last",	{ { 16, 48, true } }, { 16, 48, false }, 0, DROP_FRAG_OVERLAP },
	{ "duplicate last",	{ { 16, 41, false } }, { 16, 41, false }, 0, DROP_FRAG_DUPLICATE },
	{ "into a hole",	{ { 0, 16, true }, { 32, 48, true } }, { 16, 32, true }, 0, DROP_NONE },
	{ "over a hole",	{ { 0, 16, true }, { 32, 48, true } }, { 16, 40, true }, 0,
	  DROP_FRAG_OVERLAP },
	{ "before a hole",	{ { 0, 16, true }, { 32, 48, true } }, { 8, 32, true }, 0,
	  DROP_FRAG_OVERLAP },
	{ "one octet over",	{ { 0, 16, true }, { 32, 48, true } }, { 24, 40, true }, 0,
	  DROP_FRAG_OVERLAP },
	{ "second duplicate",	{ { 0, 16, true }, { 32, 48, true } }, { 32, 48, true }, 0,
	  DROP_FRAG_DUPLICATE },
	{ "the last",		{ { 16, 48, true } }, { 48, 49, false }, 0, DROP_NONE },
	{ "behind the last",	{ { 16, 41, false } }, { 48, 56, true }, 0, DROP_FRAG_LAST },
	{ "a second last",	{ { 16, 41, false } }, { 48, 50, false }, 0, DROP_FRAG_LAST },
	{ "a last before",	{ { 16, 48, true } }, { 8, 16, false }, 0, DROP_FRAG_LAST },
	{ "a last before a last", { { 24, 48, false } }, { 8, 16, false }, 0, DROP_FRAG_LAST },
	{ "before the last",	{ { 16, 41, false } }, { 8, 16, true }, 0, DROP_NONE },
	{ "behind its odd end",	{ { 16, 41, false } }, { 40, 48, true }, 0, DROP_FRAG_OVERLAP },
};
/* clang-format on */

static void overlaps(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(shapes); i++) {
		const struct step *s = &shapes[i].comes;
		enum drop why = shapes[i].why;
		uint64_t held = 0;
		struct world w;

		world_init(&w);
		for (size_t k = 0; k < 2 && shapes[i].held[k].end != 0; k++) {
			const struct step *h = &shapes[i].held[k];

			assert_null(input(&w, &P(h->off, h->end - h->off, h->more)));
			held++;
		}
		assert_int_equal(drops(&w), 0);
		assert_null(
			input(&w, &P(s->off, s->end - s->off, s->more, .twist = shapes[i].twist)));
		print_message("  %s: %s\n", shapes[i].name, drop_name(why));
		assert_null(w.err.quote);
		if (why == DROP_NONE || why == DROP_FRAG_DUPLICATE) {
			assert_int_equal(drops(&w), why != DROP_NONE);
			assert_int_equal(w.env.drops[why], why != DROP_NONE);
			assert_int_equal(w.pool.used, held + (why == DROP_NONE));
		} else {
			assert_int_equal(w.env.drops[why], held + 1);
			assert_int_equal(drops(&w), held + 1);
			assert_int_equal(w.pool.used, 0);
			assert_int_equal(w.t.octets, 0);
			/* and what is still to come, to the end of its time, silently */
			advance(&w, w.env.now + 60 * NS_PER_S - 1);
			assert_null(input(&w, &P(64, 64, false)));
			assert_int_equal(w.env.drops[why], held + 2);
			assert_int_equal(advance(&w, w.env.now + 1), 1);
			assert_null(w.err.quote);
			assert_int_equal(w.t.datagrams, 0);
			assert_int_equal(drops(&w), held + 2);
		}
		world_done(&w);
	}
}

/* A duplicate changes nothing; the datagram is completed. */
static void duplicates(void **state)
{
	struct world w;
	struct pkt *pkt;

	(void)state;
	world_init(&w);
	assert_null(input(&w, &P(0, 16, true)));
	for (int i = 0; i < 3; i++)
		assert_null(input(&w, &P(0, 16, true)));
	pkt = input(&w, &P(16, 5, false));
	assert_whole(pkt, 40, 21);
	assert_int_equal(w.env.drops[DROP_FRAG_DUPLICATE], 3);
	assert_int_equal(drops(&w), 3);
	pkt_free(pkt);
	world_done(&w);
}

static void permutations(void **state)
{
	static const struct part parts[] = { PART(0, 24, true), PART(24, 8, true),
					     PART(32, 1000, true), PART(1032, 13, false) };
	struct world w;

	(void)state;
	world_init(&w);
	for (unsigned p = 0; p < 256; p++) {
		unsigned order[] = { p & 3, p >> 2 & 3, p >> 4 & 3, p >> 6 & 3 }, seen = 0;
		struct ip6_walk walk;
		struct pkt *pkt = NULL;

		for (unsigned i = 0; i < 4; i++)
			seen |= 1u << order[i];
		if (seen != 15)
			continue;
		for (unsigned i = 0; i < 4; i++) {
			assert_null(pkt);
			pkt = input_pkt(&w, fragment(&w, &parts[order[i]]), &walk);
		}
		assert_whole(pkt, 40, 1045);
		assert_int_equal(pkt->p[IP6_NEXT_OFF], IP6_NH_UDP);
		assert_int_equal(walk.next, IP6_NH_UDP);
		assert_int_equal(walk.off, 40);
		assert_int_equal(walk.nh_off, IP6_NEXT_OFF);
		assert_int_equal(pkt->frag_max, 1048);
		assert_int_equal(pkt->flags, PKT_REASSEMBLED);
		assert_int_equal(w.t.datagrams, 0);
		assert_int_equal(w.t.octets, 0);
		assert_int_equal(w.env.timers.n, 0);
		assert_int_equal(w.pool.used, 1);
		pkt_free(pkt);
	}
	assert_int_equal(drops(&w), 0);
	world_done(&w);
}

/* RFC 8200 section 4.5: what of the headers comes from where. */
static void headers(void **state)
{
	struct ip6_walk walk;
	struct world w;
	struct pkt *pkt;

	(void)state;
	world_init(&w);
	/* others' headers and next header differ; only the first fragment's count */
	assert_null(input(&w, &P(16, 8, true, .next = 99, .opts = 3, .hops = 1, .tclass = 0x40,
				 .flags = PKT_MULTICAST)));
	assert_null(input(&w, &P(0, 16, true, .next = 6, .opts = 1)));
	assert_int_equal(w.err.code, ICMP6_PARAM_FRAG); /* TCP takes 20 */
	assert_null(input(&w, &P(0, 16, true, .next = 58, .opts = 1, .hops = 77, .tclass = 0x80,
				 .ifindex = 7, .flags = PKT_ROUTER_ALERT)));
	pkt = input_pkt(&w, fragment(&w, &P(24, 3, false, .next = 0xfe, .hops = 2)), &walk);
	assert_whole(pkt, 48, 27);
	assert_int_equal(pkt->p[IP6_NEXT_OFF], IP6_NH_DSTOPTS);
	assert_int_equal(pkt->p[40], 58);
	assert_int_equal(pkt->p[IP6_HLIM_OFF], 77);
	assert_int_equal(ip6_hdr_class(pkt->p), 0x80);
	assert_int_equal(pkt->ifindex, 7);
	assert_int_equal(pkt->flags, PKT_REASSEMBLED | PKT_MULTICAST | PKT_ROUTER_ALERT);
	assert_int_equal(pkt->frag_max, 40 + 3 * 8 + 8 + 8);
	assert_int_equal(walk.why, DROP_NONE);
	assert_int_equal(walk.off, 48);
	assert_int_equal(walk.nh_off, 40);
	assert_int_equal(walk.next, 58);
	pkt_free(pkt);
	world_done(&w);
}

/* The chain goes on behind the fragment header: options there are judged in the whole packet. */
static void walks_on(void **state)
{
	struct ip6_walk walk;
	struct world w;
	struct pkt *pkt, *first;

	(void)state;
	world_init(&w);
	first = fragment(&w, &P(0, 16, true, .next = IP6_NH_DSTOPTS));
	memcpy(first->p + 48, ((const uint8_t[]){ 17, 0, 0x87, 4, 0, 0, 0, 0 }), 8);
	assert_null(input_pkt(&w, first, &walk));
	pkt = input_pkt(&w, fragment(&w, &P(16, 8, false)), &walk);
	assert_non_null(pkt);
	assert_int_equal(walk.why, DROP_OPT_UNKNOWN_ICMP);
	assert_int_equal(walk.icmp_ptr, 42); /* in the packet as it was before fragmentation */
	pkt_free(pkt);
	/* a hop-by-hop header in there is out of place, though it follows the IPv6 header now */
	first = fragment(&w, &P(0, 16, true));
	first->p[40] = IP6_NH_HBH;
	memcpy(first->p + 48, ((const uint8_t[]){ 17, 0, 1, 4, 0, 0, 0, 0 }), 8);
	assert_null(input_pkt(&w, first, &walk));
	pkt = input_pkt(&w, fragment(&w, &P(16, 8, false)), &walk);
	assert_int_equal(walk.why, DROP_EXT_HBH_PLACE);
	assert_int_equal(walk.icmp_ptr, IP6_NEXT_OFF);
	pkt_free(pkt);
	world_done(&w);
}

/* What is wrong with a fragment alone, and the answer. */
static void alone(void **state)
{
	/* clang-format off */
	static const struct {
		const char *name;
		struct part part;
		enum drop why;
		int code;		/* or -1 */
		uint32_t ptr;
	} rows[] = {
		{ "21 octets and more", PART(0, 21, true), DROP_FRAG_LEN, 0, 4 },
		{ "one too many", PART(8, 9, true), DROP_FRAG_LEN, 0, 4 },
		{ "half a unit", PART(8, 12, true), DROP_FRAG_LEN, 0, 4 },
		{ "the same behind options", PART(8, 15, true, .opts = 2), DROP_FRAG_LEN, 0, 4 },
		{ "the last may", PART(8, 15, false), DROP_NONE, -1, 0 },
		{ "length before chain", PART(0, 7, true), DROP_FRAG_LEN, 0, 4 },
		{ "65,535 in all", PART(65528, 7, false), DROP_NONE, -1, 0 },
		{ "65,536", PART(65528, 8, false), DROP_FRAG_TOO_BIG, 0, 42 },
		{ "65,536 and more", PART(65520, 16, true), DROP_FRAG_TOO_BIG, 0, 42 },
		{ "with options 65,535", PART(65512, 7, false, .opts = 2), DROP_NONE, -1, 0 },
		{ "with options 65,536", PART(65512, 8, false, .opts = 2), DROP_FRAG_TOO_BIG, 0, 58 },
		{ "no data", PART(8, 0, true), DROP_FRAG_TINY, -1, 0 },
		{ "last without data", PART(8, 0, false), DROP_FRAG_TINY, -1, 0 },
		{ "first without data", PART(0, 0, true), DROP_FRAG_FIRST_CHAIN, 3, 0 },
		{ "nothing to come, no data", PART(0, 0, true, .next = 59), DROP_FRAG_TINY, -1, 0 },
		{ "UDP header", PART(0, 8, true), DROP_NONE, -1, 0 },
		{ "TCP header", PART(0, 16, true, .next = 6), DROP_FRAG_FIRST_CHAIN, 3, 0 },
		{ "TCP header", PART(0, 24, true, .next = 6), DROP_NONE, -1, 0 },
		{ "TCP header, behind options", PART(0, 16, true, .next = 6, .opts = 2),
		  DROP_FRAG_FIRST_CHAIN, 3, 0 },
		{ "IPv6 header", PART(0, 32, true, .next = 41), DROP_FRAG_FIRST_CHAIN, 3, 0 },
		{ "IPv6 header", PART(0, 40, true, .next = 41), DROP_NONE, -1, 0 },
		{ "ESP header", PART(0, 8, true, .next = 50), DROP_NONE, -1, 0 },
		{ "unknown", PART(0, 8, true, .next = 254), DROP_NONE, -1, 0 },
		{ "not the first", PART(8, 8, true, .next = 6), DROP_NONE, -1, 0 },
	};
	/* clang-format on */
	struct world w;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct pkt *pkt;
		uint64_t dropped;

		world_init(&w);
		pkt = fragment(&w, &rows[i].part);
		print_message("  %s\n", rows[i].name);
		assert_null(input(&w, &rows[i].part));
		dropped = rows[i].why != DROP_NONE && rows[i].code < 0;
		assert_int_equal(w.env.drops[rows[i].why], dropped);
		assert_int_equal(drops(&w), dropped);
		assert_int_equal(w.t.datagrams, rows[i].why == DROP_NONE);
		assert_int_equal(w.err.quote != NULL, rows[i].code >= 0);
		if (rows[i].code >= 0) {
			assert_int_equal(w.err.type, ICMP6_PARAM_PROB);
			assert_int_equal(w.err.code, rows[i].code);
			assert_int_equal(w.err.param, rows[i].ptr);
			assert_int_equal(w.err.why, rows[i].why);
			assert_int_equal(w.err.quote->len, pkt->len);
			assert_memory_equal(w.err.quote->p, pkt->p, pkt->len);
		}
		pkt_free(pkt);
		world_done(&w);
	}
}

/* A fragment that is refused alone leaves its datagram as it was. */
static void refused_alone(void **state)
{
	struct world w;
	struct pkt *pkt;

	(void)state;
	world_init(&w);
	assert_null(input(&w, &P(0, 16, true)));
	assert_null(input(&w, &P(16, 9, true)));
	assert_int_equal(w.err.why, DROP_FRAG_LEN);
	assert_null(input(&w, &P(65520, 24, false)));
	assert_int_equal(w.err.why, DROP_FRAG_TOO_BIG);
	assert_null(input(&w, &P(16, 0, true)));
	pkt = input(&w, &P(16, 9, false));
	assert_whole(pkt, 40, 25);
	pkt_free(pkt);
	world_done(&w);
}

/* The largest datagram, and one that only its first fragment's headers make too large. */
static void largest(void **state)
{
	struct world w;
	struct pkt *pkt;

	(void)state;
	world_init(&w);
	assert_null(input(&w, &P(0, 32768, true)));
	assert_null(input(&w, &P(65528, 7, false)));
	pkt = input(&w, &P(32768, 32760, true));
	assert_whole(pkt, 40, 65535);
	pkt_free(pkt);
	assert_null(input(&w, &P(0, 32768, true, .opts = 1)));
	assert_null(input(&w, &P(65528, 7, false)));
	assert_null(input(&w, &P(32768, 32760, true)));
	assert_int_equal(w.env.drops[DROP_FRAG_TOO_BIG], 3);
	assert_int_equal(w.t.datagrams, 0);
	world_done(&w);
}

/* RFC 8200 section 4.5: 60 seconds from the first arrival, whatever comes later. */
static void times_out(void **state)
{
	time_ns start;
	struct pkt *first;
	struct world w;

	(void)state;
	world_init(&w);
	start = w.env.now;
	assert_null(input(&w, &P(24, 8, true)));
	assert_int_equal(timers_next(&w.env.timers), start + 60 * NS_PER_S);
	assert_int_equal(advance(&w, start + 30 * NS_PER_S), 0);
	first = fragment(&w, &P(0, 16, true, .opts = 2));
	assert_null(input(&w, &P(0, 16, true, .opts = 2)));
	assert_int_equal(advance(&w, start + 60 * NS_PER_S - 1), 0);
	assert_int_equal(w.t.datagrams, 1);
	assert_int_equal(advance(&w, start + 60 * NS_PER_S), 1);
	assert_non_null(w.err.quote);
	assert_int_equal(w.err.type, ICMP6_TIME_EXCEEDED);
	assert_int_equal(w.err.code, 1);
	assert_int_equal(w.err.param, 0);
	assert_int_equal(w.err.why, DROP_FRAG_TIMEOUT);
	assert_int_equal(w.err.quote->len, first->len);
	assert_memory_equal(w.err.quote->p, first->p, first->len);
	assert_int_equal(w.env.drops[DROP_FRAG_TIMEOUT], 1); /* the quote is the caller's */
	assert_int_equal(w.t.datagrams, 0);
	pkt_free(first);
	/* what comes now begins anew: v6LC.1.3.2 part B */
	assert_null(input(&w, &P(16, 8, false)));
	assert_int_equal(timers_next(&w.env.timers), start + 120 * NS_PER_S);
	/* without the first fragment nobody is told: part E */
	assert_int_equal(advance(&w, start + 120 * NS_PER_S - 1), 0);
	assert_int_equal(advance(&w, start + 120 * NS_PER_S), 1);
	assert_null(w.err.quote);
	assert_int_equal(w.env.drops[DROP_FRAG_TIMEOUT], 2);
	world_done(&w);
}

/* The nanosecond before, all is well: v6LC.1.3.2 part A. */
static void just_in_time(void **state)
{
	struct world w;
	struct pkt *pkt;

	(void)state;
	world_init(&w);
	assert_null(input(&w, &P(0, 16, true)));
	assert_int_equal(advance(&w, w.env.now + 60 * NS_PER_S - 1), 0);
	pkt = input(&w, &P(16, 8, false));
	assert_whole(pkt, 40, 24);
	pkt_free(pkt);
	assert_int_equal(advance(&w, w.env.now + 600 * NS_PER_S), 0);
	world_done(&w);
}

/* What belongs together: v6LC.1.3.1 parts C to E; zones, RFC 4007 section 6. */
static void keys(void **state)
{
	/* clang-format off */
	static const struct {
		const char *name;
		struct part a, b;
		bool same;
	} rows[] = {
		{ "same", PART(0, 8, true), PART(8, 8, false), true },
		{ "id", PART(0, 8, true), PART(8, 8, false, .id = 1), false },
		{ "source", PART(0, 8, true), PART(8, 8, false, .src = 1), false },
		{ "destination", PART(0, 8, true), PART(8, 8, false, .dst = 1), false },
		{ "next header", PART(0, 8, true), PART(8, 8, false, .next = 6), true },
		{ "global, two interfaces", PART(0, 8, true, .ifindex = 1),
		  PART(8, 8, false, .ifindex = 2), true },
		{ "link-local, one interface", PART(0, 8, true, .ifindex = 1, .link_local = true),
		  PART(8, 8, false, .ifindex = 1, .link_local = true), true },
		{ "link-local, two interfaces", PART(0, 8, true, .ifindex = 1, .link_local = true),
		  PART(8, 8, false, .ifindex = 2, .link_local = true), false },
		{ "group of the link", PART(0, 8, true, .ifindex = 1, .mcast = true),
		  PART(8, 8, false, .ifindex = 2, .mcast = true), false },
	};
	/* clang-format on */

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct world w;
		struct pkt *pkt;

		world_init(&w);
		print_message("  %s\n", rows[i].name);
		assert_null(input(&w, &rows[i].a));
		pkt = input(&w, &rows[i].b);
		assert_int_equal(pkt != NULL, rows[i].same);
		assert_int_equal(w.t.datagrams, rows[i].same ? 0 : 2);
		pkt_free(pkt);
		world_done(&w);
	}
}

/* RFC 6946 section 4: in isolation, and without harm to others of the same key. */
static void atomic(void **state)
{
	struct ip6_walk walk;
	struct world w;
	struct pkt *pkt;

	(void)state;
	world_init(&w);
	assert_null(input(&w, &P(0, 16, true)));
	pkt = input_pkt(&w, fragment(&w, &P(0, 24, false, .opts = 1)), &walk);
	assert_non_null(pkt);
	assert_int_equal(walk.why, DROP_NONE);
	assert_int_equal(walk.next, IP6_NH_UDP);
	assert_int_equal(walk.off, 56); /* the header stays: errors quote what was sent */
	assert_int_equal(walk.nh_off, 48);
	assert_int_equal(pkt->len, 80);
	assert_int_equal(pkt->flags, PKT_REASSEMBLED);
	assert_int_equal(pkt->frag_max, 80);
	pkt_free(pkt);
	pkt = input(&w, &P(16, 1, false));
	assert_whole(pkt, 40, 17);
	pkt_free(pkt);
	/* one is no part of a refused datagram either */
	assert_null(input(&w, &P(0, 16, true)));
	assert_null(input(&w, &P(8, 16, true)));
	pkt = input(&w, &P(0, 9, false));
	assert_non_null(pkt);
	pkt_free(pkt);
	/* v6LC.1.2.4 part D: options behind it point into the packet as sent */
	pkt = fragment(&w, &P(0, 21, false, .next = 60, .opts = 1));
	memcpy(pkt->p + 56, ((const uint8_t[]){ 58, 0, 0x87, 4, 0, 0, 0, 0 }), 8);
	pkt = input_pkt(&w, pkt, &walk);
	assert_int_equal(walk.why, DROP_OPT_UNKNOWN_ICMP);
	assert_int_equal(walk.icmp_ptr, 0x3a);
	pkt_free(pkt);
	/* RFC 7112 counts it as a first fragment */
	assert_null(input(&w, &P(0, 7, false)));
	assert_int_equal(w.err.code, ICMP6_PARAM_FRAG);
	/* nothing behind 59 is fine */
	pkt = input(&w, &P(0, 0, false, .next = 59));
	assert_non_null(pkt);
	pkt_free(pkt);
	world_done(&w);
}

/* RFC 3168 section 5.3. Not-ECT 0, ECT(1) 1, ECT(0) 2, CE 3. */
static void ecn(void **state)
{
	enum { DROPPED = 9 };
	static const uint8_t expect[4][4] = {
		/* of the first and the second fragment */
		{ 0, 0, 0, DROPPED },
		{ 1, 1, 1, 3 },
		{ 2, 2, 2, 3 },
		{ DROPPED, 3, 3, 3 },
	};

	(void)state;
	for (uint8_t a = 0; a < 4; a++) {
		for (uint8_t b = 0; b < 4; b++) {
			struct world w;
			struct pkt *pkt;

			world_init(&w);
			assert_null(input(&w, &P(0, 8, true, .tclass = 0xa0 | a)));
			pkt = input(&w, &P(8, 8, false, .tclass = b));
			assert_int_equal(pkt == NULL, expect[a][b] == DROPPED);
			if (pkt != NULL)
				assert_int_equal(ip6_hdr_class(pkt->p), 0xa0 | expect[a][b]);
			else
				assert_int_equal(w.env.drops[DROP_FRAG_ECN], 2);
			assert_int_equal(w.t.datagrams, 0);
			pkt_free(pkt);
			world_done(&w);
		}
	}
}

/* Octets held never exceed the limit; the oldest datagram goes, never the one that is fed. */
static void flood_of_octets(void **state)
{
	struct frag_conf conf = FRAG_CONF_DEFAULT;
	struct world w;
	struct pkt *pkt;

	(void)state;
	conf.octets_max = 10 * PKT_SMALL;
	conf.per_source_max = 1000;
	world_init_conf(&w, &conf);
	assert_null(input(&w, &P(8, 8, true)));
	for (uint32_t i = 1; i <= 9; i++)
		assert_null(input(&w, &P(0, 8, true, .id = i)));
	assert_int_equal(w.t.octets, 10 * PKT_SMALL);
	assert_int_equal(drops(&w), 0);
	/* one more of the oldest: it stays, the next one goes */
	assert_null(input(&w, &P(16, 8, false)));
	assert_int_equal(w.env.drops[DROP_FRAG_FULL], 1);
	assert_int_equal(w.t.octets, 10 * PKT_SMALL);
	assert_null(input(&w, &P(8, 8, false, .id = 1)));
	assert_int_equal(w.env.drops[DROP_FRAG_FULL], 3); /* id 0, two pieces: the oldest now */
	pkt = input(&w, &P(8, 8, false, .id = 9));
	assert_whole(pkt, 40, 16);
	pkt_free(pkt);
	for (uint32_t i = 100; i < 2000; i++) {
		assert_null(input(&w, &P(8, 1500, true, .id = i)));
		assert_in_range(w.t.octets, 0, conf.octets_max);
		assert_in_range(w.pool.used, 0, 10);
	}
	world_done(&w);
}

/* One datagram that alone is more than the table may hold, and one such piece. */
static void more_than_all(void **state)
{
	struct frag_conf conf = FRAG_CONF_DEFAULT;
	struct world w;

	(void)state;
	conf.octets_max = 2 * PKT_SMALL;
	world_init_conf(&w, &conf);
	assert_null(input(&w, &P(0, 8, true)));
	assert_null(input(&w, &P(8, 8, true)));
	assert_null(input(&w, &P(24, 8, true)));
	assert_int_equal(w.env.drops[DROP_FRAG_FULL], 3);
	assert_int_equal(w.t.datagrams, 0);
	assert_null(input(&w, &P(0, 8, true)));
	assert_null(input(&w, &P(8, 4000, true, .id = 5)));
	assert_int_equal(w.env.drops[DROP_FRAG_FULL], 4);
	assert_int_equal(w.t.datagrams, 1);
	world_done(&w);
}

static void flood_of_datagrams(void **state)
{
	struct frag_conf conf = FRAG_CONF_DEFAULT;
	struct world w;
	struct pkt *pkt;

	(void)state;
	conf.datagrams_max = 8;
	world_init_conf(&w, &conf);
	for (uint8_t i = 0; i < 8; i++)
		assert_null(input(&w, &P(0, 8, true, .src = i)));
	/* number 5 is refused: it goes first, though it is not the oldest */
	assert_null(input(&w, &P(0, 16, true, .src = 5)));
	assert_int_equal(w.env.drops[DROP_FRAG_OVERLAP], 2);
	assert_null(input(&w, &P(0, 8, true, .src = 20)));
	assert_int_equal(w.env.drops[DROP_FRAG_FULL], 0);
	assert_int_equal(w.t.datagrams, 8);
	assert_null(input(&w, &P(0, 8, true, .src = 21)));
	assert_int_equal(w.env.drops[DROP_FRAG_FULL], 1);
	assert_int_equal(w.t.datagrams, 8);
	pkt = input(&w, &P(8, 1, false, .src = 1)); /* 0 was the oldest */
	assert_whole(pkt, 40, 9);
	pkt_free(pkt);
	for (uint32_t i = 0; i < 5000; i++) {
		assert_null(input(&w, &P(8, 8, true, .src = (uint8_t)i, .id = i)));
		assert_in_range(w.t.datagrams, 1, 8);
	}
	world_done(&w);
}

/* A source has its own limit; others keep their datagrams. */
static void flood_of_one_source(void **state)
{
	struct frag_conf conf = FRAG_CONF_DEFAULT;
	struct world w;
	struct pkt *pkt;

	(void)state;
	conf.per_source_max = 4;
	world_init_conf(&w, &conf);
	assert_null(input(&w, &P(0, 8, true, .src = 1)));
	for (uint32_t i = 0; i < 100; i++) {
		assert_null(input(&w, &P(0, 8, true, .id = i)));
		assert_int_equal(w.t.datagrams, 1 + MIN(i + 1, 4u));
	}
	assert_int_equal(w.env.drops[DROP_FRAG_SOURCE_FULL], 96);
	assert_int_equal(drops(&w), 96);
	for (uint32_t i = 96; i < 100; i++) { /* the newest are there */
		pkt = input(&w, &P(8, 1, false, .id = i));
		assert_whole(pkt, 40, 9);
		pkt_free(pkt);
	}
	pkt = input(&w, &P(8, 1, false, .src = 1));
	assert_whole(pkt, 40, 9);
	pkt_free(pkt);
	world_done(&w);
}

static void too_many_pieces(void **state)
{
	struct frag_conf conf = FRAG_CONF_DEFAULT;
	struct world w;
	struct pkt *pkt;

	(void)state;
	conf.pieces_max = 16;
	world_init_conf(&w, &conf);
	for (uint32_t i = 0; i < 15; i++)
		assert_null(input(&w, &P(i * 8, 8, true)));
	pkt = input(&w, &P(15 * 8, 8, false));
	assert_whole(pkt, 40, 128);
	pkt_free(pkt);
	for (uint32_t i = 0; i < 16; i++)
		assert_null(input(&w, &P(i * 8, 8, true)));
	assert_null(input(&w, &P(16 * 8, 8, false)));
	assert_int_equal(w.env.drops[DROP_FRAG_PIECES], 17);
	assert_null(input(&w, &P(0, 8, true)));
	assert_int_equal(w.env.drops[DROP_FRAG_PIECES], 18);
	world_done(&w);
}

static void no_buffer(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	w.pool.max_large = 0;
	assert_null(input(&w, &P(0, 1600, true)));
	assert_null(input(&w, &P(1600, 1600, false)));
	assert_int_equal(w.env.drops[DROP_NO_BUFFER], 2);
	assert_int_equal(w.t.datagrams, 0);
	world_done(&w);
}

/* A packet of this node's own, @ext octets of extension headers already written by the test. */
static struct pkt *own(struct world *w, uint8_t next, const uint8_t *ext, uint32_t n_ext,
		       uint32_t n)
{
	struct ip6_addr src = { { 0x20, 1, [15] = 1 } }, dst = { { 0x20, 1, [15] = 99 } };
	struct pkt *pkt = pkt_new(&w->pool, IP6_HDR_OCTETS + n_ext + n);
	uint8_t *p;

	assert_non_null(pkt);
	ip6_put_header(pkt_put(pkt, IP6_HDR_OCTETS), 0xb8, 0x54321, (uint16_t)(n_ext + n), next, 33,
		       &src, &dst);
	if (n_ext != 0)
		memcpy(pkt_put(pkt, n_ext), ext, n_ext);
	p = pkt_put(pkt, n);
	for (uint32_t k = 0; k < n; k++)
		p[k] = mark(k);
	return pkt;
}

/* Lengths, offsets and headers of fragments, row by row (RFC 8200 section 4.5). */
static void fragments(void **state)
{
	/* clang-format off */
	static const struct {
		const char *name;
		uint8_t next;
		uint8_t ext[40];
		uint32_t n_ext, n, mtu;
		int rc;
		uint32_t hdrs;		/* octets of Per-Fragment headers */
		uint8_t frag_next;	/* named by the fragment headers */
		uint32_t nh_off;	/* which octet names the fragment header */
		uint32_t len[PARTS_MAX];	/* of data */
	} rows[] = {
		{ "fits", 17, { 0 }, 0, 1240, 1280, 0, 0, 0, 0, { 0 } },
		{ "one octet too long", 17, { 0 }, 0, 1241, 1280, 0, 40, 17, 6, { 1232, 9 } },
		{ "two halves", 17, { 0 }, 0, 2464, 1280, 0, 40, 17, 6, { 1232, 1232 } },
		{ "multiples of eight", 17, { 0 }, 0, 3000, 1287, 0, 40, 17, 6, { 1232, 1232, 536 } },
		{ "and of eight", 17, { 0 }, 0, 3000, 1288, 0, 40, 17, 6, { 1240, 1240, 520 } },
		{ "hop-by-hop", 0, { 17, 0, 1, 4 }, 8, 1300, 1280, 0, 48, 17, 40, { 1224, 76 } },
		{ "destination options are no part", 60, { 17, 0, 1, 4 }, 8, 1300, 1280, 0,
		  40, 60, 6, { 1232, 76 } },
		{ "but before a routing header", 60,
		  { 43, 0, 1, 4, 0, 0, 0, 0, 17, 0, 9, 1 }, 16, 1300, 1280, 0,
		  56, 17, 48, { 1216, 84 } },
		{ "all", 0,
		  { 60, 0, 1, 4, 0, 0, 0, 0, 43, 0, 1, 4, 0, 0, 0, 0, 60, 0, 9, 1, 0, 0, 0, 0,
		    17, 0, 1, 4 }, 32, 1300, 1280, 0, 64, 60, 56, { 1208, 100 } },
		{ "hop-by-hop and destination options", 0,
		  { 60, 0, 1, 4, 0, 0, 0, 0, 17, 0, 1, 4 }, 16, 1300, 1280, 0,
		  48, 60, 40, { 1224, 84 } },
		{ "smallest", 17, { 0 }, 0, 20, 56, 0, 40, 17, 6, { 8, 8, 4 } },
		{ "no room", 17, { 0 }, 0, 20, 55, -EMSGSIZE, 0, 0, 0, { 0 } },
		{ "no room for the headers", 0, { 17, 0, 1, 4 }, 8, 20, 63, -EMSGSIZE, 0, 0, 0,
		  { 0 } },
		{ "TCP header in one piece", 6, { 0 }, 0, 30, 69, -EMSGSIZE, 0, 0, 0, { 0 } },
		{ "TCP header in one piece", 6, { 0 }, 0, 40, 72, 0, 40, 6, 6, { 24, 16 } },
		{ "options in the first", 60, { 17, 3, 1, 4 }, 32, 40, 80, -EMSGSIZE, 0, 0, 0,
		  { 0 } },
		{ "options in the first", 60, { 17, 3, 1, 4 }, 32, 40, 88, 0, 40, 60, 6,
		  { 40, 32 } },
	};
	/* clang-format on */

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct pktq q = { 0 };
		struct pkt *pkt, *from, *f;
		uint32_t off = 0;
		struct world w;

		world_init(&w);
		print_message("  %s\n", rows[i].name);
		from = own(&w, rows[i].next, rows[i].ext, rows[i].n_ext, rows[i].n);
		from->ifindex = 3;
		pkt = pkt_copy(&w.pool, from);
		assert_int_equal(ip6_fragment(&w.env, pkt, rows[i].mtu, ID, &q), rows[i].rc);
		assert_int_equal(w.env.drops[DROP_IP6_TOO_BIG], rows[i].rc != 0);
		if (rows[i].rc == 0 && rows[i].hdrs == 0) { /* RFC 8021: as it is */
			assert_int_equal(q.n, 1);
			assert_ptr_equal(q.head, pkt);
			assert_memory_equal(pkt->p, from->p, from->len);
		}
		for (unsigned k = 0; rows[i].len[k] != 0; k++) {
			uint32_t hdrs = rows[i].hdrs, len = rows[i].len[k];
			bool more = rows[i].len[k + 1] != 0;
			const uint8_t *h;

			f = pktq_get(&q);
			assert_non_null(f);
			h = f->p + hdrs;
			assert_int_equal(f->len, hdrs + 8 + len);
			assert_in_range(f->len, 0, rows[i].mtu);
			assert_int_equal(ip6_hdr_plen(f->p), f->len - 40);
			assert_int_equal(f->p[rows[i].nh_off], IP6_NH_FRAGMENT);
			assert_int_equal(h[0], rows[i].frag_next);
			assert_int_equal(h[1], 0);
			assert_int_equal(get_be16(h + 2), off | more);
			assert_int_equal(get_be32(h + 4), ID);
			assert_memory_equal(h + 8, from->p + hdrs + off, len);
			f->p[rows[i].nh_off] = h[0]; /* else the headers are the packet's */
			put_be16(f->p + 4, ip6_hdr_plen(from->p));
			assert_memory_equal(f->p, from->p, hdrs);
			assert_int_equal(f->ifindex, 3);
			assert_int_equal(f->flags, PKT_FRAGMENT);
			off += len;
			pkt_free(f);
		}
		assert_int_equal(q.n, rows[i].rc == 0 && rows[i].hdrs == 0);
		pktq_free(&q);
		pkt_free(from);
		world_done(&w);
	}
}

/* On failure nothing is added to what was in the queue, and nothing is lost. */
static void fragments_no_buffer(void **state)
{
	struct pktq q = { 0 };
	struct world w;
	struct pkt *pkt;

	(void)state;
	world_init(&w);
	pktq_put(&q, own(&w, 17, NULL, 0, 8));
	pkt = own(&w, 17, NULL, 0, 60000);
	while (w.pool.n_small < 128 || w.pool.used < 120)
		pktq_put(&q, own(&w, 17, NULL, 0, 8));
	w.pool.max_small = w.pool.n_small;
	assert_int_equal(ip6_fragment(&w.env, pkt, 1280, ID, &q), -ENOMEM);
	assert_int_equal(w.env.drops[DROP_NO_BUFFER], 1);
	assert_int_equal(w.pool.used, q.n);
	pktq_free(&q);
	world_done(&w);
}

/* Sent, shuffled, some of it doubled, and put together again: octet for octet. */
static void round_trip(void **state)
{
	static const uint8_t ext[][24] = {
		{ 0 },
		{ 17, 0, 1, 4 },
		{ 43, 0, 1, 4, 0, 0, 0, 0, 17, 0, 9, 0 },
		{ 60, 0, 1, 4, 0, 0, 0, 0, 43, 0, 1, 4, 0, 0, 0, 0, 17, 0, 9, 0 },
	};
	static const uint8_t first[] = { 17, 0, 60, 0 };
	struct pkt *f[256], *pkt;
	struct world w;
	struct rng r;

	(void)state;
	world_init(&w);
	rng_init_u64(&r, 7, 0);
	for (unsigned round = 0; round < 3000; round++) {
		unsigned kind = (unsigned)rng_below(&r, 4), n = 0;
		uint32_t len =
			(uint32_t)rng_between(&r, 8, rng_below(&r, 8) == 0 ? 65535 - 24 : 4000);
		uint32_t mtu = (uint32_t)rng_between(&r, len / 100 + 80, 3000);
		struct pkt *from = own(&w, first[kind], ext[kind], kind * 8, len);
		struct pktq q = { 0 };
		struct ip6_walk walk;

		assert_int_equal(ip6_fragment(&w.env, pkt_copy(&w.pool, from), mtu, round, &q), 0);
		if (q.n == 1) {
			pktq_free(&q);
			pkt_free(from);
			continue;
		}
		while ((pkt = pktq_get(&q)) != NULL)
			f[n++] = pkt;
		for (unsigned i = n - 1; i > 0; i--) {
			unsigned k = (unsigned)rng_below(&r, i + 1);

			pkt = f[i];
			f[i] = f[k];
			f[k] = pkt;
		}
		for (unsigned i = 0; i < n; i++) {
			struct pkt *twin =
				i + 1 < n && rng_below(&r, 4) == 0 ? pkt_copy(&w.pool, f[i]) : NULL;

			pkt = input_pkt(&w, f[i], &walk);
			assert_int_equal(pkt != NULL, i == n - 1);
			if (twin != NULL)
				assert_null(input_pkt(&w, twin, &walk));
		}
		assert_int_equal(pkt->len, from->len);
		assert_memory_equal(pkt->p, from->p, from->len);
		assert_int_equal(walk.next, 17);
		assert_int_equal(walk.off, 40 + kind * 8);
		assert_in_range(pkt->frag_max, 1, mtu);
		pkt_free(pkt);
		pkt_free(from);
		assert_int_equal(w.t.datagrams, 0);
	}
	assert_int_equal(w.env.drops[DROP_FRAG_DUPLICATE], drops(&w));
	world_done(&w);
}

/* RFC 7739 section 5.3. */
static void identification(void **state)
{
	struct ip6_addr src = { { 0x20, 1, [15] = 1 } }, a = { { 0x20, 2, [15] = 1 } }, b = a,
			c = a;
	struct world w, v;
	uint32_t first, other;

	(void)state;
	world_init(&w);
	b.b[15] = 2; /* a neighbour of a: the same counter, another beginning */
	c.b[7] = 2;  /* another prefix */
	first = frag_id(&w.t, &src, &a);
	assert_int_equal(frag_id(&w.t, &src, &a), first + 1);
	other = frag_id(&w.t, &src, &b);
	assert_int_not_equal(other, first + 2);
	assert_int_equal(frag_id(&w.t, &src, &a), first + 3);
	assert_int_equal(frag_id(&w.t, &src, &b), other + 2);
	(void)frag_id(&w.t, &src, &c);
	assert_int_equal(frag_id(&w.t, &src, &a), first + 5);
	assert_int_not_equal(frag_id(&w.t, &a, &src), frag_id(&w.t, &src, &a));
	/* the same seed, the same run; another table of the same node, other numbers */
	world_init(&v);
	assert_int_equal(frag_id(&v.t, &src, &a), first);
	frag_done(&v.t);
	frag_init(&v.t, &v.env, &FRAG_CONF_DEFAULT);
	assert_int_not_equal(frag_id(&v.t, &src, &a), first);
	world_done(&v);
	world_done(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(overlaps),
		cmocka_unit_test(duplicates),
		cmocka_unit_test(permutations),
		cmocka_unit_test(headers),
		cmocka_unit_test(walks_on),
		cmocka_unit_test(alone),
		cmocka_unit_test(refused_alone),
		cmocka_unit_test(largest),
		cmocka_unit_test(times_out),
		cmocka_unit_test(just_in_time),
		cmocka_unit_test(keys),
		cmocka_unit_test(atomic),
		cmocka_unit_test(ecn),
		cmocka_unit_test(flood_of_octets),
		cmocka_unit_test(more_than_all),
		cmocka_unit_test(flood_of_datagrams),
		cmocka_unit_test(flood_of_one_source),
		cmocka_unit_test(too_many_pieces),
		cmocka_unit_test(no_buffer),
		cmocka_unit_test(fragments),
		cmocka_unit_test(fragments_no_buffer),
		cmocka_unit_test(round_trip),
		cmocka_unit_test(identification),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
