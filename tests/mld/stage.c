/* SPDX-License-Identifier: BSD-3-Clause */
#include "stage.h"

struct ip6_addr stage_addr(const char *text)
{
	struct ip6_addr a = IP6_UNSPEC;

	if (text != NULL)
		assert_int_equal(ip6_parse(text, &a), 0);
	return a;
}

void stage_run(struct stage *s, time_ns until)
{
	struct env *env = &s->f.env;
	struct timer *t;

	while (timers_next(&env->timers) <= until) {
		env->now = timers_next(&env->timers);
		while ((t = timers_pop(&env->timers, env->now)) != NULL)
			mld_timer(&s->mld, t);
	}
	env->now = until;
	assert_null(timers_pop(&env->timers, until));
}

/* An MLD message as it is delivered. */
struct pkt *stage_pkt(struct stage *s, const char *src, const void *msg, size_t n)
{
	struct ip6_addr from = stage_addr(src), to = stage_addr("ff02::1");
	struct pkt *pkt;

	pkt = ip6_new_packet(&s->f.ip6, &from, &to, 0, 1, (uint32_t)(8 + n));
	assert_non_null(pkt);
	memset(pkt_put(pkt, 8), 0, 8);
	memcpy(pkt_put(pkt, (uint32_t)n), msg, n);
	pkt->l4_off = 48;
	pkt->ifindex = 1;
	pkt->flags = PKT_ROUTER_ALERT | PKT_MULTICAST;
	return pkt;
}

static unsigned parse_sources(const struct step *st, struct ip6_addr *ret)
{
	char text[200], *save = NULL;
	unsigned n = 0;

	snprintf(text, sizeof(text), "%s", st->sources != NULL ? st->sources : "");
	for (char *t = strtok_r(text, " ", &save); t != NULL; t = strtok_r(NULL, " ", &save))
		ret[n++] = stage_addr(t);
	return n;
}

static void listen(struct stage *s, const struct step *st)
{
	struct ip6_addr group = stage_addr(st->group), source[SOURCES_MAX];
	unsigned n = parse_sources(st, source);

	assert_int_equal(mld_listen(&s->mld, &s->f.ifc, &s->who[st->who], &group,
				    st->what == EXCEPT, source, n),
			 st->rc);
}

size_t stage_query(const struct step *st, uint8_t *buf, size_t size)
{
	struct mld_query q = { .version = st->what == QUERY1 ? 1 : 2,
			       .group = stage_addr(st->group),
			       .max_delay = st->max_ms * NS_PER_MS,
			       .qrv = st->qrv,
			       .interval = st->qqi_s * NS_PER_S };
	struct wr w = wr_of(buf, size);
	struct ip6_addr sources[SOURCES_MAX];

	q.n_sources = (uint16_t)parse_sources(st, sources);
	q.sources = rd_of(sources, q.n_sources * sizeof(sources[0]));
	mld_put_query(&w, &q);
	assert_false(w.overflow);
	return wr_len(&w);
}

static void receive(struct stage *s, const struct step *st)
{
	struct ip6_addr group = stage_addr(st->group);
	uint8_t buf[256];
	struct wr w = wr_of(buf, sizeof(buf));
	struct pkt *pkt;
	size_t n;

	if (st->what == QUERY1 || st->what == QUERY2) {
		n = stage_query(st, buf, sizeof(buf));
	} else {
		mld_put_v1(&w, MLD_TYPE_V1_REPORT, &group);
		n = wr_len(&w);
	}
	pkt = stage_pkt(s, "fe80::99", buf, n);
	if (st->what == REPORT1_OWN)
		pkt->flags |= PKT_LOCAL_IN;
	mld_input(&s->mld, pkt);
}

void stage_play(struct stage *s, const struct step *st)
{
	struct ip6_addr group = stage_addr(st->group);
	struct iface *ifc = &s->f.ifc;

	switch (st->what) {
	case JOIN:
		assert_int_equal(mld_join(&s->mld, ifc, &group), 0);
		return;
	case LEAVE:
		assert_int_equal(mld_leave(&s->mld, ifc, &group), 0);
		return;
	case LISTEN:
	case EXCEPT:
		listen(s, st);
		return;
	case UP:
		assert_int_equal(mld_if_up(&s->mld, ifc), 0);
		return;
	case DOWN:
		mld_if_down(&s->mld, ifc);
		return;
	case LL_READY:
		s->f.has_link_local = true;
		mld_link_local_ready(&s->mld, ifc);
		return;
	case QUERY1:
	case QUERY2:
	case REPORT1:
	case REPORT1_OWN:
		receive(s, st);
		return;
	case VERSION:
		assert_int_equal(mld_version(ifc), st->max_ms);
		return;
	case END:
		break;
	}
	fail();
}

void stage_init(struct stage *s, uint64_t seed)
{
	fake_init(&s->f, seed);
	s->f.has_link_local = true;
	mld_init(&s->mld, &s->f.ip6);
}

void stage_done(struct stage *s)
{
	mld_done(&s->mld);
	while (!list_is_empty(&s->f.ifc.groups)) {
		struct if_group *g = LIST_ENTRY(s->f.ifc.groups.next, struct if_group, on);

		mld_leave(&s->mld, &s->f.ifc, &g->addr);
	}
	fake_done(&s->f);
}

/* Match each row with the first packet of its text that no earlier row took. */
static void compare(const struct scenario *sc, const struct stage *s, uint64_t seed)
{
	time_ns at[ROWS_MAX] = { 0 };
	bool taken[FAKE_SENT_MAX] = { false };
	unsigned n = 0;

	for (; n < ROWS_MAX && sc->rows[n].text != NULL; n++) {
		const struct row *r = &sc->rows[n];
		time_ns base = r->of != 0 ? at[r->of - 1] : 0;
		unsigned i = 0;

		while (i < s->f.n_sent && (taken[i] || strcmp(s->f.sent[i].text, r->text) != 0))
			i++;
		if (i == s->f.n_sent)
			fail_msg("%s, seed %u: row %u was never sent", sc->name, (unsigned)seed,
				 n + 1);
		taken[i] = true;
		at[n] = s->f.sent[i].at;
		if (at[n] < base + r->from * NS_PER_MS ||
		    (r->from == r->to ? at[n] != base + r->to * NS_PER_MS
				      : at[n] >= base + r->to * NS_PER_MS))
			fail_msg("%s, seed %u: row %u sent at %llu ns", sc->name, (unsigned)seed,
				 n + 1, (unsigned long long)at[n]);
	}
	for (unsigned i = 0; i < s->f.n_sent; i++)
		if (!taken[i])
			fail_msg("%s, seed %u: %s was sent at %llu ns", sc->name, (unsigned)seed,
				 s->f.sent[i].text, (unsigned long long)s->f.sent[i].at);
}

static void run_scenario(const struct scenario *sc, uint64_t seed)
{
	struct stage s;

	stage_init(&s, seed);
	s.f.ifc.loopback = sc->loopback;
	s.f.has_link_local = !sc->no_link_local;
	s.mld.v2_only = sc->v2_only;
	s.mld.done_always = sc->done_always;
	if (!sc->starts_down)
		assert_int_equal(mld_if_up(&s.mld, &s.f.ifc), 0);
	for (unsigned i = 0; i < STEPS_MAX && sc->steps[i].what != END; i++) {
		stage_run(&s, sc->steps[i].ms * NS_PER_MS);
		stage_play(&s, &sc->steps[i]);
	}
	stage_run(&s, UINT64_C(2) * LONG * NS_PER_MS); /* silence, for hours */
	compare(sc, &s, seed);
	stage_done(&s);
}

void stage_table(const struct scenario *sc, size_t n)
{
	for (size_t i = 0; i < n; i++)
		for (uint64_t seed = 1; seed <= SEEDS; seed++)
			run_scenario(&sc[i], seed);
}
