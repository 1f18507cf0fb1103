/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Theory of operation: what the tester sends goes to the node, which is a listener, and is read
 * here as a router would. What the router has to send waits in a queue and comes out of recv()
 * with what the node sends; its own timers are looked at there, too. Source and filter timers are
 * times, looked at when they matter.
 */
#include "conform/mld_device.h"

#include <stdlib.h>
#include <string.h>

#include "conform/mld_msg.h"
#include "conform/mld_script.h"
#include "ip6/scope.h"
#include "mld/msg.h"

#define GROUPS	    16
#define SOURCES	    MLD_LIST_MAX
#define QUEUE	    256
#define PER_PACKET  89
#define FAULTY	    (d->fault)
#define NEVER	    INT64_MAX
#define HALF_MINUTE (30 * NS_PER_S)

struct source {
	struct ip6_addr a;
	time_ns end;   /* 0: excluded */
	bool gone;     /* no record; asked about once more */
	unsigned left; /* queries to come */
};

struct group {
	bool there, exclude;
	struct ip6_addr a;
	time_ns filter, v1, ask_s, ask_g;
	unsigned left_g, n;
	struct source s[SOURCES];
};

struct side {
	struct mld_router_conf own, c; /* configured; in force */
	bool on, querier;
	unsigned first; /* queries at the start that are to come */
	time_ns general, other;
	struct group g[GROUPS];
};

struct frame {
	time_ns when;
	enum nut_link link;
	size_t n;
	uint8_t *p;
};

struct device {
	struct nut *nut;
	struct nut_ops ops;
	const struct nut_ops *real;
	enum mld_fault fault;
	bool v2_only;
	struct side side[NUT_LINKS];
	struct frame q[QUEUE], last;
	unsigned n;
};

static struct device *device_of(struct nut *nut)
{
	return CONTAINER_OF(nut->ops, struct device, ops);
}

static time_ns now(struct device *d)
{
	return d->real->now(d->nut);
}

static time_ns llqt(const struct side *s)
{
	return mld_llqt(&s->c);
}

static time_ns mali(const struct device *d, const struct side *s)
{
	return mld_mali(FAULTY == DEFAULT_MALI ? &s->own : &s->c) -
	       (FAULTY == SOURCE_ENDS_EARLY  ? HALF_MINUTE
		: FAULTY == SOURCE_ENDS_LATE ? -HALF_MINUTE
					     : 0);
}

/*
 * Sending.
 */

static struct ip6_addr own_address(struct device *d, enum nut_link link)
{
	struct mac m = d->real->mac(d->nut, link);

	return (struct ip6_addr){ { 0xfe, 0x80, 0, 0, 0, 0, 0, 0, m.b[0] ^ 2, m.b[1], m.b[2], 0xff,
				    0xfe, m.b[3], m.b[4], m.b[5] } };
}

static void enqueue(struct device *d, enum nut_link link, const struct pv *pv)
{
	uint8_t frame[PV_FRAME_MAX];
	size_t n = pv_build(pv, frame, sizeof(frame));
	uint8_t *p = malloc(n);

	ASSERT(n > 0 && p != NULL && d->n < QUEUE);
	memcpy(p, frame, n);
	d->q[d->n++] = (struct frame){ now(d), link, n, p };
}

static unsigned code_of(const struct device *d, time_ns delay)
{
	uint64_t ms = (uint64_t)(delay / NS_PER_MS);
	unsigned exp = 0;

	if (ms < 32768 || FAULTY == DELAY_CODE_LINEAR)
		return (unsigned)MIN(ms, 65535u);
	for (ms >>= 3; ms >= 8192; ms >>= 1)
		exp++;
	return 0x8000u | exp << 12 | ((unsigned)ms & 0xfff);
}

static unsigned qqic_of(const struct device *d, time_ns interval)
{
	uint64_t s = (uint64_t)(interval / NS_PER_S);
	unsigned exp = 0;

	if (s < 128 || FAULTY == INTERVAL_CODE_LINEAR)
		return (unsigned)MIN(s, 255u);
	for (s >>= 3; s >= 32; s >>= 1)
		exp++;
	return 0x80u | exp << 4 | ((unsigned)s & 0xf);
}

static unsigned qrv_of(const struct device *d, unsigned robustness)
{
	return robustness <= 7 ? robustness : FAULTY == QRV_CUT ? 7 : 0;
}

static void send_query(struct device *d, enum nut_link link, const struct mq *q)
{
	static const uint8_t alert[] = { 5, 2, 0, 0, 1, 0 }, padn[] = { 1, 4, 0, 0, 0, 0 };
	static const struct ip6_addr all = { { 0xff, 0x02, [15] = 1 } };
	const struct side *s = &d->side[link];
	struct ip6_addr dst = ip6_is_unspec(&q->group) ? all : q->group;
	uint8_t data[PV_FRAME_MAX] = { 0 };
	bool v1 = s->c.version == 1 && FAULTY != V1_SENDS_V2;
	size_t n = v1 ? 16 : 20 + q->list.n * IP6_ADDR_OCTETS;
	struct pv pv = { .eth_src = IS_MAC(d->real->mac(d->nut, link)),
			 .eth_dst = IS_MAC(mac_of_group(&dst)),
			 .src = IS_ADDR(own_address(d, link)),
			 .dst = IS_ADDR(dst),
			 .hop_limit = IS(FAULTY == SENDS_HOP_LIMIT_2 ? 2 : 1),
			 .n_ext = 1,
			 .kind = PV_ICMP6,
			 .type = IS(ICMP6_MLD_QUERY),
			 .param = IS((uint32_t)q->code << 16),
			 .data = IS_OCTETS(data, n + (FAULTY == SENDS_TAIL ? 8 : 0)) };

	pv.ext[0] = (struct pv_ext){ .kind = IP6_NH_HBH,
				     .body = IS_OCTETS(FAULTY == SENDS_NO_ALERT ? padn : alert,
						       sizeof(alert)) };
	memcpy(data, q->group.b, IP6_ADDR_OCTETS);
	if (!v1) {
		data[16] = (uint8_t)((q->s ? 8 : 0) | qrv_of(d, s->c.robustness));
		data[17] = (uint8_t)qqic_of(d, s->c.query_interval);
		put_be16(data + 18, (uint16_t)q->list.n);
	}
	for (unsigned i = 0; i < q->list.n; i++)
		memcpy(data + 20 + i * IP6_ADDR_OCTETS, q->list.a[i].b, IP6_ADDR_OCTETS);
	enqueue(d, link, &pv);
}

static void send_general(struct device *d, enum nut_link link)
{
	struct mq q = { .code = (uint16_t)code_of(d, d->side[link].c.response_interval) };

	send_query(d, link, &q);
}

/* As many sources as there are, in as many packets as they need. */
static void send_specific(struct device *d, enum nut_link link, const struct group *g, bool s,
			  const struct mld_list *l)
{
	unsigned most = FAULTY == ALL_IN_ONE_PACKET ? MLD_LIST_MAX : PER_PACKET;

	for (unsigned i = 0; i == 0 || i < l->n; i += most) {
		struct mq q = { .code = (uint16_t)code_of(d, d->side[link].c.last_interval),
				.group = g->a,
				.s = s && FAULTY != S_NEVER };

		q.s |= FAULTY == S_ALWAYS;
		q.list.n = MIN(most, l->n - i);
		memcpy(q.list.a, l->a + i, q.list.n * sizeof(l->a[0]));
		send_query(d, link, &q);
	}
}

/* RFC 3810 section 7.6.3.2. */
static void ask_sources(struct device *d, enum nut_link link, struct group *g)
{
	struct mld_list high = { 0 }, low = { 0 };
	unsigned left = 0;

	for (unsigned i = 0; i < g->n; i++) {
		struct source *s = &g->s[i];
		bool wanted = s->gone || s->end > now(d) + llqt(&d->side[link]);

		if (s->left == 0)
			continue;
		left += --s->left;
		if (!wanted)
			low.a[low.n++] = s->a;
		else if (FAULTY != WANTED_AGAIN_FORGOTTEN)
			high.a[high.n++] = s->a;
	}
	if (high.n > 0)
		send_specific(d, link, g, true, &high);
	if (low.n > 0)
		send_specific(d, link, g, false, &low);
	g->ask_s = left > 0 ? now(d) + d->side[link].c.last_interval * (FAULTY == ASKS_LATE ? 2 : 1)
			    : NEVER;
}

static void ask_group(struct device *d, enum nut_link link, struct group *g)
{
	struct mld_list none = { 0 };

	send_specific(d, link, g, g->filter > now(d) + llqt(&d->side[link]), &none);
	g->ask_g = --g->left_g > 0 ? now(d) + d->side[link].c.last_interval : NEVER;
}

/*
 * State.
 */

static struct source *find(struct group *g, const struct ip6_addr *a)
{
	for (unsigned i = 0; i < g->n; i++)
		if (ip6_eq(&g->s[i].a, a))
			return &g->s[i];
	return NULL;
}

static struct source *add(struct group *g, const struct ip6_addr *a)
{
	struct source *s = find(g, a);

	if (s == NULL) {
		ASSERT(g->n < SOURCES);
		s = &g->s[g->n++];
		*s = (struct source){ .a = *a, .gone = true };
	}
	return s;
}

/* In the Include or Requested List; in the Exclude List. */
static bool runs(const struct source *s)
{
	return s != NULL && !s->gone && s->end > 0;
}

static bool excluded(const struct source *s)
{
	return s != NULL && !s->gone && s->end == 0;
}

static bool in(const struct mld_list *l, const struct ip6_addr *a)
{
	for (unsigned i = 0; i < l->n; i++)
		if (ip6_eq(&l->a[i], a))
			return true;
	return false;
}

static void set(struct group *g, const struct mld_list *l, time_ns end)
{
	for (unsigned i = 0; i < l->n; i++) {
		struct source *s = add(g, &l->a[i]);

		s->gone = false;
		s->end = end;
	}
}

/* Timers that are over: RFC 3810 sections 7.2.3 and 7.5. */
static void expire(struct device *d, struct group *g)
{
	time_ns t = now(d);
	bool ends = g->exclude && g->filter <= t && FAULTY != FILTER_NEVER_ENDS;
	unsigned kept = 0;

	for (unsigned i = 0; i < g->n; i++) {
		struct source *s = &g->s[i];
		bool done = runs(s) && s->end <= t;

		if (ends && (excluded(s) || done || FAULTY == FILTER_END_FORGETS_SOURCES))
			continue;
		if (done && g->exclude && FAULTY != EXCLUDED_ON_END_FORGOTTEN)
			s->end = 0;
		else if (done)
			continue;
		g->s[kept++] = *s;
	}
	g->n = kept;
	if (ends)
		g->exclude = false;
	if (!g->exclude) {
		unsigned records = 0;

		for (unsigned i = 0; i < g->n; i++)
			records += !g->s[i].gone;
		g->there = records > 0;
	}
}

static struct group *group_of(struct device *d, enum nut_link link, const struct ip6_addr *a,
			      bool make)
{
	struct group *free_one = NULL;

	for (unsigned i = 0; i < GROUPS; i++) {
		struct group *g = &d->side[FAULTY == LINKS_MIXED ? LINK_B : link].g[i];

		if (g->there)
			expire(d, g);
		if (g->there && ip6_eq(&g->a, a))
			return g;
		if (!g->there && free_one == NULL)
			free_one = g;
	}
	if (!make)
		return NULL;
	ASSERT(free_one != NULL);
	*free_one = (struct group){ .there = true, .a = *a, .ask_s = NEVER, .ask_g = NEVER };
	return free_one;
}

/* Send Q(MA,X) of the table in section 7.4.2. */
static void q_sources(struct device *d, enum nut_link link, struct group *g,
		      const struct mld_list *x)
{
	struct side *s = &d->side[link];
	time_ns soon = now(d) + llqt(s);
	bool asked = false;

	if (!s->querier && FAULTY != NOT_QUERIER_ASKS)
		return;
	for (unsigned i = 0; i < x->n; i++) {
		struct source *src = find(g, &x->a[i]);

		if (!runs(src) || (src->end <= soon && FAULTY != LOW_SOURCE_ASKED_AGAIN))
			continue;
		if (FAULTY != SOURCE_NOT_LOWERED)
			src->end = soon;
		src->left = FAULTY == ASKS_ONCE	       ? 1
			    : FAULTY == ASKS_TOO_OFTEN ? s->c.robustness + 1u
						       : s->c.robustness;
		if (FAULTY == IN_BLOCK_DELETES && !g->exclude)
			src->end = now(d);
		asked = true;
	}
	if (asked && (g->ask_s == NEVER || FAULTY != NEW_NOT_MERGED))
		ask_sources(d, link, g);
}

/* Send Q(MA). */
static void q_group(struct device *d, enum nut_link link, struct group *g)
{
	struct side *s = &d->side[link];

	if (!s->querier && FAULTY != NOT_QUERIER_ASKS)
		return;
	if (FAULTY != FILTER_NOT_LOWERED)
		g->filter = MIN(g->filter, now(d) + llqt(s));
	if (FAULTY == CHECKING_STOPS)
		g->filter = now(d);
	g->left_g = FAULTY == ASKS_ONCE ? 1 : s->c.robustness;
	ask_group(d, link, g);
}

/* Those of @l that are in the Include or Requested List (@a), excluded (@b), or neither (@c). */
static struct mld_list those(struct group *g, const struct mld_list *l, bool a, bool b, bool c)
{
	struct mld_list ret = { 0 };

	for (unsigned i = 0; i < l->n; i++) {
		const struct source *s = find(g, &l->a[i]);

		if (runs(s) ? a : excluded(s) ? b : c)
			ret.a[ret.n++] = l->a[i];
	}
	return ret;
}

/* Those in the Include or Requested List that @l does not have. */
static struct mld_list others(const struct group *g, const struct mld_list *l)
{
	struct mld_list ret = { 0 };

	for (unsigned i = 0; i < g->n; i++)
		if (runs(&g->s[i]) && !in(l, &g->s[i].a))
			ret.a[ret.n++] = g->s[i].a;
	return ret;
}

static void delete_others(struct group *g, const struct mld_list *l, bool requested, bool excl)
{
	for (unsigned i = 0; i < g->n; i++) {
		struct source *s = &g->s[i];

		if (in(l, &s->a) || (runs(s) && !requested) || (excluded(s) && !excl))
			continue;
		s->gone = true;
	}
}

static void include(struct device *d, enum nut_link link, struct group *g, const struct mrec *r)
{
	const struct mld_list *b = &r->list;
	time_ns end = now(d) + mali(d, &d->side[link]);
	bool to = r->type == MLD_TO_EX;
	struct mld_list fresh = those(g, b, false, false, true),
			old = those(g, b, true, false, false);
	struct mld_list rest = others(g, b);

	switch ((enum mld_record_type)r->type) {
	case MLD_IS_IN:
		if (FAULTY == IN_IS_IN_NOT_RENEWED)
			set(g, &fresh, end);
		else if (FAULTY != IN_IS_IN_IGNORED)
			set(g, b, end);
		return;
	case MLD_ALLOW:
		if (FAULTY != IN_ALLOW_IGNORED)
			set(g, b, end);
		return;
	case MLD_BLOCK:
		if (FAULTY != IN_BLOCK_IGNORED)
			q_sources(d, link, g, &old);
		return;
	case MLD_TO_IN:
		if (FAULTY != IN_TO_IN_IGNORED)
			set(g, b, end);
		if (FAULTY != IN_TO_IN_ASKS_NOT)
			q_sources(d, link, g, &rest);
		return;
	case MLD_IS_EX:
	case MLD_TO_EX:
		if (FAULTY == IN_IS_EX_IGNORED && !to)
			return;
		g->exclude = true;
		g->filter = end - (FAULTY == FILTER_ENDS_EARLY ? HALF_MINUTE : 0);
		set(g, &fresh, FAULTY == IN_IS_EX_REQUESTS_NEW ? end : 0);
		if (FAULTY != (to ? IN_TO_EX_KEEPS_OTHERS : IN_IS_EX_KEEPS_OTHERS))
			delete_others(g, b, true, true);
		if (to && FAULTY != IN_TO_EX_ASKS_NOT)
			q_sources(d, link, g, &old);
		return;
	}
}

/* IS_EX and TO_EX of the tables, in EXCLUDE mode. */
static void exclude_anew(struct device *d, enum nut_link link, struct group *g,
			 const struct mrec *r)
{
	const struct mld_list *a = &r->list;
	time_ns end = now(d) + mali(d, &d->side[link]);
	bool to = r->type == MLD_TO_EX;
	struct mld_list fresh = those(g, a, false, false, true), ask;

	set(g, &fresh, to ? g->filter : FAULTY == EX_IS_EX_EXCLUDES_NEW ? 0 : end);
	delete_others(g, a, FAULTY != (to ? EX_TO_EX_KEEPS_REQUESTED : EX_IS_EX_KEEPS_REQUESTED),
		      FAULTY != EX_IS_EX_KEEPS_EXCLUDED);
	if (FAULTY != (to ? EX_TO_EX_FILTER_NOT_RENEWED : EX_IS_EX_FILTER_NOT_RENEWED))
		g->filter = end - (FAULTY == FILTER_ENDS_EARLY ? HALF_MINUTE : 0);
	ask = those(g, a, true, false, false);
	if (to && FAULTY != EX_TO_EX_ASKS_NOT)
		q_sources(d, link, g, &ask);
}

static void exclude(struct device *d, enum nut_link link, struct group *g, const struct mrec *r)
{
	const struct mld_list *a = &r->list;
	time_ns end = now(d) + mali(d, &d->side[link]);
	struct mld_list fresh = those(g, a, false, false, true), rest = others(g, a), ask;

	switch ((enum mld_record_type)r->type) {
	case MLD_IS_IN:
		ask = those(g, a, true, false, true);
		if (FAULTY != EX_IS_IN_IGNORED)
			set(g, FAULTY == EX_IS_IN_LEAVES_EXCLUDED ? &ask : a, end);
		return;
	case MLD_ALLOW:
		if (FAULTY != EX_ALLOW_IGNORED)
			set(g, a, end);
		return;
	case MLD_BLOCK:
		if (FAULTY == EX_BLOCK_IGNORED)
			return;
		set(g, &fresh, g->filter);
		ask = those(g, a, true, false, false);
		if (FAULTY == EX_BLOCK_ASKS_ALL) {
			set(g, a, g->filter);
			ask = *a;
		}
		q_sources(d, link, g, &ask);
		return;
	case MLD_TO_IN:
		if (FAULTY != EX_TO_IN_IGNORES_SOURCES)
			set(g, a, end);
		if (FAULTY != EX_TO_IN_ASKS_GROUP_ONLY)
			q_sources(d, link, g, &rest);
		if (FAULTY != EX_TO_IN_ASKS_SOURCES_ONLY)
			q_group(d, link, g);
		return;
	case MLD_IS_EX:
		if (FAULTY != EX_IS_EX_IGNORED)
			exclude_anew(d, link, g, r);
		return;
	case MLD_TO_EX:
		exclude_anew(d, link, g, r);
		return;
	}
}

/* RFC 3810 section 8.3.2: what MLDv1 mode makes of a record. Return: false if nothing. */
static bool in_v1_mode(struct device *d, enum nut_link link, const struct group *g, struct mrec *r)
{
	time_ns end = g->v1;

	for (unsigned i = 0; FAULTY == V1_MODE_OF_LINK && i < GROUPS; i++)
		end = MAX(end, d->side[link].g[i].v1);
	if (FAULTY == V1_MODE_OF_ALL_LINKS) {
		const struct group *other =
			group_of(d, link == LINK_A ? LINK_B : LINK_A, &g->a, false);

		end = MAX(end, other != NULL ? other->v1 : 0);
	}
	if (end == 0 || (end <= now(d) && FAULTY != V1_MODE_STAYS))
		return true;
	if (r->type == MLD_BLOCK)
		return FAULTY == V1_BLOCK_TAKEN;
	if (r->type == MLD_TO_EX && FAULTY != V1_TO_EX_SOURCES_TAKEN)
		r->list.n = 0;
	return true;
}

static void take_record(struct device *d, enum nut_link link, struct mrec r)
{
	static const struct ip6_addr all = { { 0xff, 0x02, [15] = 1 } };
	struct group *g;
	unsigned kept = 0;

	if ((!ip6_is_mcast(&r.group) || ip6_eq(&r.group, &all)) && FAULTY != ODD_GROUP_TAKEN)
		return;
	for (unsigned i = 0; i < r.list.n; i++)
		if ((!ip6_is_mcast(&r.list.a[i]) && !ip6_is_unspec(&r.list.a[i])) ||
		    FAULTY == ODD_SOURCE_TAKEN)
			r.list.a[kept++] = r.list.a[i];
	r.list.n = kept;
	g = group_of(d, link, &r.group, true);
	if (!in_v1_mode(d, link, g, &r)) {
		expire(d, g);
		return;
	}
	if (g->exclude)
		exclude(d, link, g, &r);
	else
		include(d, link, g, &r);
	expire(d, g);
}

/*
 * Hearing.
 */

static void take_v2_report(struct device *d, enum nut_link link, const struct pv *pv)
{
	unsigned n = pv->param.v & 0xffff;
	struct pv all = *pv;
	struct mrec r;
	size_t octets = 0;

	if (!ip6_eq(&pv->dst.a, &all_mld_routers) && FAULTY != ANY_SOURCE_ADDRESS)
		return;
	for (unsigned i = 0; i < n; i++) {
		if (!mrec_of(pv, i, &r) && FAULTY != SHORT_REPORT_TAKEN)
			return;
		octets += RECORD_OCTETS + r.list.n * IP6_ADDR_OCTETS;
	}
	if (FAULTY == COUNT_UNREAD)
		all.param.v = n = 9;
	if (FAULTY == TAIL_REFUSED && octets < pv->data.n)
		return;
	/* the last may have auxiliary data that are not there */
	if (n > 0 && mrec_of(pv, n - 1, &r) && FAULTY != AUX_UNREAD && FAULTY != COUNT_UNREAD) {
		octets = 0;
		for (unsigned i = 0; i < n; i++) {
			const uint8_t *p = pv->data.p + octets;

			octets += RECORD_OCTETS + get_be16(p + 2) * (size_t)IP6_ADDR_OCTETS +
				  p[1] * (size_t)AUX_UNIT;
		}
		if (octets > pv->data.n)
			return;
	}
	for (unsigned i = 0; i < n && mrec_of(&all, i, &r); i++) {
		bool known = r.type >= MLD_IS_IN && r.type <= MLD_BLOCK;

		if (r.type == 0 && FAULTY == RECORD_0_TAKEN) {
			r.type = MLD_IS_IN;
			known = true;
		}
		if (!known && FAULTY == UNKNOWN_RECORD_ENDS)
			return;
		if (known)
			take_record(d, link, r);
		if (FAULTY == SECOND_RECORD_UNREAD)
			return;
	}
}

static void take_v1(struct device *d, enum nut_link link, const struct pv *pv)
{
	struct side *s = &d->side[link];
	bool done = pv->type.v == ICMP6_MLD_DONE;
	struct mrec r = { .type = done ? MLD_TO_IN : MLD_IS_EX };
	struct group *g;

	if (pv->data.n < IP6_ADDR_OCTETS && FAULTY != SHORT_REPORT_TAKEN)
		return;
	if (pv->data.n > IP6_ADDR_OCTETS && FAULTY == TAIL_REFUSED)
		return;
	if ((d->v2_only && FAULTY != V2_ONLY_IGNORED) ||
	    FAULTY == (done ? V1_DONE_IGNORED : V1_REPORT_IGNORED))
		return;
	memcpy(r.group.b, pv->data.p, MIN(pv->data.n, (size_t)IP6_ADDR_OCTETS));
	if (pv->data.n < IP6_ADDR_OCTETS)
		r.group.b[15] = 3; /* it reads what is not there */
	g = group_of(d, link, &r.group, false);
	if (done && g == NULL && FAULTY == V1_DONE_OF_OTHER_GROUP) {
		struct mld_list none = { 0 };

		send_specific(d, link, &(struct group){ .a = r.group }, false, &none);
	}
	if (done &&
	    (g == NULL || (s->c.version == 1 && !s->querier && FAULTY != V1_NOT_QUERIER_DONE)))
		return;
	if (done && !s->querier && FAULTY == V1_NOT_QUERIER_DONE) {
		g->filter = now(d) + llqt(s);
		return;
	}
	take_record(d, link, r);
	g = done ? NULL : group_of(d, link, &r.group, false);
	if (g == NULL)
		return;
	g->v1 = now(d) + mld_mali(&s->c);
	if (s->c.version == 1)
		g->ask_g = NEVER;
}

/* RFC 3810 sections 5.1.8 and 5.1.9. */
static void adopt(struct device *d, struct side *s, const struct mq *q)
{
	uint64_t qqi = q->qqic < 128
			       ? q->qqic
			       : (uint64_t)((q->qqic & 0xf) | 0x10) << ((q->qqic >> 4 & 7) + 3);

	if (q->version == 1)
		return;
	if (FAULTY != QRV_NOT_ADOPTED)
		s->c.robustness = q->qrv != 0 ? q->qrv : MLD_ROBUSTNESS;
	if (FAULTY != QQIC_NOT_ADOPTED)
		s->c.query_interval = q->qqic != 0		 ? (time_ns)qqi * NS_PER_S
				      : FAULTY == QQIC_0_ADOPTED ? 0
								 : MLD_QUERY_INTERVAL;
}

/* Section 7.6.1, RFC 2710 section 4. */
static void lower(struct device *d, enum nut_link link, const struct mq *q)
{
	struct side *s = &d->side[link];
	struct group *g = group_of(d, link, &q->group, false);
	time_ns soon = now(d) +
		       (s->c.version == 1 ? s->c.robustness * (q->code * NS_PER_MS) : llqt(s));

	if (g == NULL || (q->s && FAULTY != S_LOWERS) || FAULTY == V1_NOT_QUERIER_KEEPS)
		return;
	if (FAULTY == V1_NOT_QUERIER_STOPS_AT_ONCE)
		soon = now(d);
	if (q->list.n == 0)
		g->filter = MIN(g->filter, soon);
	for (unsigned i = 0; i < q->list.n; i++) {
		struct source *src = find(g, &q->list.a[i]);

		if (runs(src))
			src->end = MIN(src->end, soon);
	}
}

static void take_query(struct device *d, enum nut_link link, const struct pv *pv)
{
	struct side *s = &d->side[link];
	struct ip6_addr own = own_address(d, link);
	bool general, is_lower;
	struct mq q = { .version = 2, .qrv = 2, .qqic = 125 };

	if (!mq_of(pv, &q) && FAULTY != SHORT_QUERY_TAKEN)
		return;
	if (FAULTY == QUERY_TO_GROUP_MALFORMED && !ip6_is_mcast(&pv->dst.a))
		return;
	if (FAULTY == TAIL_REFUSED && pv->data.n > 20 + q.list.n * (size_t)IP6_ADDR_OCTETS)
		return;
	general = ip6_is_unspec(&q.group);
	if ((general ? q.list.n > 0 : !ip6_is_mcast(&q.group)) && FAULTY != ODD_GROUP_TAKEN)
		return;
	is_lower = memcmp(pv->src.a.b + 8, own.b + 8, 8) < 0 || FAULTY == HIGHER_WINS;
	if (!general)
		lower(d, link, &q);
	if ((q.version == 1 && s->c.version == 2 && FAULTY != V1_QUERY_ELECTS) || !is_lower ||
	    FAULTY == ALWAYS_QUERIER || (!general && FAULTY == SPECIFIC_NOT_ELECTED) ||
	    (q.s && FAULTY == S_NOT_ELECTED))
		return;
	adopt(d, s, &q);
	s->querier = false;
	s->general = NEVER;
	s->other = now(d) + s->c.robustness * s->c.query_interval + s->own.response_interval / 2;
	if (FAULTY == NEVER_SUCCEEDS)
		s->other = NEVER;
	if (FAULTY == OTHER_TIMEOUT_LONG)
		s->other += s->own.response_interval / 2;
	for (unsigned i = 0; i < GROUPS; i++) {
		s->g[i].ask_s = NEVER;
		if (s->c.version == 2 || FAULTY == V1_NO_MORE_QUERIER_STOPS)
			s->g[i].ask_g = NEVER;
	}
}

static bool good_form(const struct device *d, const struct pv *pv)
{
	static const struct ip6_addr link_local = { { 0xfe, 0x80 } };
	bool alert = pv->n_ext == 1 && pv->ext[0].body.n >= 2 && pv->ext[0].body.p[0] == 5;

	return (!pv->csum_wrong || FAULTY == CHECKSUM_UNREAD) &&
	       (pv->hop_limit.v == 1 || FAULTY == ANY_HOP_LIMIT) &&
	       (ip6_in_prefix(&pv->src.a, &link_local, 64) || FAULTY == ANY_SOURCE_ADDRESS) &&
	       (alert || FAULTY == NO_ALERT_NEEDED) && (pv->code.v == 0 || FAULTY != CODE_READ);
}

static void hear(struct device *d, enum nut_link link, const struct pv *pv)
{
	if (pv->kind != PV_ICMP6 || pv->bad != NULL || !good_form(d, pv))
		return;
	switch (pv->type.v) {
	case ICMP6_MLD_QUERY:
		take_query(d, link, pv);
		return;
	case ICMP6_MLD2_REPORT:
		if (d->side[link].c.version == 2)
			take_v2_report(d, link, pv);
		return;
	case ICMP6_MLD_REPORT:
	case ICMP6_MLD_DONE:
		take_v1(d, link, pv);
		return;
	}
}

/* From link A to link B, as far as anybody listens. */
static void pass(struct device *d, enum nut_link link, const struct pv *pv)
{
	struct pv out = *pv;
	const struct group *g;

	if (link != LINK_A || !ip6_is_mcast(&pv->dst.a) || ip6_scope(&pv->dst.a) <= SCOPE_LINK ||
	    pv->hop_limit.v < 2)
		return;
	g = group_of(d, LINK_B, &pv->dst.a, false);
	if ((g == NULL && FAULTY != PASSES_ALWAYS) || FAULTY == PASSES_NEVER)
		return;
	out.eth_src = IS_MAC(d->real->mac(d->nut, LINK_B));
	out.hop_limit.v--;
	enqueue(d, LINK_B, &out);
}

/*
 * The device.
 */

static int device_mld_router(struct nut *nut, enum nut_link link, const struct mld_router_conf *c)
{
	struct device *d = device_of(nut);
	struct side *s = &d->side[link];

	memset(s, 0, sizeof(*s));
	s->on = s->querier = true;
	s->own = s->c = *c;
	s->other = NEVER;
	s->general = now(d);
	s->first = FAULTY == STARTS_WITH_ONE ? 1 : c->robustness;
	return d->real->listen(nut, link, &all_mld_routers, true, NULL, 0);
}

static int device_mld_option(struct nut *nut, enum nut_mld_option option, bool on)
{
	struct device *d = device_of(nut);

	if (option == NUT_MLD_V2_ONLY)
		d->v2_only = on;
	return d->real->mld_option(nut, option, on);
}

static void run_side(struct device *d, enum nut_link link)
{
	struct side *s = &d->side[link];
	time_ns t = now(d);

	if (s->other <= t) {
		s->querier = true;
		s->other = NEVER;
		s->general = t;
		s->first = 0;
	}
	if (s->general <= t) {
		bool start = s->first > 1;

		send_general(d, link);
		s->first -= s->first > 0;
		s->general = t + (start ? s->c.query_interval / (FAULTY == STARTS_SLOWLY ? 2 : 4)
					: s->c.query_interval);
		if (FAULTY == GENERAL_EARLY && !start)
			s->general -= NS_PER_S;
	}
	for (unsigned i = 0; i < GROUPS; i++) {
		struct group *g = &s->g[i];

		if (!g->there)
			continue;
		expire(d, g);
		if (g->there && g->ask_s <= t)
			ask_sources(d, link, g);
		if (g->there && g->exclude && g->ask_g <= t)
			ask_group(d, link, g);
	}
}

static time_ns next_of(const struct side *s)
{
	time_ns next = MIN(s->general, s->other);

	if (!s->on)
		return NEVER;
	for (unsigned i = 0; i < GROUPS; i++)
		if (s->g[i].there)
			next = MIN(next,
				   MIN(s->g[i].ask_s, s->g[i].exclude ? s->g[i].ask_g : NEVER));
	return next;
}

static void device_send(struct nut *nut, enum nut_link link, const uint8_t *p, size_t n)
{
	static const struct ip6_addr all = { { 0xff, 0x02, [15] = 1 } };
	struct device *d = device_of(nut);
	uint8_t frame[PV_FRAME_MAX];
	struct pv pv, heard;

	if (!pv_decode(p, n, &pv) || pv.plen.v + IP6_HDR_OCTETS + ETH_HDR_OCTETS > n) {
		d->real->send(nut, link, p, n);
		return;
	}
	heard = pv;
	if (d->side[link].on && pv_match(&any_mld_query, &pv) == 0 && ip6_is_mcast(&pv.dst.a)) {
		heard.dst = IS_ADDR(all); /* a router hears all groups */
		heard.csum.set = heard.plen.set = false;
		n = pv_build(&heard, frame, sizeof(frame));
		p = frame;
	}
	d->real->send(nut, link, p, n);
	if (d->side[link].on)
		hear(d, link, &pv);
	if (d->side[link].on)
		pass(d, link, &pv);
}

static bool dequeue(struct device *d, struct nut_frame *ret)
{
	if (d->n == 0)
		return false;
	free(d->last.p);
	d->last = d->q[0];
	memmove(d->q, d->q + 1, --d->n * sizeof(d->q[0]));
	*ret = (struct nut_frame){ d->last.when, d->last.link, d->last.p, d->last.n };
	return true;
}

static bool device_recv(struct nut *nut, time_ns until, struct nut_frame *ret)
{
	struct device *d = device_of(nut);

	for (;;) {
		time_ns next = MIN(next_of(&d->side[LINK_A]), next_of(&d->side[LINK_B]));

		if (dequeue(d, ret))
			return true;
		if (d->real->recv(nut, MAX(now(d), MIN(until, next)), ret))
			return true;
		for (unsigned i = 0; next <= now(d) && i < NUT_LINKS; i++)
			if (d->side[i].on)
				run_side(d, (enum nut_link)i);
		if (now(d) >= until && d->n == 0)
			return false;
	}
}

static void device_stop(struct nut *nut)
{
	struct device *d = device_of(nut);

	for (unsigned i = 0; i < d->n; i++)
		free(d->q[i].p);
	free(d->last.p);
	d->last.p = NULL;
	d->n = 0;
	d->v2_only = false;
	memset(d->side, 0, sizeof(d->side));
	d->real->stop(nut);
}

static void device_close(struct nut *nut)
{
	struct device *d = device_of(nut);

	if (d->last.p != NULL || d->n > 0)
		device_stop(nut);
	d->real->close(nut);
	free(d);
}

struct nut *mld_device_new(uint64_t seed, enum mld_fault fault)
{
	struct device *d = calloc(1, sizeof(*d));

	ASSERT(d != NULL);
	d->nut = nut_sim_new(seed);
	d->fault = fault;
	d->real = d->nut->ops;
	d->ops = *d->real;
	d->ops.stop = device_stop;
	d->ops.mld_router = device_mld_router;
	d->ops.mld_option = device_mld_option;
	d->ops.send = device_send;
	d->ops.recv = device_recv;
	d->ops.close = device_close;
	d->nut->ops = &d->ops;
	d->nut->has |= NUT_MLD_ROUTER;
	return d->nut;
}
