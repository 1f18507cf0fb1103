/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Who guards the guard: a scripted device for the tester's sense of time and its verdicts, a dead
 * device, and devices that are wrong on purpose, each caught by the part that should.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/csum.h"
#include "conform/run.h"

/*
 * A device that answers every echo request once, after a delay, and can do nothing else.
 */

struct echoer {
	struct nut nut;
	struct nut_ops ops;
	int start_rc;
	bool dead, elsewhere; /* answers on the wrong link */
	bool pending, twice;
	time_ns now, delay, at;
	uint8_t reply[PV_FRAME_MAX];
	size_t octets;
};

static struct echoer *echoer_of(struct nut *nut)
{
	return CONTAINER_OF(nut, struct echoer, nut);
}

static int echoer_start(struct nut *nut, enum nut_role role)
{
	(void)role;
	return echoer_of(nut)->start_rc;
}

static void echoer_stop(struct nut *nut)
{
	echoer_of(nut)->pending = false;
}

static struct mac echoer_mac(struct nut *nut, enum nut_link link)
{
	(void)nut;
	return (struct mac){ { 2, 0, 0, 0, 0, (uint8_t)link } };
}

static void echoer_send(struct nut *nut, enum nut_link link, const uint8_t *p, size_t octets)
{
	struct echoer *e = echoer_of(nut);
	struct pv in, out;

	assert_int_equal(link, LINK_B);
	if (e->dead || !pv_decode(p, octets, &in) || in.kind != PV_ICMP6 ||
	    in.type.v != ICMP6_ECHO_REQUEST)
		return;
	out = in;
	out.src = in.dst;
	out.dst = in.src;
	out.type = IS(ICMP6_ECHO_REPLY);
	out.csum.set = false;
	e->octets = pv_build(&out, e->reply, sizeof(e->reply));
	e->pending = true;
	e->at = e->now + e->delay;
}

static bool echoer_recv(struct nut *nut, time_ns until, struct nut_frame *ret)
{
	struct echoer *e = echoer_of(nut);

	if (!e->pending || e->at > until) {
		e->now = MAX(e->now, until);
		return false;
	}
	e->now = MAX(e->now, e->at);
	e->pending = e->twice;
	e->twice = false;
	*ret = (struct nut_frame){ e->now, e->elsewhere ? LINK_A : LINK_B, e->reply, e->octets };
	return true;
}

static time_ns echoer_now(struct nut *nut)
{
	return echoer_of(nut)->now;
}

static void echoer_close(struct nut *nut)
{
	free(echoer_of(nut));
}

static struct echoer *echoer_new(void)
{
	struct echoer *e = calloc(1, sizeof(*e));

	assert_non_null(e);
	e->ops = (struct nut_ops){ .name = "echoer",
				   .virtual_time = true,
				   .start = echoer_start,
				   .stop = echoer_stop,
				   .mac = echoer_mac,
				   .send = echoer_send,
				   .recv = echoer_recv,
				   .now = echoer_now,
				   .close = echoer_close };
	e->nut.ops = &e->ops;
	e->now = NS_PER_S;
	return e;
}

static void fn_ping(struct tester *t)
{
	ping(t, TN1);
}

/* Alive, then silent: whether the answer comes after the end decides. */
static void fn_silence(struct tester *t)
{
	struct pv echo = echo_to(t, TN1, nut_lla(t, TN1));

	t->alive = true;
	tx(t, TN1, &echo);
	silence(t, SILENCE_FOR, NULL);
}

static void fn_silence_only(struct tester *t)
{
	silence(t, SILENCE_FOR, NULL);
}

/* What came before silence() was called, but after the packet that it is about, counts. */
static void fn_silence_late(struct tester *t)
{
	struct pv echo = echo_to(t, TN1, nut_lla(t, TN1));

	t->alive = true;
	tx(t, TN1, &echo);
	pause_for(t, NS_PER_S);
	silence(t, SILENCE_FOR, NULL);
	tester_error(t, "silence() heard nothing");
}

/* One answer does not do for two. */
static void fn_answer_again(struct tester *t)
{
	struct pv echo = echo_to(t, TN1, nut_lla(t, TN1));
	struct pv reply = reply_to(tx(t, TN1, &echo));

	expect(t, LINK_B, REPLY_WITHIN, &reply);
	expect(t, LINK_B, REPLY_WITHIN, &reply);
}

/* Neither earlier nor later. */
static void fn_at(struct tester *t)
{
	struct pv echo = echo_to(t, TN1, nut_lla(t, TN1));
	struct pv reply = reply_to(tx(t, TN1, &echo));

	expect_at(t, LINK_B, t->nut->ops->now(t->nut) + NS_PER_S, &reply);
}

/* What came too late before it was asked for is too late all the same. */
static void fn_at_past(struct tester *t)
{
	struct pv echo = echo_to(t, TN1, nut_lla(t, TN1));
	struct pv reply = reply_to(tx(t, TN1, &echo));
	time_ns now = t->nut->ops->now(t->nut);

	pause_for(t, 5 * NS_PER_S);
	expect_at(t, LINK_B, now + NS_PER_S, &reply);
}

static void fn_addr(struct tester *t)
{
	setup_addr(t, LINK_B, "2001:db8::1");
}

static void fn_huge(struct tester *t)
{
	static const uint8_t much[PV_FRAME_MAX];
	struct pv echo = echo_to(t, TN1, nut_lla(t, TN1));

	echo.data = IS_OCTETS(much, sizeof(much));
	tx(t, TN1, &echo);
}

/* Times are exact to the nanosecond; a tolerance counts in real time only. */
static void test_verdicts(void **state)
{
	static const struct {
		void (*fn)(struct tester *t);
		time_ns delay;
		bool real_time, twice, dead;
		int start_rc;
		uint32_t needs;
		unsigned roles;
		enum verdict want;
	} rows[] = {
		/* clang-format off */
		{ fn_ping, 0, false, false, false, 0, 0, NUT_BOTH, VERDICT_PASS },
		{ fn_ping, REPLY_WITHIN, false, false, false, 0, 0, NUT_BOTH, VERDICT_PASS },
		{ fn_ping, REPLY_WITHIN + 1, false, false, false, 0, 0, NUT_BOTH, VERDICT_FAIL },
		{ fn_ping, REPLY_WITHIN + NS_PER_S, true, false, false, 0, 0, NUT_BOTH, VERDICT_PASS },
		{ fn_ping, REPLY_WITHIN + NS_PER_S + 1, true, false, false, 0, 0, NUT_BOTH, VERDICT_FAIL },
		{ fn_ping, 0, false, false, true, 0, 0, NUT_BOTH, VERDICT_FAIL },
		{ fn_at, NS_PER_S, false, false, false, 0, 0, NUT_BOTH, VERDICT_PASS },
		{ fn_at, NS_PER_S - 1, false, false, false, 0, 0, NUT_BOTH, VERDICT_FAIL },
		{ fn_at, NS_PER_S + 1, false, false, false, 0, 0, NUT_BOTH, VERDICT_FAIL },
		{ fn_at, NS_PER_S - NS_PER_S / 5, true, false, false, 0, 0, NUT_BOTH, VERDICT_PASS },
		{ fn_at, NS_PER_S - NS_PER_S / 5 - 1, true, false, false, 0, 0, NUT_BOTH, VERDICT_FAIL },
		{ fn_at, 2 * NS_PER_S, true, false, false, 0, 0, NUT_BOTH, VERDICT_PASS },
		{ fn_at, 2 * NS_PER_S + 1, true, false, false, 0, 0, NUT_BOTH, VERDICT_FAIL },
		{ fn_at_past, NS_PER_S, false, false, false, 0, 0, NUT_BOTH, VERDICT_PASS },
		{ fn_at_past, NS_PER_S + 1, false, false, false, 0, 0, NUT_BOTH, VERDICT_FAIL },
		{ fn_silence, SILENCE_FOR, false, false, false, 0, 0, NUT_BOTH, VERDICT_FAIL },
		{ fn_silence, SILENCE_FOR + 1, false, false, false, 0, 0, NUT_BOTH, VERDICT_PASS },
		{ fn_silence_late, 0, false, false, false, 0, 0, NUT_BOTH, VERDICT_FAIL },
		{ fn_answer_again, 0, false, false, false, 0, 0, NUT_BOTH, VERDICT_FAIL },
		{ fn_silence_only, 0, false, false, false, 0, 0, NUT_BOTH, VERDICT_ERROR },
		{ fn_ping, 0, false, false, false, -EIO, 0, NUT_BOTH, VERDICT_ERROR },
		{ fn_ping, 0, false, false, false, -EOPNOTSUPP, 0, NUT_BOTH, VERDICT_SKIP },
		{ fn_ping, 0, false, false, false, 0, NUT_CAN_MTU, NUT_BOTH, VERDICT_SKIP },
		{ fn_ping, 0, false, false, false, 0, 0, NUT_ROUTER, VERDICT_SKIP },
		{ fn_addr, 0, false, false, false, 0, 0, NUT_BOTH, VERDICT_SKIP },
		{ fn_huge, 0, false, false, false, 0, 0, NUT_BOTH, VERDICT_ERROR },
		/* clang-format on */
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct echoer *e = echoer_new();
		struct part part = { .id = "x",
				     .roles = rows[i].roles,
				     .needs = rows[i].needs,
				     .tolerance = NS_PER_S,
				     .fn = rows[i].fn };
		struct tester t;

		e->delay = rows[i].delay;
		e->dead = rows[i].dead;
		e->start_rc = rows[i].start_rc;
		e->ops.virtual_time = !rows[i].real_time;
		tester_run(&t, &e->nut, NUT_HOST, &part);
		if (t.verdict != rows[i].want)
			fail_msg("row %zu: %s: %s", i, verdict_name(t.verdict),
				 t.why != NULL ? t.why : "");
		assert_int_equal(t.why == NULL, t.verdict == VERDICT_PASS);
		tester_done(&t);
		e->ops.close(&e->nut);
	}
}

/* The same answer twice: the second one is a packet that nobody asked for. */
static void fn_twice(struct tester *t)
{
	echoer_of(t->nut)->twice = true;
	ping(t, TN1);
	pause_for(t, 1);
}

static void test_stray(void **state)
{
	struct part part = { .id = "x", .roles = NUT_BOTH, .fn = fn_twice };
	struct echoer *e = echoer_new();
	struct tester t;

	(void)state;
	tester_run(&t, &e->nut, NUT_HOST, &part);
	assert_int_equal(t.verdict, VERDICT_FAIL);
	assert_non_null(strstr(t.why, "silence was expected, on link B came: "));
	tester_done(&t);
	e->ops.close(&e->nut);
}

/* The right answer on the wrong link. */
static void test_wrong_link(void **state)
{
	struct part part = { .id = "x", .roles = NUT_BOTH, .fn = fn_ping };
	struct echoer *e = echoer_new();
	struct tester t;

	(void)state;
	e->elsewhere = true;
	tester_run(&t, &e->nut, NUT_HOST, &part);
	assert_int_equal(t.verdict, VERDICT_FAIL);
	assert_non_null(strstr(t.why, "; the nearest packet, on the other link:\n"));
	tester_done(&t);
	e->ops.close(&e->nut);
}

/* Where nothing came, what got no answer is marked. */
static void test_unanswered(void **state)
{
	struct part part = { .id = "x", .roles = NUT_BOTH, .fn = fn_ping };
	struct echoer *e = echoer_new();
	struct tester t;
	unsigned marked = 0;

	(void)state;
	e->dead = true;
	tester_run(&t, &e->nut, NUT_HOST, &part);
	assert_int_equal(t.verdict, VERDICT_FAIL);
	for (size_t i = 0; i < t.record.n; i++) {
		const struct seen *s = t.record.seen[i];

		if (s->comment == NULL)
			continue;
		assert_string_equal(s->comment, "x: FAIL: what was expected did not come");
		assert_false(s->from_nut);
		assert_int_equal(s->pv.type.v, ICMP6_ECHO_REQUEST);
		marked++;
	}
	assert_int_equal(marked, 1);
	tester_done(&t);
	e->ops.close(&e->nut);
}

/* A failure shows both packets, and marks the one in the capture. */
static void fn_hop_limit(struct tester *t)
{
	struct pv echo = echo_to(t, TN1, nut_lla(t, TN1)), reply;

	reply = reply_to(tx(t, TN1, &echo));
	reply.hop_limit = IS(63);
	expect(t, LINK_B, REPLY_WITHIN, &reply);
}

static void test_side_by_side(void **state)
{
	struct part part = { .id = "x", .roles = NUT_BOTH, .fn = fn_hop_limit };
	struct echoer *e = echoer_new();
	struct tester t;
	unsigned marked = 0;

	(void)state;
	tester_run(&t, &e->nut, NUT_HOST, &part);
	assert_int_equal(t.verdict, VERDICT_FAIL);
	assert_non_null(strstr(t.why, "\n! hop limit        63                  "));
	assert_non_null(strstr(t.why, " 255\n"));
	for (size_t i = 0; i < t.record.n; i++)
		if (t.record.seen[i]->comment != NULL &&
		    strstr(t.record.seen[i]->comment, "x: FAIL") != NULL)
			marked++;
	assert_int_equal(marked, 1);
	tester_done(&t);
	e->ops.close(&e->nut);
}

/*
 * Devices that are wrong on purpose: a simulated node behind something that changes what goes in
 * or comes out.
 */

struct wrong;

struct fault {
	const char *name;
	/* Change a packet on its way in or out; false: it is lost. */
	bool (*in)(struct pv *pv);
	bool (*out)(struct pv *pv);
	enum nut_role role;
	uint32_t claims;   /* NUT_* bits that it says it has, and has not */
	const char *parts; /* a glob */
	const char *caught_by[8];
};

struct wrong {
	struct nut nut;
	struct nut_ops ops;
	struct nut *inner;
	const struct fault *fault;
	uint8_t frame[PV_FRAME_MAX];
};

static struct wrong *wrong_of(struct nut *nut)
{
	return CONTAINER_OF(nut, struct wrong, nut);
}

static struct nut *in(struct nut *nut)
{
	return wrong_of(nut)->inner;
}

static int wrong_start(struct nut *nut, enum nut_role role)
{
	return in(nut)->ops->start(in(nut), role);
}

static void wrong_stop(struct nut *nut)
{
	in(nut)->ops->stop(in(nut));
}

static int wrong_addr(struct nut *nut, enum nut_link link, const struct ip6_addr *a, unsigned len)
{
	return in(nut)->ops->addr(in(nut), link, a, len);
}

static int wrong_route(struct nut *nut, enum nut_link link, const struct ip6_addr *dst,
		       unsigned len, const struct ip6_addr *via)
{
	return in(nut)->ops->route(in(nut), link, dst, len, via);
}

static int wrong_mroute(struct nut *nut, enum nut_link from, const struct ip6_addr *group,
			enum nut_link to)
{
	return in(nut)->ops->mroute(in(nut), from, group, to);
}

static struct mac wrong_mac(struct nut *nut, enum nut_link link)
{
	return in(nut)->ops->mac(in(nut), link);
}

static time_ns wrong_now(struct nut *nut)
{
	return in(nut)->ops->now(in(nut));
}

/* Octets of the changed frame in wrong.frame; 0: lost. Neighbor discovery stays as it is. */
static size_t twist(struct wrong *w, bool (*fn)(struct pv *pv), const uint8_t *p, size_t octets)
{
	struct pv pv;

	memcpy(w->frame, p, octets);
	if (fn == NULL || !pv_decode(p, octets, &pv) ||
	    (pv.kind == PV_ICMP6 && pv.type.v > ICMP6_ECHO_REPLY))
		return octets;
	pv.csum.set = pv.csum_wrong;
	if (!fn(&pv))
		return 0;
	return pv_build(&pv, w->frame, sizeof(w->frame));
}

static void wrong_send(struct nut *nut, enum nut_link link, const uint8_t *p, size_t octets)
{
	struct wrong *w = wrong_of(nut);
	size_t n = twist(w, w->fault->in, p, octets);

	if (n > 0)
		w->inner->ops->send(w->inner, link, w->frame, n);
}

static bool wrong_recv(struct nut *nut, time_ns until, struct nut_frame *ret)
{
	struct wrong *w = wrong_of(nut);

	while (w->inner->ops->recv(w->inner, until, ret)) {
		ret->octets = twist(w, w->fault->out, ret->p, ret->octets);
		ret->p = w->frame;
		if (ret->octets > 0)
			return true;
	}
	return false;
}

static void wrong_close(struct nut *nut)
{
	in(nut)->ops->close(in(nut));
	free(wrong_of(nut));
}

static struct nut *open_wrong(void *ctx, uint64_t seed, char *why, size_t size)
{
	struct wrong *w = calloc(1, sizeof(*w));

	(void)why;
	(void)size;
	assert_non_null(w);
	w->ops = (struct nut_ops){ .name = "wrong",
				   .virtual_time = true,
				   .start = wrong_start,
				   .stop = wrong_stop,
				   .addr = wrong_addr,
				   .route = wrong_route,
				   .mac = wrong_mac,
				   .send = wrong_send,
				   .recv = wrong_recv,
				   .now = wrong_now,
				   .close = wrong_close };
	w->inner = nut_sim_new(seed);
	w->nut.ops = &w->ops;
	w->fault = ctx;
	if ((w->fault->claims & NUT_MCAST_ROUTING) == 0)
		w->ops.mroute = wrong_mroute;
	w->nut.has = (w->inner->has & ~NUT_CAN_ADVERTISE) | w->fault->claims;
	return &w->nut;
}

static struct nut *open_dead(void *ctx, uint64_t seed, char *why, size_t size)
{
	struct echoer *e = echoer_new();

	(void)ctx;
	(void)seed;
	(void)why;
	(void)size;
	e->dead = true;
	e->nut.has = UINT32_MAX & ~(NUT_USES_CLASS | NUT_USES_FLOW);
	return &e->nut;
}

static bool is_type(const struct pv *pv, unsigned type)
{
	return pv->kind == PV_ICMP6 && pv->type.v == type;
}

static bool reply_without_hops(struct pv *pv)
{
	if (is_type(pv, ICMP6_ECHO_REPLY))
		pv->hop_limit.v = 0;
	return true;
}

static bool reply_with_class(struct pv *pv)
{
	if (is_type(pv, ICMP6_ECHO_REPLY))
		pv->tclass.v = 32;
	return true;
}

static bool reply_with_flow(struct pv *pv)
{
	if (is_type(pv, ICMP6_ECHO_REPLY))
		pv->flow.v = 0x34567;
	return true;
}

static bool no_problems(struct pv *pv)
{
	return !is_type(pv, ICMP6_PARAM_PROB);
}

static bool wrong_pointer(struct pv *pv)
{
	if (is_type(pv, ICMP6_PARAM_PROB) && pv->param.v == IP6_NEXT_OFF)
		pv->param.v = 7;
	return true;
}

static bool any_version(struct pv *pv)
{
	pv->version.v = IP6_VERSION;
	return true;
}

static bool reads_on(struct pv *pv)
{
	if (pv->next.v == IP6_NH_NONE)
		pv->next.v = IP6_NH_ICMP6;
	return true;
}

static bool reads_on_behind_options(struct pv *pv)
{
	if (pv->n_ext == 1 && pv->ext[0].next.v == IP6_NH_NONE)
		pv->ext[0].next.v = IP6_NH_ICMP6;
	return true;
}

static bool cuts_behind_options(struct pv *pv)
{
	if (pv->n_ext == 1 && pv->ext[0].next.v == IP6_NH_NONE) {
		pv->data.n = 0;
		pv->plen.v = 8;
	}
	return true;
}

/* As who processes options before fragments. */
static bool looks_at_options_first(struct pv *pv)
{
	if (is_type(pv, ICMP6_PARAM_PROB) && pv->param.v == IP6_PLEN_OFF) {
		pv->code.v = ICMP6_PARAM_OPTION;
		pv->param.v = 0x3a;
	}
	return true;
}

static bool points_as_sent(struct pv *pv)
{
	if (is_type(pv, ICMP6_PARAM_PROB) && (pv->param.v == 0x3a || pv->param.v == 0x32))
		pv->param.v ^= 0x3a ^ 0x32;
	return true;
}

static bool not_odd(struct pv *pv)
{
	return pv->plen.v % 2 == 0;
}

static bool not_without_hops(struct pv *pv)
{
	return pv->hop_limit.v > 0;
}

static bool to_itself(const struct pv *pv)
{
	return pv->dst.a.b[0] == 0xfe && pv->dst.a.b[1] == 0x80;
}

static bool keeps_hops(struct pv *pv)
{
	if (is_type(pv, ICMP6_ECHO_REQUEST) && pv->hop_limit.v == 14)
		pv->hop_limit.v = 15;
	return true;
}

static bool clears_class(struct pv *pv)
{
	pv->tclass.v = 0;
	return true;
}

static bool clears_flow(struct pv *pv)
{
	pv->flow.v = 0;
	return true;
}

static bool cuts_behind_none(struct pv *pv)
{
	if (pv->next.v == IP6_NH_NONE) {
		pv->data.n = 0;
		pv->plen.v = 0;
	}
	return true;
}

static bool lets_link_local_out(struct pv *pv)
{
	static const struct ip6_addr global = { { 0x20, 0x01, 0x0d, 0xb8, 0, 0x0a, [15] = 2 } };

	if (pv->src.a.b[0] == 0xfe && pv->src.a.b[15] == 2 && !to_itself(pv))
		pv->src.a = global;
	return true;
}

static bool lets_nobody_send(struct pv *pv)
{
	static const struct ip6_addr global = { { 0x20, 0x01, 0x0d, 0xb8, 0, 0x0a, [15] = 2 } };

	if (ip6_is_unspec(&pv->src.a))
		pv->src.a = global;
	return true;
}

static bool believes_checksums(struct pv *pv)
{
	if (is_type(pv, ICMP6_ECHO_REPLY))
		pv->csum = IS(1);
	return true;
}

#define HEADER "v6lc.1.1.*"
#define EXT    "v6lc.1.2.[1-4]*"

/* Which parts of its role fail, in order: these and no others. */
static const struct fault faults[] = {
	/* clang-format off */
	{ "none", NULL, NULL, NUT_HOST, 0, HEADER, { NULL } },
	{ "none", NULL, NULL, NUT_ROUTER, 0, HEADER, { NULL } },
	{ "replies without hops", NULL, reply_without_hops, NUT_HOST, 0, HEADER, { "v6lc.1.1.8" } },
	{ "reflects the class", NULL, reply_with_class, NUT_HOST, 0, HEADER, { "v6lc.1.1.2" } },
	{ "reflects the flow", NULL, reply_with_flow, NUT_HOST, 0, HEADER, { "v6lc.1.1.4.a" } },
	{ "says nothing", NULL, no_problems, NUT_HOST, 0, HEADER, { "v6lc.1.1.7.a", "v6lc.1.1.7.b" } },
	{ "points elsewhere", NULL, wrong_pointer, NUT_HOST, 0, HEADER, { "v6lc.1.1.7.a" } },
	{ "takes any version", any_version, NULL, NUT_HOST, 0, HEADER, { "v6lc.1.1.1" } },
	{ "reads on", reads_on, NULL, NUT_HOST, 0, HEADER, { "v6lc.1.1.6.a" } },
	{ "hates odd lengths", not_odd, NULL, NUT_HOST, 0, HEADER, { "v6lc.1.1.5.a" } },
	{ "wants hops", not_without_hops, NULL, NUT_HOST, 0, HEADER, { "v6lc.1.1.8" } },
	{ "wrong checksums", NULL, believes_checksums, NUT_HOST, 0, HEADER,
	  { "v6lc.1.1.1", "v6lc.1.1.2", "v6lc.1.1.4.a", "v6lc.1.1.5.a", "v6lc.1.1.5.c",
	    "v6lc.1.1.6.a", "v6lc.1.1.7.a", "v6lc.1.1.8" } },
	{ "takes no hop off", NULL, keeps_hops, NUT_ROUTER, 0, HEADER, { "v6lc.1.1.9" } },
	{ "clears the class", NULL, clears_class, NUT_ROUTER, 0, HEADER, { "v6lc.1.1.3" } },
	{ "clears the flow", NULL, clears_flow, NUT_ROUTER, 0, HEADER, { "v6lc.1.1.4.b" } },
	{ "cuts off", NULL, cuts_behind_none, NUT_ROUTER, 0, HEADER, { "v6lc.1.1.6.b" } },
	{ "lets link-local out", lets_link_local_out, NULL, NUT_ROUTER, 0, HEADER, { "v6lc.1.1.10.e" } },
	{ "routes no groups", NULL, NULL, NUT_ROUTER, NUT_MCAST_ROUTING, HEADER,
	  { "v6lc.1.1.10.h", "v6lc.1.1.10.k" } },
	{ "lets nobody send", lets_nobody_send, NULL, NUT_ROUTER, 0, HEADER, { "v6lc.1.1.10.c" } },
	{ "says nothing", NULL, no_problems, NUT_HOST, 0, EXT,
	  { "v6lc.1.2.1", "v6lc.1.2.3.a", "v6lc.1.2.3.b", "v6lc.1.2.4.a", "v6lc.1.2.4.b",
	    "v6lc.1.2.4.c", "v6lc.1.2.4.d" } },
	{ "reads on", reads_on_behind_options, NULL, NUT_HOST, 0, EXT, { "v6lc.1.2.2.a" } },
	{ "cuts off", NULL, cuts_behind_options, NUT_ROUTER, 0, EXT, { "v6lc.1.2.2.b" } },
	{ "options first", NULL, looks_at_options_first, NUT_HOST, 0, EXT,
	  { "v6lc.1.2.4.b", "v6lc.1.2.4.c" } },
	{ "points elsewhere", NULL, points_as_sent, NUT_HOST, 0, EXT,
	  { "v6lc.1.2.3.b", "v6lc.1.2.4.a", "v6lc.1.2.4.d" } },
	/* clang-format on */
};

/* Writes down who failed. */
struct failed {
	struct out out;
	const char *id[1024];
	unsigned n, passed, others;
};

static void note(struct out *o, const struct result *r)
{
	struct failed *f = CONTAINER_OF(o, struct failed, out);

	assert_true(f->n < ARRAY_LEN(f->id));
	if (r->verdict == VERDICT_FAIL)
		f->id[f->n++] = r->part->id;
	else if (r->verdict != VERDICT_PASS && r->verdict != VERDICT_SKIP)
		f->others++;
}

static void run_with(struct failed *f, const struct run_conf *with, unsigned roles,
		     const char *glob)
{
	struct run_conf conf = *with;
	struct tally tally;

	conf.roles = roles;
	conf.nut_name = "wrong";
	conf.seed = 1;
	conf.globs = &glob;
	conf.n_globs = 1;
	conf.suite = strcmp(glob, EXT) == 0 ? "rfc8200-ext" : NULL; /* 1.2.10 matches, too */
	*f = (struct failed){ .out = { .part = note } };
	assert_int_equal(run_parts(&conf, &f->out, &tally), 0);
	assert_int_equal(tally.n, tally.by[VERDICT_PASS] + tally.by[VERDICT_SKIP] + f->n);
	f->passed = tally.by[VERDICT_PASS];
	assert_int_equal(f->others, 0);
}

static void test_wrong_devices(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(faults); i++) {
		struct fault fault = faults[i];
		struct failed f;
		unsigned n = 0;

		run_with(&f, &(struct run_conf){ .open = open_wrong, .ctx = &fault }, fault.role,
			 fault.parts);
		while (n < ARRAY_LEN(fault.caught_by) && fault.caught_by[n] != NULL) {
			if (n >= f.n || strcmp(f.id[n], fault.caught_by[n]) != 0)
				fail_msg("%s: not caught by %s", fault.name, fault.caught_by[n]);
			n++;
		}
		if (f.n != n)
			fail_msg("%s: %s fails too", fault.name, f.id[n]);
	}
}

/* Nothing passes, not even silence: it is expected only of what was proven alive before. */
static void test_dead_device(void **state)
{
	struct failed f;

	(void)state;
	run_with(&f, &(struct run_conf){ .open = open_dead }, NUT_HOST, "*");
	assert_true(f.n >= 17);
	assert_int_equal(f.passed, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_verdicts),    cmocka_unit_test(test_stray),
		cmocka_unit_test(test_wrong_link),  cmocka_unit_test(test_side_by_side),
		cmocka_unit_test(test_unanswered),  cmocka_unit_test(test_wrong_devices),
		cmocka_unit_test(test_dead_device),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
