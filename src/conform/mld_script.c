/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Theory of operation: steps are read one after the other. When the next one is due, all queries
 * about groups since the last one are gathered, those that go together (same time, group and S
 * flag: a list may not fit one packet) as one, and held against what that step wants. General
 * Queries, which come on and on, are judged at the start only.
 */
#include "conform/mld_script.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "conform/message.h"
#include "mld/msg.h"

#define STEPS_MAX   12
#define RECORDS_MAX 4
#define WANTS_MAX   8
#define HEARD_MAX   64
#define MARGIN	    NS_PER_S	   /* from a timer's end, in all waits for one */
#define OVER	    (NS_PER_S / 2) /* after [Last Listener Query Time] */
#define MS_LINEAR   32768	   /* Maximum Response Code: RFC 3810 section 5.1.3 */
#define S_LINEAR    128		   /* QQIC: section 5.1.9 */
#define QRV_MAX	    7

#define ALERT .ext = { { .kind = IP6_NH_HBH } }, .n_ext = 1 /* that all of them have */

const struct pv any_mld_query = { ALERT, .kind = PV_ICMP6, .type = { true, ICMP6_MLD_QUERY } };
const struct pv any_mld_report = { ALERT, .kind = PV_ICMP6, .type = { true, ICMP6_MLD2_REPORT } };

enum when { EACH, AT_ONCE, AT_ANY_TIME };

struct want {
	enum nut_link link;
	struct ip6_addr group;
	struct mld_list list;
	enum when when;
	bool s, optional;
};

/* Queries that go together. */
struct heard {
	time_ns when;
	enum nut_link link;
	struct mq q;
	bool taken;
	struct seen *first;
};

struct script {
	struct tester *t;
	const struct mld_router_conf *c;
	const char *p;
	time_ns at[STEPS_MAX]; /* of the steps so far, the present one's too */
	unsigned n;
	size_t from; /* number of the first frame since the present step */
	unsigned n_want, n_heard;
	struct want want[WANTS_MAX];
	struct heard heard[HEARD_MAX];
};

/*
 * Variables.
 */

struct mld_router_conf mld_conf(unsigned version)
{
	return (struct mld_router_conf){ .on = true,
					 .version = (uint8_t)version,
					 .robustness = MLD_ROBUSTNESS,
					 .query_interval = MLD_QUERY_INTERVAL,
					 .response_interval = MLD_QUERY_RESPONSE_INTERVAL,
					 .last_interval = NS_PER_S };
}

time_ns mld_llqt(const struct mld_router_conf *c)
{
	return c->robustness * c->last_interval;
}

time_ns mld_mali(const struct mld_router_conf *c)
{
	return c->robustness * c->query_interval + c->response_interval;
}

/* RFC 3810 sections 5.1.3 and 5.1.9: the code of @v, or of the next lower value that has one. */
static unsigned code_of(uint64_t v, unsigned linear, unsigned mant_bits)
{
	unsigned exp = 0;

	if (v < linear)
		return (unsigned)v;
	for (v >>= 3; v >> (mant_bits + 1) != 0; v >>= 1)
		exp++;
	return linear | exp << mant_bits | ((unsigned)v & ((1u << mant_bits) - 1));
}

static struct mq query_of(const struct mld_router_conf *c, time_ns delay)
{
	uint64_t ms = (uint64_t)(delay / NS_PER_MS);

	if (c->version == 1)
		return (struct mq){ .version = 1, .code = (uint16_t)ms };
	return (struct mq){ .version = 2,
			    .code = (uint16_t)code_of(ms, MS_LINEAR, 12),
			    .qrv = c->robustness > QRV_MAX ? 0 : c->robustness,
			    .qqic = (uint8_t)code_of((uint64_t)(c->query_interval / NS_PER_S),
						     S_LINEAR, 4) };
}

struct pv mld_general(struct tester *t, const struct mld_router_conf *c)
{
	struct mq q = query_of(c, c->response_interval);
	struct pv pv = mq_pv(t, TR1, &q);

	pv.src.set = false;
	pv.ext[0].body.set = false;
	return pv;
}

/*
 * Starting.
 */

static time_ns first_query(struct tester *t, enum nut_link link, const struct pv *want)
{
	const struct seen *s = expect(t, link, REPLY_WITHIN, want);
	const char *why = mld_form(&s->pv);

	if (why != NULL)
		tester_fail(t, "a General Query: %s", why);
	return s->when;
}

time_ns mld_router_up(struct tester *t, const struct mld_router_conf *c)
{
	static const enum nut_link links[] = { LINK_B, LINK_A };
	struct pv want = mld_general(t, c);
	time_ns first[NUT_LINKS], when = 0;

	memset(t->st[TR2].lla.b + 8, 0xff, 8);
	t->st[TR3].lla = t->st[TR2].lla;
	t->st[TR2].lla.b[15] = 0xfe;
	from_now(t);
	for (unsigned i = 0; i < ARRAY_LEN(links); i++)
		setup_mld(t, links[i], c);
	for (unsigned i = 0; i < ARRAY_LEN(links); i++)
		first[links[i]] = first_query(t, links[i], &want);
	/* RFC 3810 sections 9.6 and 9.7 */
	for (unsigned k = 1; k < c->robustness; k++) {
		when = k * (c->query_interval / 4);
		for (unsigned i = 0; i < ARRAY_LEN(links); i++)
			expect_at(t, links[i], first[links[i]] + when, &want);
	}
	pause_for(t, MARGIN);
	return first[LINK_B] + when;
}

void mld_periodic(struct tester *t, const struct mld_router_conf *c, time_ns last, unsigned n)
{
	struct pv want = mld_general(t, c);
	size_t from = t->record.n;
	unsigned came = 0;

	for (unsigned k = 1; k <= n; k++)
		expect_at(t, LINK_B, last + k * c->query_interval, &want);
	for (size_t i = from; i < t->record.n; i++)
		came += t->record.seen[i]->from_nut && t->record.seen[i]->link == LINK_B &&
			t->record.seen[i]->ip6 &&
			pv_match(&any_mld_query, &t->record.seen[i]->pv) == 0;
	if (came != n)
		tester_fail(t, "%u queries came where %u were due", came, n);
}

/*
 * Reading.
 */

static _Noreturn void bad_script(struct script *s)
{
	tester_error(s->t, "this is no step of a script: %s", s->p);
}

static void blanks(struct script *s)
{
	while (*s->p == ' ')
		s->p++;
}

static bool eat(struct script *s, const char *word)
{
	size_t n = strlen(word);

	if (strncmp(s->p, word, n) != 0)
		return false;
	s->p += n;
	return true;
}

static unsigned number(struct script *s)
{
	char *end;
	unsigned long v = strtoul(s->p, &end, 10);

	if (end == s->p || v > MLD_LIST_MAX)
		bad_script(s);
	s->p = end;
	return (unsigned)v;
}

/* "(1,3-5)" */
static void read_list(struct script *s, struct mld_list *l)
{
	if (!eat(s, "("))
		bad_script(s);
	for (l->n = 0; !eat(s, ")"); eat(s, ",")) {
		unsigned a = number(s), b = eat(s, "-") ? number(s) : a;

		for (; a <= b && l->n < MLD_LIST_MAX; a++)
			l->a[l->n++] = mld_source(a);
	}
}

/* "M2:", "A:" */
static void read_where(struct script *s, enum nut_link *link, struct ip6_addr *group)
{
	blanks(s);
	*link = eat(s, "A:") ? LINK_A : LINK_B;
	*group = eat(s, "M2:") ? mld_m2 : mld_m1;
}

static uint8_t read_type(struct script *s)
{
	static const char *const names[] = { "IS_IN", "IS_EX", "TO_IN", "TO_EX", "ALLOW", "BLOCK" };

	for (unsigned i = 0; i < ARRAY_LEN(names); i++)
		if (eat(s, names[i]))
			return (uint8_t)(MLD_IS_IN + i);
	bad_script(s);
}

static struct pv read_report(struct script *s, enum station_id *from)
{
	struct mrec *r = (struct mrec *)octets(s->t, RECORDS_MAX * sizeof(*r));
	enum nut_link link;
	unsigned n = 0;

	do {
		read_where(s, &link, &r[n].group);
		*from = link == LINK_A ? TN2 : TN1;
		if (eat(s, "V1"))
			return mv1_pv(s->t, *from, ICMP6_MLD_REPORT, r[n].group);
		if (eat(s, "DONE"))
			return mv1_pv(s->t, *from, ICMP6_MLD_DONE, r[n].group);
		r[n].type = read_type(s);
		read_list(s, &r[n].list);
		n++;
	} while (n < RECORDS_MAX && eat(s, "+"));
	return mreport_pv(s->t, *from, r, n);
}

static void read_wants(struct script *s)
{
	for (blanks(s); *s->p != ';' && *s->p != '\0'; blanks(s)) {
		struct want *w = &s->want[s->n_want++];

		ASSERT(s->n_want <= WANTS_MAX);
		*w = (struct want){ .when = EACH };
		read_where(s, &w->link, &w->group);
		if (!eat(s, "Q"))
			bad_script(s);
		read_list(s, &w->list);
		w->s = eat(s, "*");
		if (eat(s, "!"))
			w->when = AT_ONCE;
		else if (eat(s, "~"))
			w->when = AT_ANY_TIME;
		w->optional = eat(s, "?");
	}
}

/* "@2+before " and so on, or nothing. Return: when the step is due. */
static time_ns read_time(struct script *s)
{
	const struct mld_router_conf *c = s->c;
	time_ns base;
	unsigned i;

	blanks(s);
	if (s->n == 0)
		return s->t->nut->ops->now(s->t->nut);
	if (!eat(s, "@"))
		return s->at[s->n - 1] + mld_llqt(c) + OVER;
	if (eat(s, "soon"))
		return s->at[s->n - 1] + c->last_interval / 2;
	i = number(s);
	if (i == 0 || i > s->n || !eat(s, "+"))
		bad_script(s);
	base = s->at[i - 1];
	if (eat(s, "before"))
		return base + mld_mali(c) - mld_llqt(c) - MARGIN;
	if (eat(s, "early"))
		return base + mld_mali(c) - 3 * mld_llqt(c) - MARGIN;
	if (eat(s, "late"))
		return base + mld_mali(c) - mld_llqt(c) + OVER;
	if (eat(s, "after"))
		return base + mld_mali(c) + MARGIN;
	if (eat(s, "QI/2"))
		return base + c->query_interval / 2;
	if (eat(s, "QI"))
		return base + c->query_interval;
	bad_script(s);
}

/* "RV=3 QI=60 LLQI=2;" */
static const char *read_conf(struct tester *t, const char *text, struct mld_router_conf *c)
{
	struct script s = { .t = t, .p = text };

	for (;; blanks(&s)) {
		if (eat(&s, "RV="))
			c->robustness = (uint8_t)number(&s);
		else if (eat(&s, "QI="))
			c->query_interval = number(&s) * NS_PER_S;
		else if (eat(&s, "LLQI="))
			c->last_interval = number(&s) * NS_PER_S;
		else
			break;
		eat(&s, ";");
	}
	return s.p;
}

/*
 * Judging.
 */

static void print_query(FILE *f, enum nut_link link, const struct ip6_addr *group,
			const struct mld_list *l, bool suppress)
{
	char a[IP6_TEXT_MAX];

	fprintf(f, "link %c: %s (", link == LINK_A ? 'A' : 'B', ip6_text(group, a));
	for (unsigned i = 0; i < l->n; i++)
		fprintf(f, "%s%s", i > 0 ? ", " : "", ip6_text(&l->a[i], a));
	fprintf(f, ")%s", suppress ? ", S flag" : "");
}

/* FAIL: @what, and the queries that came since the step. */
static _Noreturn void differs(struct script *s, const char *what, const struct want *w,
			      time_ns when)
{
	time_ns start = s->at[s->n - 1];
	char *text = NULL, *kept;
	size_t n;
	FILE *f = open_memstream(&text, &n);

	ASSERT(f != NULL);
	fputs(what, f);
	if (w != NULL) {
		fprintf(f, " +%.3f s ", (double)(when - start) / (double)NS_PER_S);
		print_query(f, w->link, &w->group, &w->list, w->s);
	}
	fprintf(f, "\nqueries after step %u:%s", s->n, s->n_heard == 0 ? " none" : "");
	for (unsigned i = 0; i < s->n_heard; i++) {
		const struct heard *h = &s->heard[i];

		fprintf(f, "\n  %c +%.3f s ", h->taken ? ' ' : '!',
			(double)(h->when - start) / (double)NS_PER_S);
		print_query(f, h->link, &h->q.group, &h->q.list, h->q.s);
	}
	fclose(f);
	kept = (char *)octets(s->t, n + 1);
	memcpy(kept, text, n);
	free(text);
	tester_fail(s->t, "%s", kept);
}

/* What all queries about groups have in common. */
static void judge_form(struct script *s, struct seen *seen, const struct mq *q)
{
	struct mq want = query_of(s->c, s->c->last_interval);
	const char *why = mld_form(&seen->pv);

	if (why == NULL && q->version != want.version)
		why = "it is of the other version";
	if (why == NULL && q->code != want.code)
		why = "its Maximum Response Delay is not [Last Listener Query Interval]";
	if (why == NULL && (q->qrv != want.qrv || q->qqic != want.qqic))
		why = "its QRV or QQIC is not what the router has";
	if (why == NULL)
		return;
	record_comment(seen, "%s: FAIL: %s", s->t->part->id, why);
	tester_fail(s->t, "a query about a group: %s (code %u, QRV %u, QQIC %u)", why, q->code,
		    q->qrv, q->qqic);
}

/* Is @q part of what @h is? */
static bool goes_with(const struct script *s, const struct heard *h, const struct seen *seen,
		      const struct mq *q)
{
	return h->link == seen->link && ip6_eq(&h->q.group, &q->group) && h->q.s == q->s &&
	       h->q.list.n > 0 && q->list.n > 0 && h->q.list.n + q->list.n <= MLD_LIST_MAX &&
	       seen->when - h->when <= tester_slack(s->t) / 4;
}

static void hear(struct script *s, struct seen *seen)
{
	struct heard *h;
	struct mq q;

	if (!seen->from_nut || !seen->ip6 || pv_match(&any_mld_query, &seen->pv) != 0)
		return;
	if (!mq_of(&seen->pv, &q))
		tester_fail(s->t, "a query came that is too short or lists more than it has");
	if (ip6_is_unspec(&q.group))
		return;
	judge_form(s, seen, &q);
	h = s->n_heard > 0 ? &s->heard[s->n_heard - 1] : NULL;
	if (h != NULL && goes_with(s, h, seen, &q)) {
		memcpy(&h->q.list.a[h->q.list.n], q.list.a, q.list.n * sizeof(q.list.a[0]));
		h->q.list.n += q.list.n;
		return;
	}
	ASSERT(s->n_heard < HEARD_MAX);
	s->heard[s->n_heard++] =
		(struct heard){ .when = seen->when, .link = seen->link, .q = q, .first = seen };
}

static struct heard *find(struct script *s, const struct want *w, time_ns when)
{
	time_ns slack = tester_slack(s->t);

	for (unsigned i = 0; i < s->n_heard; i++) {
		struct heard *h = &s->heard[i];

		if (h->taken || h->link != w->link || h->q.s != w->s ||
		    !ip6_eq(&h->q.group, &w->group) || !mld_same(&h->q.list, &w->list))
			continue;
		if (w->when == AT_ANY_TIME ||
		    (h->when >= when - slack / 4 && h->when <= when + slack))
			return h;
	}
	return NULL;
}

static void judge_want(struct script *s, const struct want *w, time_ns end)
{
	unsigned n = w->when == EACH ? s->c->robustness : 1;

	for (unsigned k = 0; k < n; k++) {
		time_ns when = s->at[s->n - 1] + k * s->c->last_interval;
		struct heard *h;

		if (when >= end)
			break;
		h = find(s, w, when);
		if (h == NULL && !w->optional)
			differs(s, "a query did not come:", w, when);
		if (h == NULL)
			continue;
		h->taken = true;
		tester_claim(s->t, h->first);
	}
}

/* All that came since the present step, which is over now. */
static void judge(struct script *s, time_ns end)
{
	s->n_heard = 0;
	for (size_t i = s->from; i < s->t->record.n; i++)
		hear(s, s->t->record.seen[i]);
	for (unsigned i = 0; i < s->n_want; i++)
		judge_want(s, &s->want[i], end);
	for (unsigned i = 0; i < s->n_heard; i++) {
		if (s->heard[i].taken)
			continue;
		record_comment(s->heard[i].first, "%s: FAIL: nothing calls for this query",
			       s->t->part->id);
		differs(s, "nothing calls for a query", NULL, 0);
	}
}

static void wait_until(struct tester *t, time_ns when)
{
	time_ns now = t->nut->ops->now(t->nut);

	if (when > now)
		pause_for(t, when - now);
}

/* Read a step, let the one before it come to its end, and do it. */
static void step(struct script *s)
{
	time_ns when = read_time(s);
	enum station_id from;
	struct pv pv;

	wait_until(s->t, when);
	if (s->n > 0)
		judge(s, when);
	pv = read_report(s, &from);
	s->n_want = 0;
	blanks(s);
	if (eat(s, ">"))
		read_wants(s);
	if (!eat(s, ";") && *s->p != '\0')
		bad_script(s);
	ASSERT(s->n < STEPS_MAX);
	s->at[s->n++] = s->t->nut->ops->now(s->t->nut);
	s->from = s->t->record.n;
	tx(s->t, from, &pv);
}

/* The last step comes to its end. */
static void finish(struct script *s)
{
	time_ns end = s->at[s->n - 1] + mld_llqt(s->c) + OVER;

	wait_until(s->t, end + tester_slack(s->t));
	judge(s, end);
}

void mld_play(struct tester *t, const struct mld_router_conf *c, const char *text)
{
	struct script *s = (struct script *)octets(t, sizeof(*s));

	*s = (struct script){ .t = t, .c = c, .p = text };
	while (*s->p != '\0')
		step(s);
	finish(s);
}

void mld_tx(struct tester *t, const struct mld_router_conf *c, enum station_id from,
	    const struct pv *pv, const char *wants)
{
	struct script *s = (struct script *)octets(t, sizeof(*s));

	*s = (struct script){ .t = t, .c = c, .p = wants, .n = 1, .from = t->record.n };
	s->at[0] = t->nut->ops->now(t->nut);
	read_wants(s);
	tx(t, from, pv);
	finish(s);
}

void mld_script(struct tester *t)
{
	struct mld_router_conf c = mld_conf(2);
	const char *text = read_conf(t, t->part->purpose, &c);

	mld_router_up(t, &c);
	mld_play(t, &c, text);
}

void mld_no_query(struct tester *t, time_ns how_long)
{
	struct pv pv = any_mld_query;

	pv.eth_src = IS_MAC(t->nut->ops->mac(t->nut, LINK_B));
	silence(t, how_long, &pv);
}

static bool has_record(const struct seen *s, const struct mrec *want)
{
	struct mrec r;

	if (!s->from_nut || !s->ip6 || s->link != LINK_B || s->claimed || mld_form(&s->pv) != NULL)
		return false;
	for (unsigned i = 0; mrec_of(&s->pv, i, &r); i++)
		if (r.type == want->type && ip6_eq(&r.group, &want->group) &&
		    mld_same(&r.list, &want->list))
			return true;
	return false;
}

const struct seen *mld_reports(struct tester *t, time_ns within, const struct mrec *want)
{
	time_ns until = tester_deadline(t, within);
	char a[IP6_TEXT_MAX];

	for (size_t i = t->since;; i++) {
		if (i == t->record.n && tester_take(t, until) == NULL)
			break;
		if (has_record(t->record.seen[i], want))
			return tester_claim(t, t->record.seen[i]);
	}
	tester_fail(t, "no report with a record %s about %s and %u sources came",
		    mld_record_name(want->type), ip6_text(&want->group, a), want->list.n);
}
