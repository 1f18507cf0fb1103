/* SPDX-License-Identifier: BSD-3-Clause */
/* The tables of multicast routing: mifs, routes, and who is asked; what they refuse. */
#include "ip6/mroute.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "ip6/ip6.h"

#define LINKS 4

struct world {
	struct pkt_pool pool;
	struct env env;
	struct ip6 ip6;
	uint32_t ifindex[LINKS];
	unsigned begun, ended; /* EVENT_MROUTE_IF */
	uint32_t last;	       /* its interface */
};

static void note(void *ctx, const struct trace *t)
{
	struct world *w = ctx;

	if (t->kind != TRACE_EVENT || t->event != EVENT_MROUTE_IF)
		return;
	(*(t->value != 0 ? &w->begun : &w->ended))++;
	w->last = t->ifindex;
}

static void begin(struct world *w, const struct mroute_conf *mroute)
{
	static const char *const names[LINKS] = { "e0", "e1", "e2", "e3" };
	struct ip6_conf conf = { .neigh = NEIGH_CONF_DEFAULT,
				 .fib = FIB_CONF_DEFAULT,
				 .path = PATH_CONF_DEFAULT,
				 .frag = FRAG_CONF_DEFAULT,
				 .mroute = *mroute };
	uint8_t seed[RNG_SEED_OCTETS] = { 1 };

	memset(w, 0, sizeof(*w));
	pkt_pool_init(&w->pool, 64, 1);
	env_init(&w->env, &w->pool, seed, NS_PER_S);
	w->env.tracer = (struct tracer){ note, w };
	assert_int_equal(ip6_init(&w->ip6, &w->env, &conf), 0);
	for (unsigned i = 0; i < LINKS; i++) {
		struct mac mac = { { 2, 0, 0, 0, 0, (uint8_t)i } };
		struct iface *ifc;

		assert_int_equal(ip6_if_add(&w->ip6, names[i], &mac, 1500, &ifc), 0);
		w->ifindex[i] = if_index(ifc);
	}
}

static void end(struct world *w)
{
	ip6_done(&w->ip6);
	pkt_pool_done(&w->pool);
}

static struct ip6_addr addr(const char *text)
{
	struct ip6_addr a;

	assert_int_equal(ip6_parse(text, &a), 0);
	return a;
}

static struct mroute_route route(const char *src, const char *group, uint8_t iif, uint64_t oifs)
{
	return (struct mroute_route){
		.src = addr(src), .group = addr(group), .iif = iif, .oifs = oifs
	};
}

static void test_mifs(void **state)
{
	struct world w;

	(void)state;
	begin(&w, &MROUTE_CONF_DEFAULT);
	assert_int_equal(mroute_mif(&w.ip6, w.ifindex[0]), -ENODEV);
	assert_int_equal(mroute_mif_del(&w.ip6, 0), -EADDRNOTAVAIL);
	assert_int_equal(mroute_mif_boundary(&w.ip6, 0, SCOPE_SITE), -EADDRNOTAVAIL);
	assert_int_equal(mroute_mif_add(&w.ip6, 0, 0, 1), -ENODEV);
	assert_int_equal(mroute_mif_add(&w.ip6, 0, 40, 1), -ENODEV);
	assert_int_equal(mroute_mif_add(&w.ip6, 0, UINT32_MAX, 1), -ENODEV);
	assert_int_equal(mroute_mif_add(&w.ip6, 0, if_index(w.ip6.lo), 1), -EINVAL);
	assert_int_equal(mroute_mif_add(&w.ip6, MROUTE_MIFS, w.ifindex[0], 1), -EINVAL);
	assert_null(w.ip6.mroute);
	assert_int_equal(mroute_mif_add(&w.ip6, 31, w.ifindex[0], 0), 0);
	assert_int_equal(mroute_mif_add(&w.ip6, 31, w.ifindex[1], 1), -EADDRINUSE);
	assert_int_equal(mroute_mif_add(&w.ip6, 30, w.ifindex[0], 1), -EADDRINUSE);
	assert_int_equal(mroute_mif(&w.ip6, w.ifindex[0]), 31);
	assert_int_equal(w.ip6.mroute->mif[31].threshold, 1);
	assert_int_equal(mroute_mif(&w.ip6, w.ifindex[1]), -ENODEV);
	assert_int_equal(mroute_mif(&w.ip6, UINT32_MAX), -ENODEV);
	assert_int_equal(w.begun, 1);
	assert_int_equal(w.last, w.ifindex[0]);
	assert_int_equal(mroute_mif_add(&w.ip6, MROUTE_MIFS - 1, w.ifindex[1], 7), 0);
	assert_int_equal(mroute_mif_del(&w.ip6, MROUTE_MIFS), -EADDRNOTAVAIL);
	assert_int_equal(mroute_mif_del(&w.ip6, MROUTE_MIFS - 1), 0);
	assert_int_equal(w.ended, 1);
	assert_int_equal(w.last, w.ifindex[1]);
	assert_int_equal(mroute_mif_del(&w.ip6, MROUTE_MIFS - 1), -EADDRNOTAVAIL);
	ip6_if_del(&w.ip6, ip6_if(&w.ip6, w.ifindex[0]));
	assert_int_equal(mroute_mif_del(&w.ip6, 31), -EADDRNOTAVAIL);
	assert_int_equal(w.ended, 2);
	end(&w);
}

static unsigned count(const struct world *w)
{
	unsigned n = 0;

	for (const struct mfc *e = NULL; (e = mroute_iter(&w->ip6, e)) != NULL;)
		n++;
	return n;
}

static void test_routes(void **state)
{
	static const struct {
		const char *src, *group;
		uint8_t iif;
		uint64_t oifs;
		int rc;
	} row[] = {
		{ "::", "ff1e::1", 0, 6, 0 },
		{ "2001:db8::1", "ff1e::1", 0, 6, 0 },
		{ "2001:db8::1", "ff1e::1", 0, 0, 0 }, /* changed */
		{ "2001:db8::1", "ff12::1", 2, 1, 0 }, /* may be entered, leads nowhere */
		{ "2001:db8::1", "2001:db8::2", 0, 6, -EINVAL },
		{ "ff1e::1", "ff1e::1", 0, 6, -EINVAL },
		{ "::", "ff1e::1", 3, 6, -EADDRNOTAVAIL },
		{ "::", "ff1e::1", 255, 6, -EADDRNOTAVAIL },
		{ "::", "ff1e::1", 0, 8, -EADDRNOTAVAIL },
		{ "::", "ff1e::1", 0, UINT64_C(1) << 63, -EADDRNOTAVAIL },
		{ "::", "ff1e::2", 0, 6, -ENOSPC },
	};
	struct mroute_conf conf = MROUTE_CONF_DEFAULT;
	struct ip6_addr any = IP6_UNSPEC, group = addr("ff1e::1");
	struct mroute_route r = route("::", "ff1e::1", 0, 7);
	struct world w;

	(void)state;
	conf.max = 3;
	begin(&w, &conf);
	assert_null(mroute_iter(&w.ip6, NULL));
	assert_null(mroute_get(&w.ip6, &any, &group));
	assert_int_equal(mroute_del(&w.ip6, &any, &group), -ENOENT);
	assert_int_equal(mroute_add(&w.ip6, &r), -EADDRNOTAVAIL);
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(mroute_mif_add(&w.ip6, i, w.ifindex[i], 1), 0);
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		r = route(row[i].src, row[i].group, row[i].iif, row[i].oifs);
		if (mroute_add(&w.ip6, &r) != row[i].rc)
			fail_msg("row %zu", i);
	}
	assert_int_equal(count(&w), 3);
	assert_int_equal(mroute_get(&w.ip6, &any, &group)->r.oifs, 6);
	r = route("::", "ff1e::1", 0, 7); /* never back */
	assert_int_equal(mroute_add(&w.ip6, &r), 0);
	assert_int_equal(mroute_get(&w.ip6, &any, &group)->r.oifs, 6);
	assert_int_equal(mroute_mif_del(&w.ip6, 1), 0);
	assert_int_equal(mroute_get(&w.ip6, &any, &group)->r.oifs, 4);
	assert_int_equal(mroute_mif_del(&w.ip6, 0), 0); /* and two routes */
	assert_int_equal(count(&w), 1);
	assert_null(mroute_get(&w.ip6, &any, &group));
	end(&w);
}

static void test_static(void **state)
{
	struct ip6_addr any = IP6_UNSPEC, group = addr("ff1e::1"), other = addr("ff1e::2");
	struct mroute_route r = route("::", "ff1e::2", 0, 0);
	const struct mfc *e;
	struct world w;
	uint32_t bad[2];

	(void)state;
	begin(&w, &MROUTE_CONF_DEFAULT);
	bad[0] = w.ifindex[1];
	bad[1] = 50;
	assert_int_equal(mroute_add_static(&w.ip6, &group, 50, w.ifindex, 1), -ENODEV);
	assert_int_equal(mroute_add_static(&w.ip6, &group, w.ifindex[0], bad, 2), -ENODEV);
	assert_int_equal(mroute_add_static(&w.ip6, &group, 1, w.ifindex, 2), -EINVAL); /* lo */
	assert_int_equal(count(&w), 0);
	assert_int_equal(mroute_mif_add(&w.ip6, 0, w.ifindex[3], 1), 0);
	assert_int_equal(mroute_add_static(&w.ip6, &group, w.ifindex[0], w.ifindex, 3), 0);
	e = mroute_get(&w.ip6, &any, &group);
	assert_int_equal(e->r.iif, mroute_mif(&w.ip6, w.ifindex[0]));
	assert_int_equal(e->r.oifs, UINT64_C(1) << mroute_mif(&w.ip6, w.ifindex[1]) |
					    UINT64_C(1) << mroute_mif(&w.ip6, w.ifindex[2]));
	/* what somebody above entered goes with him, and nothing else */
	assert_int_equal(mroute_open(&w.ip6), 0);
	assert_int_equal(mroute_add(&w.ip6, &r), 0);
	assert_int_equal(count(&w), 2);
	mroute_close(&w.ip6);
	mroute_close(&w.ip6);
	assert_int_equal(count(&w), 1);
	assert_null(mroute_get(&w.ip6, &any, &other));
	assert_int_equal(mroute_mif(&w.ip6, w.ifindex[3]), -ENODEV);
	assert_true(mroute_mif(&w.ip6, w.ifindex[2]) >= 0);
	end(&w);
}

/* As many mifs as interfaces: static ones find a number each. */
static void test_all_interfaces(void **state)
{
	struct ip6_addr group = addr("ff1e::1"), any = IP6_UNSPEC;
	uint32_t all[IF_MAX];
	unsigned n = LINKS;
	struct world w;

	(void)state;
	begin(&w, &MROUTE_CONF_DEFAULT);
	memcpy(all, w.ifindex, sizeof(w.ifindex));
	for (; w.ip6.n_ifs < IF_MAX; n++) {
		struct mac mac = { { 2, 0, 0, 0, 1, (uint8_t)n } };
		char name[] = { 'x', (char)('0' + n / 10), (char)('0' + n % 10), '\0' };
		struct iface *ifc;

		assert_int_equal(ip6_if_add(&w.ip6, name, &mac, 1500, &ifc), 0);
		all[n] = if_index(ifc);
	}
	assert_int_equal(n, IF_MAX - 1);
	assert_int_equal(mroute_add_static(&w.ip6, &group, all[0], all + 1, n - 1), 0);
	assert_int_equal(__builtin_popcountll(mroute_get(&w.ip6, &any, &group)->r.oifs), n - 1);
	end(&w);
}

static void test_open(void **state)
{
	struct mroute_conf conf = MROUTE_CONF_DEFAULT;
	struct mroute_upcall up;
	struct world w;

	(void)state;
	begin(&w, &conf);
	mroute_close(&w.ip6);
	assert_false(mroute_upcall(&w.ip6, &up));
	assert_int_equal(mroute_open(&w.ip6), 0);
	assert_int_equal(mroute_open(&w.ip6), -EADDRINUSE);
	assert_false(mroute_upcall(&w.ip6, &up));
	mroute_close(&w.ip6);
	assert_int_equal(mroute_open(&w.ip6), 0);
	end(&w);
	conf.unresolved_max = 0;
	begin(&w, &conf);
	assert_int_equal(mroute_open(&w.ip6), -EINVAL);
	end(&w);
	conf = MROUTE_CONF_DEFAULT;
	conf.queue_pkts = 0;
	begin(&w, &conf);
	assert_int_equal(mroute_open(&w.ip6), -EINVAL);
	end(&w);
}

/* A packet of @src that came in on link 0. */
static struct pkt *packet(struct world *w, uint8_t src)
{
	struct ip6_addr s = addr("2001:db8::"), d = addr("ff1e::1");
	struct pkt *pkt = pkt_new(&w->pool, IP6_HDR_OCTETS);

	assert_non_null(pkt);
	s.b[15] = src;
	ip6_put_header(pkt_put(pkt, IP6_HDR_OCTETS), 0, 0, 0, IP6_NH_NONE, 64, &s, &d);
	pkt->ifindex = w->ifindex[0];
	return pkt;
}

/* The bounds: of pairs the oldest goes, of packets the oldest goes, and what is asked is a queue. */
static void test_waiting(void **state)
{
	struct mroute_conf conf = MROUTE_CONF_DEFAULT;
	struct mroute_upcall up;
	struct world w;

	(void)state;
	conf.unresolved_max = 3;
	conf.queue_pkts = 2;
	begin(&w, &conf);
	assert_int_equal(mroute_mif_add(&w.ip6, 5, w.ifindex[0], 1), 0);
	assert_int_equal(mroute_open(&w.ip6), 0);
	for (uint8_t src = 1; src <= 4; src++)
		for (unsigned i = 0; i < 3; i++)
			mroute_ask(&w.ip6, packet(&w, src));
	assert_int_equal(w.env.drops[DROP_MROUTE_QUEUE_FULL], 4);
	assert_int_equal(w.env.drops[DROP_MROUTE_UNRESOLVED_FULL], 2);
	assert_int_equal(w.pool.used, 6);
	assert_int_equal(w.ip6.mroute->n_waiting, 3);
	for (uint8_t src = 1; src <= 4; src++) {
		assert_true(mroute_upcall(&w.ip6, &up));
		assert_int_equal(up.src.b[15], src);
		assert_int_equal(up.mif, 5);
	}
	assert_false(mroute_upcall(&w.ip6, &up));
	for (unsigned i = 0; i < 200; i++) { /* the queue goes round */
		mroute_ask(&w.ip6, packet(&w, (uint8_t)(i + 10)));
		assert_true(mroute_upcall(&w.ip6, &up));
		assert_int_equal(up.src.b[15], i + 10);
	}
	assert_int_equal(timers_next(&w.env.timers) <= w.env.now + 10 * NS_PER_S, true);
	assert_int_equal(mroute_mif_del(&w.ip6, 5), 0);
	assert_int_equal(w.env.drops[DROP_MROUTE_NO_ROUTE], 3);
	assert_int_equal(w.pool.used, 0);
	assert_int_equal(timers_next(&w.env.timers), TIME_NEVER);
	end(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_mifs),   cmocka_unit_test(test_routes),
		cmocka_unit_test(test_static), cmocka_unit_test(test_all_interfaces),
		cmocka_unit_test(test_open),   cmocka_unit_test(test_waiting),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
