/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The resolver: which server is asked what and when, what is believed of what comes back, and how it
 * ends. Responses are written as records: see reply_of().
 */
#include "nd_pkt.h"

#include "base/csum.h"
#include "transport/udp.h"

#include <stdio.h>
#include <stdlib.h>

#define OURS	"2001:db8::1"
#define ROUTER	"fe80::2"
#define S1	"2001:db8::51"
#define S2	"2001:db8::52"
#define LL	"fe80::53"
#define SEC	NS_PER_S
#define TTL	60
#define FOREVER 1000000

struct told {
	unsigned calls;
	struct resolve_result r;
};

static void tell(void *ctx, const struct resolve_result *r)
{
	struct told *told = ctx;

	told->calls++;
	told->r = *r;
}

struct sent {
	struct udp u;
	uint16_t id;
	char name[DNAME_TEXT_MAX];
	time_ns when;
};

/* A host with an address; servers and domains by advertisement. */
static void begin(struct bed *b, const char *servers, const char *domain)
{
	struct nd_msg m = { .type = ND_RA, .ra = { .lifetime_s = 9000 } };
	struct ip6_addr a[3];
	struct dname d;
	size_t n = 0;

	bed_init(b, 1);
	bed_addr(b, 0, OURS "/64");
	for (const char *s = servers; *s != '\0'; s++)
		a[n++] = bed_addr_of(*s == '1' ? S1 : *s == '2' ? S2 : LL);
	if (n > 0) {
		m.opts.n_rdnss = 1;
		m.opts.rdnss[0] = (struct nd_rdnss){ rd_of(a, n * 16), FOREVER };
	}
	if (domain != NULL) {
		assert_int_equal(dname_parse(domain, &d), 0);
		m.opts.n_dnssl = 1;
		m.opts.dnssl[0] = (struct nd_dnssl){ rd_of(d.b, d.octets), FOREVER };
	}
	nd_rx(b, 0, ROUTER, "ff02::1", &m);
	bed_neigh(b, 0, S1, "02:00:00:00:01:00");
	bed_neigh(b, 0, S2, "02:00:00:00:01:00");
	bed_neigh(b, 0, LL, "02:00:00:00:01:00");
	bed_quiet(b);
}

static void ask(struct bed *b, const char *name, struct told *told)
{
	*told = (struct told){ 0 };
	assert_int_equal(resolve_start(&b->node->resolver, name,
				       &(struct resolve_asker){ tell, told }, NULL),
			 0);
	bed_run(b, b->now);
}

/* The next packet is this query. */
static struct sent query(struct bed *b, const char *server, const char *name)
{
	struct ip6_addr want = bed_addr_of(server);
	const struct pkt *pkt;
	struct pkt *copy;
	struct sent s;
	struct dname d;
	struct rd in;

	pkt = bed_tx(b, NULL, &s.when);
	assert_non_null(pkt);
	copy = pkt_copy(&b->pool, pkt);
	copy->l4_off = IP6_HDR_OCTETS;
	assert_int_equal(pkt->p[IP6_NEXT_OFF], IP6_NH_UDP);
	assert_int_equal(udp_parse(copy, &s.u), DROP_NONE);
	assert_true(ip6_eq(&s.u.dst, &want));
	assert_int_equal(s.u.dport, 53);
	assert_true(s.u.sport >= 1024);
	in = s.u.data;
	s.id = get_be16(in.p);
	assert_memory_equal(in.p + 2, "\1\0\0\1\0\0\0\0\0\0", 10); /* RD, one question */
	rd_skip(&in, 12);
	assert_true(dname_take(&in, &d));
	assert_string_equal(dname_text(&d, s.name), name);
	assert_int_equal(in.left, 4);
	assert_memory_equal(in.p, "\0\34\0\1", 4); /* AAAA, IN */
	pkt_free(copy);
	return s;
}

static void wr_name(struct wr *w, const char *text)
{
	struct dname d;

	assert_int_equal(dname_parse(text, &d), 0);
	wr_bytes(w, d.b, d.octets);
}

static void wr_record(struct wr *w, const char *owner, uint16_t type, uint32_t ttl, const void *p,
		      size_t n)
{
	if (owner[0] == '@')
		wr_u16(w, 0xc00c); /* the question's name */
	else
		wr_name(w, owner);
	wr_u16(w, type);
	wr_u16(w, 1);
	wr_u32(w, ttl);
	wr_u16(w, (uint16_t)n);
	wr_bytes(w, p, n);
}

/*
 * Records, one behind the other, each "OWNER KIND DATA;": 6 address, c alias, s SOA with that minimum.
 * OWNER "@": what was asked.
 */
static size_t reply_of(const struct sent *q, unsigned flags, const char *records, uint8_t *to,
		       size_t size)
{
	struct wr w = wr_of(to, size);
	uint16_t answers = 0, authorities = 0;
	char owner[100], kind, data[100];
	int used;

	wr_u16(&w, q->id);
	wr_u16(&w, (uint16_t)(0x8180 | flags));
	wr_u16(&w, 1);
	wr_zero(&w, 6);
	wr_name(&w, q->name);
	wr_bytes(&w, "\0\34\0\1", 4);
	for (; sscanf(records, " %99s %c %99[^;];%n", owner, &kind, data, &used) == 3;
	     records += used) {
		uint8_t rdata[300];
		struct wr d = wr_of(rdata, sizeof(rdata));

		if (kind == '6') {
			struct ip6_addr a = bed_addr_of(data);

			wr_addr(&d, &a);
		} else if (kind == 'c') {
			wr_name(&d, data);
		} else {
			wr_zero(&d, 2 + 16);
			wr_u32(&d, (uint32_t)strtoul(data, NULL, 10));
		}
		authorities = (uint16_t)(authorities + (kind == 's'));
		answers = (uint16_t)(answers + (kind != 's'));
		wr_record(&w, owner,
			  kind == '6'	? 28
			  : kind == 'c' ? 5
					: 6,
			  TTL, rdata, wr_len(&d));
	}
	put_be16(to + 6, answers);
	put_be16(to + 8, authorities);
	assert_false(w.overflow);
	return wr_len(&w);
}

static enum drop udp_rx(struct bed *b, const struct udp *u)
{
	char src[IP6_TEXT_MAX], dst[IP6_TEXT_MAX];
	uint8_t m[1400] = { 0 };
	size_t n = 8 + u->data.left;

	put_be16(m, u->sport);
	put_be16(m + 2, u->dport);
	put_be16(m + 4, (uint16_t)n);
	memcpy(m + 8, u->data.p, u->data.left);
	put_be16(m + 6, csum_upper(&u->src, &u->dst, m, (uint32_t)n, IP6_NH_UDP));
	return bed_rx(b, 0,
		      bed_packet(b, ip6_text(&u->src, src), ip6_text(&u->dst, dst), IP6_NH_UDP, 64,
				 m, n));
}

static struct udp back(const struct sent *q, const uint8_t *m, size_t n)
{
	return (struct udp){ .src = q->u.dst,
			     .dst = q->u.src,
			     .sport = q->u.dport,
			     .dport = q->u.sport,
			     .data = rd_of(m, n) };
}

static enum drop answer(struct bed *b, const struct sent *q, unsigned flags, const char *records)
{
	uint8_t m[1232];
	struct udp u = back(q, m, reply_of(q, flags, records, m, sizeof(m)));

	return udp_rx(b, &u);
}

static void ends(struct bed *b, struct told *told, enum resolve_end end)
{
	assert_int_equal(told->calls, 1);
	assert_int_equal(told->r.end, end);
	assert_int_equal(b->node->resolver.n, 0);
	assert_true(bed_silent(b));
}

static void test_found(void **state)
{
	struct ip6_addr want = bed_addr_of("2001:db8:7::7");
	char text[DNAME_TEXT_MAX];
	struct told told;
	struct sent q;
	struct bed b;

	(void)state;
	begin(&b, "12", NULL);
	ask(&b, "www.example.com", &told);
	q = query(&b, S1, "www.example.com");
	assert_int_equal(answer(&b, &q, 0, "@ c a.b;a.b c x.example;x.example 6 2001:db8:7::7;"),
			 DROP_NONE);
	ends(&b, &told, RESOLVE_OK);
	assert_int_equal(told.r.n, 1);
	assert_true(ip6_eq(&told.r.addr[0], &want));
	assert_string_equal(dname_text(&told.r.name, text), "x.example");
	assert_int_equal(bed_dropped(&b, DROP_DNS_DONE), 1);
	/* kept for as long as it says, in whatever letters it is asked for */
	bed_run(&b, b.now + (TTL - 1) * SEC);
	ask(&b, "WWW.example.com.", &told);
	ends(&b, &told, RESOLVE_OK);
	assert_true(ip6_eq(&told.r.addr[0], &want));
	bed_run(&b, b.now + SEC);
	ask(&b, "www.example.com", &told);
	q = query(&b, S1, "www.example.com");
	assert_int_equal(answer(&b, &q, 0, "@ 6 2001:db8:7::7;"), DROP_NONE);
	ends(&b, &told, RESOLVE_OK);
	/* another network, other answers */
	node_if_set(b.node, b.ifindex[0], false, b.now);
	ask(&b, "www.example.com", &told);
	ends(&b, &told, RESOLVE_NO_SERVER);
	bed_done(&b);
}

/* Servers in order, all before any again, with 2, 4 and 8 seconds of patience; then it is over. */
static void test_silent(void **state)
{
	static const struct {
		const char *server;
		unsigned at_s;
	} rows[] = { { S1, 0 }, { S2, 2 }, { S1, 4 }, { S2, 8 }, { S1, 12 }, { S2, 20 } };
	struct told told;
	struct bed b;
	time_ns t0;

	(void)state;
	begin(&b, "12", NULL);
	t0 = b.now;
	ask(&b, "a.b", &told);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		bed_run(&b, t0 + rows[i].at_s * SEC);
		assert_int_equal(query(&b, rows[i].server, "a.b").when, t0 + rows[i].at_s * SEC);
		assert_true(bed_silent(&b));
	}
	bed_silent_until(&b, t0 + 28 * SEC - 1);
	assert_int_equal(told.calls, 0);
	bed_run(&b, t0 + 28 * SEC);
	ends(&b, &told, RESOLVE_SILENT);
	ask(&b, "a.b", &told);
	query(&b, S1, "a.b"); /* silence is not remembered */
	bed_done(&b);
}

/* A late answer of the first server still counts; one that was never asked does not. */
static void test_late(void **state)
{
	struct told told;
	struct sent q, q2;
	struct bed b;

	(void)state;
	begin(&b, "12", NULL);
	ask(&b, "a.b", &told);
	q = query(&b, S1, "a.b");
	q2 = q;
	q2.u.dst = bed_addr_of(S2);
	assert_int_equal(answer(&b, &q2, 0, "@ 6 2001:db8:7::7;"), DROP_DNS_NOBODY);
	bed_run(&b, b.now + 2 * SEC);
	q2 = query(&b, S2, "a.b");
	assert_int_equal(q2.id, q.id);
	assert_int_equal(answer(&b, &q, 0, "@ 6 2001:db8:7::7;"), DROP_NONE);
	ends(&b, &told, RESOLVE_OK);
	assert_int_equal(answer(&b, &q2, 0, "@ 6 2001:db8:7::7;"), DROP_IP6_PORT_UNREACH);
	bed_done(&b);
}

/* RFC 5452 section 9.1: whatever is not quite the answer is none, and the wait goes on. */
static void spoil(unsigned how, struct udp *u, uint8_t *m)
{
	switch (how) {
	case 0:
		m[0] ^= 1; /* id */
		break;
	case 1:
		m[13] ^= 1; /* question's name */
		break;
	case 2:
		m[12 + 5 + 1] = 1; /* its type */
		break;
	case 3:
		m[12 + 5 + 3] = 3; /* its class */
		break;
	case 4:
		m[5] = 0; /* no question */
		break;
	case 5:
		m[2] &= 0x7f; /* a query */
		break;
	case 6:
		m[2] |= 0x08; /* another opcode */
		break;
	case 7:
		u->data.left = 11; /* short */
		break;
	case 8:
		u->data.left--; /* short of an octet */
		break;
	case 9:
		u->sport = 54;
		break;
	case 10:
		u->src.b[15] ^= 1;
		break;
	}
}

static void test_forged(void **state)
{
	static const enum drop rows[] = { DROP_DNS_OTHER,  DROP_DNS_OTHER, DROP_DNS_OTHER,
					  DROP_DNS_OTHER,  DROP_DNS_OTHER, DROP_DNS_BAD,
					  DROP_DNS_BAD,	   DROP_DNS_BAD,   DROP_DNS_BAD,
					  DROP_DNS_NOBODY, DROP_DNS_NOBODY };
	struct told told;
	struct sent q;
	struct bed b;

	(void)state;
	begin(&b, "1", NULL);
	bed_neigh(&b, 0, "2001:db8::50", "02:00:00:00:01:00");
	ask(&b, "a.b", &told);
	q = query(&b, S1, "a.b");
	for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
		uint8_t m[1232];
		struct udp u = back(&q, m, reply_of(&q, 0, "@ 6 2001:db8:7::7;", m, sizeof(m)));

		bed_row(i, ARRAY_LEN(rows));
		spoil(i, &u, m);
		assert_int_equal(udp_rx(&b, &u), rows[i]);
		assert_int_equal(told.calls, 0);
		assert_true(bed_silent(&b));
	}
	bed_row(0, 0);
	assert_int_equal(answer(&b, &q, 0, "@ 6 2001:db8:7::7;"), DROP_NONE);
	ends(&b, &told, RESOLVE_OK);
	bed_done(&b);
}

/* Each response, and what it means; of aliases eight are followed. */
static const struct {
	unsigned flags;
	const char *records;
	enum resolve_end end;
} end_rows[] = {
	{ 0, "@ 6 2001:db8:7::7;", RESOLVE_OK },
	{ 0, "x.y 6 2001:db8:7::7;@ c x.y;", RESOLVE_OK }, /* whatever the order */
	{ 0, "x.y 6 2001:db8:7::7;", RESOLVE_NO_ADDR },	   /* nobody asked for that */
	{ 0, "", RESOLVE_NO_ADDR },
	{ 0, "@ c x.y;", RESOLVE_NO_ADDR },
	{ 3, "", RESOLVE_NO_NAME },
	{ 3, "@ c x.y;", RESOLVE_NO_NAME },
	{ 0x0200, "", RESOLVE_TRUNCATED },
	{ 0x0200, "@ 6 2001:db8:7::7;", RESOLVE_TRUNCATED },
	{ 0, "@ c a.b;", RESOLVE_LOOP },
	{ 0, "@ c x.y;x.y c a.b;", RESOLVE_LOOP },
	{ 0, "@ c 1;1 c 2;2 c 3;3 c 4;4 c 5;5 c 6;6 c 7;7 c 8;8 6 2001:db8::7;", RESOLVE_OK },
	{ 0, "@ c 1;1 c 2;2 c 3;3 c 4;4 c 5;5 c 6;6 c 7;7 c 8;8 c 9;9 6 2001:db8::7;",
	  RESOLVE_LOOP },
	{ 2, "", RESOLVE_REFUSED },
	{ 5, "", RESOLVE_REFUSED },
};

static void test_ends(void **state)
{
	const size_t n = ARRAY_LEN(end_rows);

	(void)state;
	for (size_t i = 0; i < n; i++) {
		struct told told;
		struct sent q;
		struct bed b;

		bed_row(i, n);
		begin(&b, "1", NULL);
		ask(&b, "a.b", &told);
		q = query(&b, S1, "a.b");
		assert_int_equal(answer(&b, &q, end_rows[i].flags, end_rows[i].records), DROP_NONE);
		ends(&b, &told, end_rows[i].end);
		bed_done(&b);
	}
	bed_row(n, n);
}

/* What cannot be asked is passed over at once: SERVFAIL, port unreachable. */
static void test_passed_over(void **state)
{
	struct told told;
	uint8_t err[8 + 1240] = { ICMP6_UNREACH, ICMP6_UNREACH_PORT };
	const struct pkt *pkt;
	struct sent q;
	struct bed b;

	(void)state;
	begin(&b, "12", NULL);
	ask(&b, "a.b", &told);
	q = query(&b, S1, "a.b");
	assert_int_equal(answer(&b, &q, 2, ""), DROP_NONE);
	q = query(&b, S2, "a.b");
	pkt = bed_msg_pkt(&b);
	memcpy(err + 8, pkt->p, pkt->len);
	bed_rx(&b, 0, bed_icmp6(&b, S2, OURS, 64, err, 8 + pkt->len));
	ends(&b, &told, RESOLVE_REFUSED);
	ask(&b, "a.b", &told);
	query(&b, S1, "a.b");
	pkt = bed_msg_pkt(&b);
	memcpy(err + 8, pkt->p, pkt->len);
	bed_rx(&b, 0, bed_icmp6(&b, S1, OURS, 64, err, 8 + pkt->len));
	query(&b, S2, "a.b");
	pkt = bed_msg_pkt(&b);
	memcpy(err + 8, pkt->p, pkt->len);
	bed_rx(&b, 0, bed_icmp6(&b, S2, OURS, 64, err, 8 + pkt->len));
	ends(&b, &told, RESOLVE_UNREACHABLE);
	bed_done(&b);
}

/* RFC 1535: with a dot as it stands first, else the search list first; a final dot: no list. */
static void test_search(void **state)
{
	struct told told;
	struct sent q;
	struct bed b;

	(void)state;
	begin(&b, "1", "example.com");
	ask(&b, "www", &told);
	q = query(&b, S1, "www.example.com");
	answer(&b, &q, 3, "");
	q = query(&b, S1, "www");
	answer(&b, &q, 3, "");
	ends(&b, &told, RESOLVE_NO_NAME);
	ask(&b, "www.x", &told);
	q = query(&b, S1, "www.x");
	answer(&b, &q, 0, "@ s 30;");
	q = query(&b, S1, "www.x.example.com");
	answer(&b, &q, 3, "");
	ends(&b, &told, RESOLVE_NO_ADDR);
	ask(&b, "www.", &told);
	q = query(&b, S1, "www");
	answer(&b, &q, 3, "@ s 5;");
	ends(&b, &told, RESOLVE_NO_NAME);
	/* RFC 2308 section 5: "no" is kept for as long as the SOA says, and only with one */
	ask(&b, "www.", &told);
	ends(&b, &told, RESOLVE_NO_NAME);
	bed_run(&b, b.now + 5 * SEC);
	ask(&b, "www.", &told);
	query(&b, S1, "www");
	bed_done(&b);
}

/* RFC 8106 section 5.1: a link-local server by its link, from a link-local address. */
static void test_link_local(void **state)
{
	struct told told;
	struct sent q;
	struct bed b;

	(void)state;
	begin(&b, "L", NULL);
	ask(&b, "a.b", &told);
	q = query(&b, LL, "a.b");
	assert_true(ip6_is_linklocal(&q.u.src));
	answer(&b, &q, 0, "@ 6 2001:db8:7::7;");
	ends(&b, &told, RESOLVE_OK);
	bed_done(&b);
}

/* A server that is withdrawn is asked no more, even in the middle; an early end says nothing. */
static void test_withdrawn(void **state)
{
	struct nd_msg m = { .type = ND_RA, .ra = { .lifetime_s = 9000 } };
	struct ip6_addr a = bed_addr_of(S2);
	struct lookup *l;
	struct told told;
	struct bed b;

	(void)state;
	begin(&b, "12", NULL);
	ask(&b, "a.b", &told);
	query(&b, S1, "a.b");
	m.opts.n_rdnss = 1;
	m.opts.rdnss[0] = (struct nd_rdnss){ rd_of(&a, 16), 0 };
	nd_rx(&b, 0, ROUTER, "ff02::1", &m);
	bed_run(&b, b.now + 2 * SEC);
	query(&b, S1, "a.b");
	assert_true(bed_silent(&b));
	assert_int_equal(
		resolve_start(&b.node->resolver, "c.d", &(struct resolve_asker){ tell, &told }, &l),
		0);
	resolve_stop(&b.node->resolver, l);
	for (unsigned i = 1; i < RESOLVES_MAX; i++)
		assert_int_equal(resolve_start(&b.node->resolver, "c.d",
					       &(struct resolve_asker){ NULL, NULL }, NULL),
				 0);
	assert_int_equal(resolve_start(&b.node->resolver, "c.d",
				       &(struct resolve_asker){ NULL, NULL }, NULL),
			 -ENOSPC);
	assert_int_equal(resolve_start(&b.node->resolver, "c d",
				       &(struct resolve_asker){ NULL, NULL }, NULL),
			 -EINVAL);
	assert_int_equal(told.calls, 0);
	bed_done(&b); /* with lookups under way */
}

/* RFC 6724 section 6: scope matches, longest prefix; what has no route comes last. */
static void test_order(void **state)
{
	static const char *const want[] = { "2001:db8::7", "2001:db8:8000::7", "fd00::7" };
	struct told told;
	struct sent q;
	struct bed b;

	(void)state;
	begin(&b, "1", NULL);
	ask(&b, "a.b", &told);
	q = query(&b, S1, "a.b");
	answer(&b, &q, 0, "@ 6 fd00::7;@ 6 2001:db8:8000::7;@ 6 2001:db8::7;");
	ends(&b, &told, RESOLVE_OK);
	assert_int_equal(told.r.n, 3);
	for (unsigned i = 0; i < 3; i++) {
		struct ip6_addr a = bed_addr_of(want[i]);

		assert_true(ip6_eq(&told.r.addr[i], &a));
	}
	bed_done(&b);
}

/* RFC 8200 section 8.1: a checksum of zero is none, even where zero would be the sum. */
static void test_checksum_zero(void **state)
{
	struct ip6_addr src = bed_addr_of(S1), dst = bed_addr_of(OURS);
	uint8_t m[10] = { 0, 53, 0x30, 0x39, 0, 10 };
	struct bed b;

	(void)state;
	begin(&b, "1", NULL);
	put_be16(m + 8, csum_upper(&src, &dst, m, sizeof(m), IP6_NH_UDP));
	assert_int_equal(csum_upper(&src, &dst, m, sizeof(m), IP6_NH_UDP), 0);
	assert_int_equal(bed_rx(&b, 0, bed_packet(&b, S1, OURS, IP6_NH_UDP, 64, m, sizeof(m))),
			 DROP_UDP_CSUM);
	/* RFC 768: the length is the header's own; octets behind it are nobody's */
	m[5] = 9;
	assert_int_equal(bed_rx(&b, 0, bed_packet(&b, S1, OURS, IP6_NH_UDP, 64, m, 8)),
			 DROP_UDP_SHORT);
	m[5] = 7;
	assert_int_equal(bed_rx(&b, 0, bed_packet(&b, S1, OURS, IP6_NH_UDP, 64, m, sizeof(m))),
			 DROP_UDP_SHORT);
	bed_done(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_found),
		cmocka_unit_test(test_silent),
		cmocka_unit_test(test_late),
		BED_ROWS(test_forged),
		BED_ROWS(test_ends),
		cmocka_unit_test(test_passed_over),
		cmocka_unit_test(test_search),
		cmocka_unit_test(test_link_local),
		cmocka_unit_test(test_withdrawn),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_checksum_zero),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
