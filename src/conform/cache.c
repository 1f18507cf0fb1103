/* SPDX-License-Identifier: BSD-3-Clause */
#include "conform/cache.h"

#include "conform/message.h"
#include "ip6/scope.h"

/* A kernel's timer of 45 s may fire 2 s late. An entry that nobody uses may be gone after 60 s. */
#define LATE (3 * NS_PER_S)

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

static struct pv solicitation(const struct tester *t, enum station_id who)
{
	return (struct pv){ .hop_limit = IS(255),
			    .kind = PV_ICMP6,
			    .type = IS(ICMP6_NS),
			    .code = IS(0),
			    .begin = IS_OCTETS(t->st[who].lla.b, IP6_ADDR_OCTETS) };
}

static struct pv in_group(const struct tester *t, enum station_id who)
{
	struct pv pv = solicitation(t, who);

	pv.dst = IS_ADDR(ip6_solicited_node(&t->st[who].lla));
	pv.eth_dst = IS_MAC(mac_of_group(&pv.dst.a));
	return pv;
}

static struct pv probe_at(const struct tester *t, enum station_id who, const struct mac *mac)
{
	struct pv pv = solicitation(t, who);

	pv.dst = IS_ADDR(t->st[who].lla);
	pv.eth_dst = IS_MAC(*mac);
	return pv;
}

/* When the device solicited for @who last. */
static time_ns last_asked(const struct tester *t, enum station_id who)
{
	struct pv any = solicitation(t, who);

	for (size_t i = t->record.n; i > t->boot; i--) {
		const struct seen *s = t->record.seen[i - 1];

		if (s->from_nut && s->ip6 && pv_match(&any, &s->pv) == 0)
			return s->when;
	}
	ASSERT_NOT_REACHED();
}

/* @n more like @want, RETRANS_TIMER apart (section 7.3.3: no more often, and no less). */
static void goes_on(struct tester *t, enum station_id who, const struct pv *want, unsigned n)
{
	time_ns last = last_asked(t, who);

	for (unsigned i = 0; i < n; i++)
		last = expect_at(t, t->st[who].link, time_after(last, RETRANS_TIMER), want)->when;
}

void cache_probed(struct tester *t, enum station_id who, const struct mac *mac, time_ns from)
{
	struct pv want = probe_at(t, who, mac);

	expect_at(t, t->st[who].link, time_after(from, DELAY_FIRST_PROBE_TIME), &want);
}

const struct seen *cache_pays(struct tester *t, enum station_id who, struct pv owed,
			      const struct mac *mac)
{
	owed.eth_dst = IS_MAC(*mac);
	return expect(t, t->st[who].link, REPLY_WITHIN, &owed);
}

/* @who answers what it was solicited for. */
static void advertise(struct tester *t, enum station_id who, uint32_t flags)
{
	const struct station *st = &t->st[who];
	struct pv pv = na(t, who, st->lla, nut_lla(t, who),
			  (st->router ? NA_ROUTER : 0) | NA_OVERRIDE | flags, &st->mac);

	tx(t, who, &pv);
}

void cache_grow_stale(struct tester *t)
{
	time_ns late = t->nut->ops->virtual_time ? 0 : MAX(tester_slack(t), LATE);

	pause_for(t, time_after(REACHABLE_TIME_MAX, late));
}

/* As the specification does it: unsolicited, so that what was owed is paid in doubt. */
static void bring_to_probe(struct tester *t, enum station_id who, struct pv owed)
{
	const struct mac *mac = &t->st[who].mac;

	advertise(t, who, 0);
	cache_probed(t, who, mac, cache_pays(t, who, owed, mac)->when);
}

struct pv cache_bring(struct tester *t, enum station_id who, enum cache_state state)
{
	struct station *st = &t->st[who];
	struct pv owed = { .kind = PV_ANY }, want = in_group(t, who);

	st->muted = true;
	if (state == CACHE_NONE)
		return owed;
	owed = echo(t, who);
	expect(t, st->link, REPLY_WITHIN, &want);
	if (state == CACHE_INCOMPLETE)
		return owed;
	if (state == CACHE_PROBE) {
		bring_to_probe(t, who, owed);
		return owed;
	}
	advertise(t, who, NA_SOLICITED);
	cache_pays(t, who, owed, &st->mac);
	if (state == CACHE_STALE)
		cache_grow_stale(t);
	return owed;
}

void cache_is_stale(struct tester *t, enum station_id who, const struct mac *mac)
{
	cache_probed(t, who, mac, cache_pays(t, who, echo(t, who), mac)->when);
}

void cache_is_reachable(struct tester *t, enum station_id who, const struct mac *mac)
{
	struct pv never = solicitation(t, who);

	cache_pays(t, who, echo(t, who), mac);
	silence(t, DELAY_FIRST_PROBE_TIME + NS_PER_S, &never);
}

void cache_is_incomplete(struct tester *t, enum station_id who)
{
	struct pv want = in_group(t, who);

	echo(t, who);
	expect(t, t->st[who].link, REPLY_WITHIN, &want);
}

void cache_still_sought(struct tester *t, enum station_id who)
{
	struct pv want = in_group(t, who);

	goes_on(t, who, &want, MAX_MULTICAST_SOLICIT - 1);
}

void cache_still_probed(struct tester *t, enum station_id who, const struct mac *mac)
{
	struct pv want = probe_at(t, who, mac);

	cache_pays(t, who, echo(t, who), mac);
	goes_on(t, who, &want, MAX_UNICAST_SOLICIT - 1);
}

void cache_told(struct tester *t, enum station_id who, enum cache_state state, enum cache_lla lla,
		struct pv owed)
{
	struct mac same = t->st[who].mac, other = other_mac(t, who);
	const struct mac *known = lla == LLA_OTHER ? &other : &same;

	switch (state) {
	case CACHE_NONE:
		if (lla == LLA_NONE)
			cache_is_incomplete(t, who);
		else
			cache_is_stale(t, who, known);
		return;
	case CACHE_INCOMPLETE:
		if (lla == LLA_NONE)
			cache_still_sought(t, who);
		else /* paid, and that use leads to a probe */
			cache_probed(t, who, known, cache_pays(t, who, owed, known)->when);
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

void cache_after(struct tester *t, enum station_id who, enum cache_state state, enum cache_lla lla,
		 void (*send)(struct tester *t, enum station_id who, const struct mac *lla))
{
	struct mac known = lla == LLA_OTHER ? other_mac(t, who) : t->st[who].mac;
	struct pv owed = cache_bring(t, who, state);

	send(t, who, lla == LLA_NONE ? NULL : &known);
	cache_told(t, who, state, lla, owed);
}

void cache_confirmed_every(struct tester *t, bool new, time_ns how_long, time_ns low, time_ns high)
{
	struct pv probe = { .dst = IS_ADDR(t->st[TN1].lla),
			    .kind = PV_ICMP6,
			    .type = IS(ICMP6_NS),
			    .begin = IS_OCTETS(t->st[TN1].lla.b, IP6_ADDR_OCTETS) };
	time_ns last = t->nut->ops->now(t->nut), until = time_after(last, how_long);
	bool judged = new;
	unsigned n = 0;
	size_t at;

	from_now(t);
	at = t->record.n;
	while (t->nut->ops->now(t->nut) < until) {
		ping(t, TN1);
		pause_for(t, NS_PER_S);
		for (; at < t->record.n; at++) {
			struct seen *s = t->record.seen[at];
			time_ns after;

			if (!s->from_nut || !s->ip6 || pv_match(&probe, &s->pv) != 0)
				continue;
			after = s->when - last;
			last = s->when;
			if (judged && (after + tester_slack(t) < low ||
				       after > high + NS_PER_S + tester_slack(t)))
				tester_fail(t, "a neighbor in use was asked for after %.3f s",
					    (double)after / (double)NS_PER_S);
			judged = true;
			n++;
		}
	}
	if (n < (how_long - high) / high)
		tester_fail(t, "a neighbor in use was asked for %u times only", n);
}
