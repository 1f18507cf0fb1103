/* SPDX-License-Identifier: BSD-3-Clause */
#include "conform/cache.h"

#include "conform/message.h"
#include "ip6/scope.h"

struct mac other_mac(const struct tester *t, enum station_id who)
{
	struct mac m = t->st[who].mac;

	m.b[4] ^= 0x80;
	return m;
}

/* @who sends an echo request. Return: the answer to it. */
static struct pv echo(struct tester *t, enum station_id who)
{
	struct pv request = echo_to(t, who, nut_lla(t, who));

	return reply_to(tx(t, who, &request));
}

static const struct seen *answered_at(struct tester *t, enum station_id who, struct pv answer,
				      const struct mac *mac)
{
	answer.eth_dst = IS_MAC(*mac);
	return expect(t, t->st[who].link, REPLY_WITHIN, &answer);
}

static struct pv solicitation(const struct tester *t, enum station_id who)
{
	return (struct pv){ .hop_limit = IS(255),
			    .kind = PV_ICMP6,
			    .type = IS(ICMP6_NS),
			    .code = IS(0),
			    .begin = IS_OCTETS(t->st[who].lla.b, IP6_ADDR_OCTETS) };
}

static void expect_in_group(struct tester *t, enum station_id who)
{
	struct pv want = solicitation(t, who);

	want.dst = IS_ADDR(ip6_solicited_node(&t->st[who].lla));
	expect(t, t->st[who].link, REPLY_WITHIN, &want);
}

/* A probe comes @after the moment @from, neither earlier nor later. */
static const struct seen *expect_probe(struct tester *t, enum station_id who, const struct mac *mac,
				       time_ns from, time_ns after)
{
	time_ns now = t->nut->ops->now(t->nut), slack = tester_slack(t);
	struct pv want = solicitation(t, who);
	const struct seen *s;

	want.dst = IS_ADDR(t->st[who].lla);
	want.eth_dst = IS_MAC(*mac);
	s = expect(t, t->st[who].link, time_after(from, after) - MIN(now, time_after(from, after)),
		   &want);
	if (time_after(s->when, slack) < time_after(from, after))
		tester_fail(t, "a probe came %.3f s after what it follows, not %.3f s",
			    (double)(s->when - from) / (double)NS_PER_S,
			    (double)after / (double)NS_PER_S);
	return s;
}

struct pv cache_bring(struct tester *t, enum station_id who, enum cache_state state)
{
	struct station *st = &t->st[who];
	struct pv owed = { .kind = PV_ANY }, confirm;
	const struct seen *s;

	st->muted = true;
	if (state == CACHE_NONE)
		return owed;
	owed = echo(t, who);
	expect_in_group(t, who);
	if (state == CACHE_INCOMPLETE)
		return owed;
	confirm = na(t, who, st->lla, nut_lla(t, who),
		     (st->router ? NA_ROUTER : 0) | NA_SOLICITED | NA_OVERRIDE, &st->mac);
	tx(t, who, &confirm);
	answered_at(t, who, owed, &st->mac);
	if (state == CACHE_REACHABLE)
		return owed;
	pause_for(t, time_after(REACHABLE_TIME_MAX, tester_slack(t)));
	if (state == CACHE_STALE)
		return owed;
	s = answered_at(t, who, echo(t, who), &st->mac);
	expect_probe(t, who, &st->mac, s->when, DELAY_FIRST_PROBE_TIME);
	return owed;
}

void cache_is_stale(struct tester *t, enum station_id who, const struct mac *mac)
{
	const struct seen *s = answered_at(t, who, echo(t, who), mac);

	expect_probe(t, who, mac, s->when, DELAY_FIRST_PROBE_TIME);
}

void cache_is_reachable(struct tester *t, enum station_id who, const struct mac *mac)
{
	struct pv never = solicitation(t, who);

	answered_at(t, who, echo(t, who), mac);
	silence(t, DELAY_FIRST_PROBE_TIME + NS_PER_S, &never);
}

void cache_is_incomplete(struct tester *t, enum station_id who)
{
	echo(t, who);
	expect_in_group(t, who);
}

void cache_still_probed(struct tester *t, enum station_id who, const struct mac *mac)
{
	struct pv want = solicitation(t, who);

	want.dst = IS_ADDR(t->st[who].lla);
	want.eth_dst = IS_MAC(*mac);
	for (unsigned i = 1; i < MAX_UNICAST_SOLICIT; i++)
		expect(t, t->st[who].link, RETRANS_TIMER, &want);
}

/* What was owed is paid, and that use of the entry leads to a probe. */
static void was_completed(struct tester *t, enum station_id who, struct pv owed,
			  const struct mac *mac)
{
	const struct seen *s = answered_at(t, who, owed, mac);

	expect_probe(t, who, mac, s->when, DELAY_FIRST_PROBE_TIME);
}

/* In INCOMPLETE, after the first of MAX_MULTICAST_SOLICIT: the others come. */
static void still_sought(struct tester *t, enum station_id who)
{
	for (unsigned i = 1; i < MAX_MULTICAST_SOLICIT; i++)
		expect_in_group(t, who);
}

void cache_after(struct tester *t, enum station_id who, enum cache_state state, enum cache_lla lla,
		 void (*send)(struct tester *t, enum station_id who, const struct mac *lla))
{
	struct mac same = t->st[who].mac, other = other_mac(t, who);
	const struct mac *known = lla == LLA_OTHER ? &other : &same;
	struct pv owed = cache_bring(t, who, state);

	send(t, who, lla == LLA_NONE ? NULL : known);
	switch (state) {
	case CACHE_NONE:
		if (lla == LLA_NONE)
			cache_is_incomplete(t, who);
		else
			cache_is_stale(t, who, known);
		return;
	case CACHE_INCOMPLETE:
		if (lla == LLA_NONE)
			still_sought(t, who);
		else
			was_completed(t, who, owed, known);
		return;
	case CACHE_REACHABLE:
		if (lla == LLA_OTHER)
			cache_is_stale(t, who, known);
		else
			cache_is_reachable(t, who, known);
		return;
	case CACHE_STALE:
		cache_is_stale(t, who, known);
		return;
	case CACHE_PROBE:
		if (lla == LLA_OTHER)
			cache_is_stale(t, who, known);
		else
			cache_still_probed(t, who, known);
		return;
	}
	ASSERT_NOT_REACHED();
}
