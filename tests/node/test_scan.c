/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * An address scan through a router (RFC 6583): addresses of a /64 that nobody has, so fast that
 * the table of neighbours cannot hold a fraction of them, while the router carries traffic of
 * neighbours that it knows, and meets new ones. The table stays within its limits, known neighbours
 * lose nothing, new ones are found.
 *
 * SCAN_ADDRESSES says how many addresses (100,000), in 100 s of virtual time whatever it is.
 */
#include "bed.h"

#include <stdio.h>
#include <stdlib.h>

#define ADDRESSES 100000
#define LASTS	  (100 * NS_PER_S)
#define KNOWN	  200 /* neighbours on link 1 that have traffic, a packet a second each way */
#define NEW	  100 /* that are met, one a second */
#define DATA	  253 /* next header of what is counted */
#define INSIDE	  "2001:db8:1::"
#define PEER	  "2001:db8::100"
#define SCANNER	  "2001:db8::bad"
#define PEER_MAC  "02:00:00:00:01:00"
#define NA_OCTETS 32
#define SOLICITED (1u << 30 | 1u << 29) /* and override */

struct scan {
	struct bed b;
	struct rng rng;
	struct ip6_addr inside, peer, scanner;
	uint64_t addresses, sent, delivered, back, back_delivered, solicited, errors;
	uint32_t max_n, max_unresolved, max_waiting, max_pkts;
	size_t max_octets;
	unsigned n_new, n_asked; /* neighbours that ask, to be answered */
	uint32_t asked[KNOWN + NEW];
	bool met[KNOWN + NEW];
};

/* Neighbour @i on link 1: address and link-layer address. */
static struct ip6_addr addr_of(const struct scan *s, uint32_t i)
{
	struct ip6_addr a = s->inside;

	put_be64(a.b + 8, UINT64_C(0x0200000000000000) + i);
	return a;
}

static struct mac mac_of(uint32_t i)
{
	return (struct mac){ { 2, 0, 0, 1, (uint8_t)(i >> 8), (uint8_t)i } };
}

/* Whose address @a is; KNOWN + NEW: nobody's. */
static uint32_t owner_of(const struct scan *s, const struct ip6_addr *a)
{
	uint64_t id = get_be64(a->b + 8) - UINT64_C(0x0200000000000000);

	return ip6_in_prefix(a, &s->inside, 64) && id < KNOWN + s->n_new ? (uint32_t)id
									 : KNOWN + NEW;
}

static struct pkt *frame(struct scan *s, unsigned link, const struct mac *from,
			 const struct ip6_addr *src, const struct ip6_addr *dst)
{
	struct pkt *pkt = pkt_new(&s->b.pool, IP6_HDR_OCTETS + 8);

	assert_non_null(pkt);
	ip6_put_header(pkt_put(pkt, IP6_HDR_OCTETS), 0, 0, 8, DATA, 64, src, dst);
	memset(pkt_put(pkt, 8), 0, 8);
	link_header(pkt, &s->b.mac[link], from, ETH_TYPE_IP6);
	return pkt;
}

static void watch_limits(struct scan *s)
{
	const struct neigh_table *t = &s->b.node->ip6.neigh;

	s->max_n = MAX(s->max_n, t->n);
	s->max_unresolved = MAX(s->max_unresolved, t->n_unresolved);
	s->max_waiting = MAX(s->max_waiting, t->n_waiting);
	s->max_octets = MAX(s->max_octets, t->slab_octets);
	s->max_pkts = MAX(s->max_pkts, s->b.pool.used);
}

/* A solicitation on link 1: noted if somebody is to answer. */
static void heard(struct scan *s, const struct pkt *pkt)
{
	struct ip6_addr target;
	uint32_t i;

	s->solicited++;
	memcpy(target.b, pkt->p + IP6_HDR_OCTETS + 8, IP6_ADDR_OCTETS);
	i = owner_of(s, &target);
	if (i < KNOWN + NEW && s->n_asked < ARRAY_LEN(s->asked))
		s->asked[s->n_asked++] = i;
}

static void arrived(struct scan *s, const struct pkt *pkt, bool inside)
{
	struct ip6_addr dst = ip6_hdr_dst(pkt->p), src = ip6_hdr_src(pkt->p);
	uint32_t i = owner_of(s, inside ? &dst : &src);
	struct mac mac = inside ? mac_of(i) : bed_mac_of(PEER_MAC);

	if (i == KNOWN + NEW)
		return;
	assert_memory_equal(bed_tx_eth(pkt) + ETH_DST_OFF, mac.b, ETH_MAC_OCTETS);
	s->delivered += inside && i < KNOWN;
	s->back_delivered += !inside;
	s->met[i] |= inside;
}

static void take_output(struct scan *s)
{
	uint32_t ifindex;
	struct pktq q;

	watch_limits(s);
	while (node_output(s->b.node, &ifindex, &q)) {
		bool inside = ifindex == s->b.ifindex[1];
		struct pkt *pkt;

		while ((pkt = pktq_get(&q)) != NULL) {
			pkt_pull(pkt, ETH_HDR_OCTETS);
			if (pkt->p[IP6_NEXT_OFF] == DATA)
				arrived(s, pkt, inside);
			else if (pkt->p[IP6_NEXT_OFF] == IP6_NH_ICMP6 &&
				 pkt->p[IP6_HDR_OCTETS] == ICMP6_NS && inside)
				heard(s, pkt);
			else if (pkt->p[IP6_NEXT_OFF] == IP6_NH_ICMP6 && !inside &&
				 pkt->p[IP6_HDR_OCTETS] < ICMP6_INFO_FIRST)
				s->errors++;
			pkt_free(pkt);
		}
	}
}

static void give(struct scan *s, unsigned link, struct batch *in)
{
	if (in->n == 0)
		return;
	assert_int_equal(node_input(s->b.node, s->b.ifindex[link], in, s->b.now), 0);
	take_output(s);
	in->n = 0;
}

static void answer(struct scan *s, uint32_t i)
{
	char own[IP6_TEXT_MAX], to[IP6_TEXT_MAX];
	uint8_t m[NA_OCTETS] = { ICMP6_NA };
	struct ip6_addr a = addr_of(s, i);
	struct mac mac = mac_of(i);
	struct batch in = { .n = 1 };

	put_be32(m + 4, SOLICITED);
	memcpy(m + 8, a.b, sizeof(a.b));
	m[24] = 2;
	m[25] = 1;
	memcpy(m + 26, mac.b, sizeof(mac.b));
	ip6_text(&a, own);
	ip6_text(&if_link_local(bed_if(&s->b, 1))->addr, to);
	in.pkt[0] = bed_icmp6(&s->b, own, to, 255, m, sizeof(m));
	link_header(in.pkt[0], &s->b.mac[1], &mac, ETH_TYPE_IP6);
	give(s, 1, &in);
}

static void answers(struct scan *s)
{
	uint32_t asked[ARRAY_LEN(s->asked)];
	unsigned n = s->n_asked;

	memcpy(asked, s->asked, sizeof(asked));
	s->n_asked = 0;
	for (unsigned k = 0; k < n; k++)
		answer(s, asked[k]);
}

/* A packet to neighbour @i, and one from it. */
static void both_ways(struct scan *s, uint32_t i)
{
	struct ip6_addr a = addr_of(s, i);
	struct mac peer = bed_mac_of(PEER_MAC), mac = mac_of(i);
	struct batch in = { .n = 1 };

	in.pkt[0] = frame(s, 0, &peer, &s->peer, &a);
	s->sent += i < KNOWN;
	give(s, 0, &in);
	in.n = 1;
	in.pkt[0] = frame(s, 1, &mac, &a, &s->peer);
	s->back++;
	give(s, 1, &in);
}

/* A batch of addresses that nobody has. */
static void scan_some(struct scan *s)
{
	struct mac peer = bed_mac_of(PEER_MAC);
	struct batch in = { .n = 0 };

	while (in.n < BATCH_MAX && s->addresses > 0) {
		struct ip6_addr a = s->inside;

		put_be64(a.b + 8, UINT64_C(0xfd) << 56 | rng_u64(&s->rng) >> 8);
		batch_put(&in, frame(s, 0, &peer, &s->scanner, &a));
		s->addresses--;
	}
	give(s, 0, &in);
}

static void advance(struct scan *s, time_ns to)
{
	while (s->b.now < to) {
		s->b.now = MIN(MAX(node_next(s->b.node), s->b.now + 1), to);
		node_run(s->b.node, s->b.now);
		take_output(s);
	}
}

static void begin(struct scan *s, uint64_t addresses)
{
	memset(s, 0, sizeof(*s));
	bed_init(&s->b, 2);
	bed_router(&s->b, 2);
	bed_addr(&s->b, 0, "2001:db8::1/64");
	bed_addr(&s->b, 1, "2001:db8:1::1/64");
	bed_neigh(&s->b, 0, PEER, PEER_MAC);
	bed_neigh(&s->b, 0, SCANNER, PEER_MAC);
	bed_quiet(&s->b);
	rng_init_u64(&s->rng, 1, 0);
	s->inside = bed_addr_of(INSIDE);
	s->peer = bed_addr_of(PEER);
	s->scanner = bed_addr_of(SCANNER);
	s->addresses = addresses;
	for (uint32_t i = 0; i < KNOWN; i++) {
		both_ways(s, i);
		answers(s);
	}
	assert_int_equal(s->delivered, KNOWN);
}

/* The scan, in steps of a batch; each second's traffic is spread over it. */
static void live(struct scan *s)
{
	uint64_t steps = MAX((s->addresses + BATCH_MAX - 1) / BATCH_MAX, (uint64_t)1);
	time_ns start = s->b.now;
	uint32_t turn = 0;

	for (uint64_t k = 0; k < steps; k++) {
		advance(s, start + LASTS / steps * (k + 1));
		answers(s);
		scan_some(s);
		for (; turn < (s->b.now - start) / (NS_PER_S / KNOWN); turn++) {
			both_ways(s, turn % KNOWN);
			if (turn % KNOWN == 0 && s->n_new < NEW)
				both_ways(s, KNOWN + s->n_new++);
		}
	}
	advance(s, s->b.now + NS_PER_S);
	answers(s);
}

static uint64_t number(const char *name, uint64_t otherwise)
{
	const char *text = getenv(name);

	return text != NULL && text[0] != '\0' ? strtoull(text, NULL, 0) : otherwise;
}

static void test_scan(void **state)
{
	const struct neigh_conf limits = NEIGH_CONF_DEFAULT;
	uint64_t addresses = number("SCAN_ADDRESSES", ADDRESSES);
	struct scan *s = calloc(1, sizeof(*s));

	(void)state;
	assert_non_null(s);
	begin(s, addresses);
	live(s);
	print_message("# %llu addresses: %llu solicitations, %llu errors; at most %u neighbours, "
		      "%u unresolved, %zu octets, %u packets waiting, %u in all\n"
		      "# known neighbours: %llu of %llu packets, and %llu of %llu back\n",
		      (unsigned long long)addresses, (unsigned long long)s->solicited,
		      (unsigned long long)s->errors, s->max_n, s->max_unresolved, s->max_octets,
		      s->max_waiting, s->max_pkts, (unsigned long long)s->delivered,
		      (unsigned long long)s->sent, (unsigned long long)s->back_delivered,
		      (unsigned long long)s->back);
	assert_int_equal(s->delivered, s->sent);
	assert_int_equal(s->back_delivered, s->back);
	for (uint32_t i = 0; i < KNOWN + NEW; i++)
		assert_true(s->met[i]);
	assert_true(s->max_unresolved <= limits.max_unresolved);
	assert_true(s->max_n <= KNOWN + NEW + 2 + limits.max_unresolved);
	assert_true(s->max_waiting <= limits.max_unresolved + limits.queue_total);
	advance(s, s->b.now + LASTS);
	assert_int_equal(s->b.node->ip6.neigh.n_unresolved, 0);
	assert_int_equal(s->b.node->ip6.neigh.n_waiting, 0);
	bed_done(&s->b);
	free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_scan),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
