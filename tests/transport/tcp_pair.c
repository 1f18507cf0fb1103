/* SPDX-License-Identifier: BSD-3-Clause */
#include "transport/tcp_pair.h"

#define BURST  65536
#define PERIOD 65521

static void addr(struct world_node *wn, uint32_t ifindex, struct tcp_end *end, uint8_t last)
{
	struct iface *ifc = world_if(wn, ifindex);
	int rc;

	*end = (struct tcp_end){ .addr = { { 0x20, 1, 0xd, 0xb8 } }, .port = PAIR_PORT };
	end->addr.b[15] = last;
	rc = nd_addr_add(&wn->node->nd, ifc, &end->addr, 64, ADDR_STATIC, true);
	assert_int_equal(rc, 0);
	world_touch(wn);
}

static void neighbour(struct world_node *wn, uint32_t ifindex, const struct tcp_end *end,
		      struct world_node *other, uint32_t other_if)
{
	assert_non_null(neigh_set(&wn->node->ip6.neigh, &world_if(wn, ifindex)->link, &end->addr,
				  &world_if(other, other_if)->link.mac));
}

struct tcp_stack *pair_stack(struct world_node *wn)
{
	return &wn->node->tcp;
}

void pair_init(struct pair *p, uint64_t seed, const struct wire_conf *conf)
{
	static const struct wire_conf perfect;
	struct world_conf wc = { .seed = seed };

	memset(p, 0, sizeof(*p));
	world_init(&p->w, &wc);
	p->wire = world_add_wire(&p->w, "wire", &perfect);
	p->a = world_add_node(&p->w, "a");
	p->b = world_add_node(&p->w, "b");
	p->if_a = world_plug(p->a, "e0", p->wire);
	p->if_b = world_plug(p->b, "e0", p->wire);
	addr(p->a, p->if_a, &p->at_a, 1);
	addr(p->b, p->if_b, &p->at_b, 2);
	neighbour(p->a, p->if_a, &p->at_b, p->b, p->if_b);
	neighbour(p->b, p->if_b, &p->at_a, p->a, p->if_a);
	world_run(&p->w, 60 * NS_PER_S); /* DAD, MLD and ND fall silent */
	if (conf != NULL)
		p->wire->wire.conf = *conf;
}

void pair_touch(struct pair *p)
{
	world_touch(p->a);
	world_touch(p->b);
}

void pair_run(struct pair *p, time_ns by)
{
	pair_touch(p);
	world_run(&p->w, p->w.now + by);
}

void pair_open(struct pair *p, const struct tcp_opts *opts)
{
	struct tcp_end at = { .port = PAIR_PORT };

	assert_int_equal(tcp_listen(pair_stack(p->b), &at, 16, opts, &p->l), 0);
	assert_int_equal(tcp_connect(pair_stack(p->a), NULL, &p->at_b, opts, &p->ca), 0);
	for (unsigned i = 0; i < 4000 && p->cb == NULL; i++) {
		pair_run(p, 10 * NS_PER_MS);
		p->cb = tcp_accept(p->l);
	}
	assert_non_null(p->cb);
	assert_int_equal(pair_state(p->ca), TCP_ESTABLISHED);
	assert_int_equal(pair_state(p->cb), TCP_ESTABLISHED);
}

void pair_done(struct pair *p)
{
	if (p->ca != NULL)
		tcp_abort(p->ca);
	if (p->cb != NULL)
		tcp_abort(p->cb);
	tcp_listener_free(p->l);
	pair_touch(p);
	world_done(&p->w);
}

enum tcp_state pair_state(const struct tcp *tc)
{
	struct tcp_info i;

	tcp_info(tc, &i);
	return i.state;
}

/*
 * What a stream says, from octet @i on, for at least BURST octets. Its period is a prime, so that
 * what is put elsewhere by segments, by rings or by 2^32 is seen.
 */
static const uint8_t *octets_at(uint64_t i)
{
	static uint8_t p[PERIOD + BURST];

	if (p[1] == 0)
		for (uint64_t k = 0; k < sizeof(p); k++)
			p[k] = (uint8_t)((k % PERIOD * UINT64_C(0x9e3779b97f4a7c15)) >> 56);
	return p + i % PERIOD;
}

void pair_push(struct pair_stream *s)
{
	while (s->sent < s->total) {
		size_t n = (size_t)MIN(s->total - s->sent, (uint64_t)BURST);
		long rc = tcp_send(s->from, octets_at(s->sent), n);

		if (rc == -EAGAIN)
			return;
		if (rc <= 0)
			fail_msg("tcp_send() after %llu octets: %ld", (unsigned long long)s->sent,
				 rc);
		s->sent += (uint64_t)rc;
		if (s->sent == s->total)
			assert_int_equal(tcp_shutdown(s->from), 0);
	}
}

void pair_pull(struct pair_stream *s)
{
	uint8_t buf[BURST];
	long rc;

	while ((rc = tcp_recv(s->to, buf, sizeof(buf))) > 0) {
		if (memcmp(buf, octets_at(s->got), (size_t)rc) != 0)
			fail_msg("of octets %llu to %llu one is wrong", (unsigned long long)s->got,
				 (unsigned long long)s->got + (unsigned long long)rc);
		s->got += (uint64_t)rc;
	}
	if (rc == 0)
		s->end = true;
	else
		assert_int_equal(rc, -EAGAIN);
}

bool pair_pump(struct pair *p, struct pair_stream *s, unsigned n, time_ns until)
{
	for (;;) {
		bool done = true;

		for (unsigned i = 0; i < n; i++) {
			if (!s[i].end)
				pair_pull(&s[i]);
			pair_push(&s[i]);
			done = done && s[i].end;
		}
		pair_touch(p);
		if (done)
			return true;
		if (!world_step(&p->w, until))
			return false;
	}
}
