/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * New addresses that their hosts tell routers of, RFC 9131. That a router enters such an address in
 * state STALE is seen by v6lc.2.1.16, too; here is what it is for.
 */
#include "conform/message.h"

#define ADVERTISEMENTS 3 /* MAX_NEIGHBOR_ADVERTISEMENT */
#define RETRANS_TIMER  NS_PER_S
#define DAD_WITHIN     (3 * NS_PER_S)
#define WATCHED	       (30 * NS_PER_S)
#define LIFETIME_S     1800

/* The device hears of a prefix, and makes an address of it. */
static void number(struct tester *t)
{
	struct pv pv = ra(t, TR1, LIFETIME_S, 0);

	option_prefix(t, &pv, &prefix_b, 64, PIO_ON_LINK | PIO_AUTO, LIFETIME_S, LIFETIME_S);
	ping(t, TN1);
	tx(t, TR1, &pv);
}

/* An advertisement that nobody asked for. */
static struct pv news(void)
{
	return (struct pv){
		.hop_limit = IS(255), .kind = PV_ICMP6, .type = IS(ICMP6_NA), .code = IS(0)
	};
}

static bool is_of_prefix(const struct seen *s)
{
	return s->pv.data.n >= IP6_ADDR_OCTETS && memcmp(s->pv.data.p, prefix_b.b, 8) == 0;
}

static void tells(struct tester *t)
{
	struct pv want = news();

	want.dst = IS_ADDR(all_routers);
	number(t);
	if (!is_of_prefix(expect(t, LINK_B, DAD_WITHIN, &want)))
		tester_fail(t, "the address is not of the prefix that was advertised");
}

static void check_one(struct tester *t, const struct seen *s, time_ns last)
{
	if (!ip6_eq(&s->pv.dst.a, &all_routers))
		tester_fail(t, "it is not sent to all routers");
	if ((s->pv.param.v & NA_OVERRIDE) != 0)
		tester_fail(t, "Override is set");
	if ((s->pv.param.v & NA_SOLICITED) != 0)
		tester_fail(t, "Solicited is set");
	if (!has_lla(&s->pv, 2, &s->pv.eth_src.m))
		tester_fail(t, "it does not tell the link-layer address");
	if (last != 0 && s->when + tester_slack(t) / 10 < last + RETRANS_TIMER)
		tester_fail(t, "two come %.3f s apart",
			    (double)(s->when - last) / (double)NS_PER_S);
}

/* What nobody asked for goes to a group. */
static void tells_how(struct tester *t)
{
	struct pv want = news();
	time_ns until, last = 0;
	unsigned n = 0;

	number(t);
	until = time_after(t->nut->ops->now(t->nut), WATCHED);
	for (;;) {
		struct seen *s = tester_take(t, until);

		if (s == NULL)
			break;
		if (!s->ip6 || s->link != LINK_B || pv_match(&want, &s->pv) != 0 ||
		    !ip6_is_mcast(&s->pv.dst.a) || !is_of_prefix(s))
			continue;
		check_one(t, tester_claim(t, s), last);
		last = s->when;
		if (++n > ADVERTISEMENTS)
			tester_fail(t, "there are more than %u", ADVERTISEMENTS);
	}
	if (n == 0)
		tester_skip(t, "it tells nobody of a new address, which RFC 9131 leaves to it");
}

/* Somebody far away writes to who told of itself: nobody has to be asked. */
static void is_known(struct tester *t)
{
	struct pv told = na(t, TN1, t->st[TN1].global, all_routers, 0, &t->st[TN1].mac), echo, want;

	setup_router(t);
	ping(t, TN2);
	t->st[TN1].muted = true;
	tx(t, TN1, &told);
	echo = echo_to(t, TN2, t->st[TN1].global);
	want = forwarded(tx(t, TN2, &echo));
	want.eth_dst = IS_MAC(t->st[TN1].mac);
	expect(t, LINK_B, REPLY_WITHIN, &want);
}

static const struct part parts[] = {
	{ "rfc9131.6.1.2.a", "a new address", "A host tells all routers of it.",
	  "RFC 9131 section 6.1.2", LEVEL_MAY, NUT_HOST, 0, NS_PER_S, tells },
	{ "rfc9131.6.1.2.b", "how it is told",
	  "At most three times, RetransTimer apart, to routers only, without Override.",
	  "RFC 9131 section 6.1.2", LEVEL_MUST, NUT_HOST, 0, NS_PER_S, tells_how },
	{ "rfc9131.6.1.1.a", "a packet for a host that told of its address",
	  "It does not wait for address resolution.", "RFC 9131 section 6.1.1", LEVEL_SHOULD,
	  NUT_ROUTER, NUT_CAN_ADDR | NUT_CAN_FORWARD, NS_PER_S, is_known },
};

const struct suite suite_rfc9131 = { "rfc9131", "new addresses told to routers (RFC 9131)", parts,
				     ARRAY_LEN(parts) };
