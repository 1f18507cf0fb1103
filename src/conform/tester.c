/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Theory of operation: the record holds all frames in order. tester_take() waits for the next one of the
 * device's, records it, and lets the stations answer. expect() looks through what nobody has
 * claimed yet, then takes more until its time is over, so the order of two answers does not
 * matter. silence() looks at what came since the last tx(). A case ends by returning (PASS) or by
 * longjmp() out of tester_fail() and its like; clean-up runs in either case.
 */
#include "conform/tester.h"

#include <stdarg.h>
#include <stdlib.h>

#define SETTLE		(5 * NS_PER_S)	/* after a start: DAD, router and MLD reports */
#define PROBE_OVER	(2 * NS_PER_S)	/* RetransTimer of RFC 4861 section 10, and some */
#define SLOW_START	(10 * NS_PER_S) /* that a device may begin later than it should */
#define LINE_MAX_OCTETS 160
#define EARLY_PART	5 /* of the tolerance: timers of real devices are late, hardly ever early */

const char *verdict_name(enum verdict v)
{
	switch (v) {
	case VERDICT_PASS:
		return "PASS";
	case VERDICT_FAIL:
		return "FAIL";
	case VERDICT_SKIP:
		return "SKIP";
	case VERDICT_XFAIL:
		return "XFAIL";
	case VERDICT_ERROR:
		return "ERROR";
	}
	ASSERT_NOT_REACHED();
}

/*
 * Verdicts.
 */

static void set_verdict(struct tester *t, enum verdict v, const char *fmt, va_list ap)
{
	t->verdict = v;
	free(t->why);
	if (vasprintf(&t->why, fmt, ap) < 0)
		t->why = NULL;
}

void tester_fail(struct tester *t, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	set_verdict(t, VERDICT_FAIL, fmt, ap);
	va_end(ap);
	longjmp(t->end, 1);
}

void tester_skip(struct tester *t, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	set_verdict(t, VERDICT_SKIP, fmt, ap);
	va_end(ap);
	longjmp(t->end, 1);
}

void tester_error(struct tester *t, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	set_verdict(t, VERDICT_ERROR, fmt, ap);
	va_end(ap);
	longjmp(t->end, 1);
}

void must_do(struct tester *t, int rc, const char *what)
{
	const char *why = t->nut->why;

	if (rc == -EOPNOTSUPP)
		tester_skip(t, "the device cannot: %s%s%s", what, why[0] != '\0' ? ": " : "", why);
	if (rc < 0)
		tester_error(t, "%s: %s", what, why[0] != '\0' ? why : strerror(-rc));
}

/* FAIL with @what and both packets side by side. */
static _Noreturn void fail_compared(struct tester *t, const char *what, const struct pv *want,
				    const struct pv *seen)
{
	char *text = NULL;
	size_t n;
	FILE *f = open_memstream(&text, &n);

	ASSERT(f != NULL);
	pv_compare(want, seen, f);
	fclose(f);
	t->verdict = VERDICT_FAIL;
	free(t->why);
	if (asprintf(&t->why, "%s\n%s", what, text) < 0)
		t->why = NULL;
	free(text);
	longjmp(t->end, 1);
}

/*
 * Frames.
 */

struct seen *tester_take(struct tester *t, time_ns until)
{
	struct nut_frame f;
	struct seen *s;

	if (!t->nut->ops->recv(t->nut, until, &f))
		return NULL;
	s = record_add(&t->record, f.when, f.link, true, f.p, f.octets);
	station_hear(t, s);
	return s;
}

time_ns tester_slack(const struct tester *t)
{
	return t->nut->ops->virtual_time ? 0 : t->part->tolerance;
}

time_ns tester_deadline(const struct tester *t, time_ns within)
{
	return time_after(t->nut->ops->now(t->nut), time_after(within, tester_slack(t)));
}

void from_now(struct tester *t)
{
	t->boot = t->since = t->record.n;
}

void pause_for(struct tester *t, time_ns how_long)
{
	time_ns until = time_after(t->nut->ops->now(t->nut), how_long);

	while (tester_take(t, until) != NULL)
		;
}

/* Probes for addresses (RFC 4862 section 5.4.2) among the frames from @from on; time of the last. */
static unsigned probes(const struct tester *t, size_t from, time_ns *last)
{
	unsigned n = 0;

	for (size_t i = from; i < t->record.n; i++) {
		const struct seen *s = t->record.seen[i];

		if (!s->from_nut || !s->ip6 || s->pv.kind != PV_ICMP6 || s->pv.type.v != ICMP6_NS ||
		    !ip6_is_unspec(&s->pv.src.a))
			continue;
		*last = s->when;
		n++;
	}
	return n;
}

/*
 * In virtual time the whole of @at_most. In real time until so many probes were seen, the last of
 * them long enough ago for the address to be in use; a device that is slow to begin, because its
 * machine is busy, is waited for.
 */
void settle(struct tester *t, time_ns at_most, unsigned addrs)
{
	const struct nut_ops *ops = t->nut->ops;
	time_ns until = time_after(ops->now(t->nut), time_after(at_most, SLOW_START)), last = 0;
	size_t from = t->record.n;
	unsigned n;

	if (ops->virtual_time)
		pause_for(t, at_most);
	if (ops->virtual_time || addrs == 0)
		return;
	do
		n = probes(t, from, &last);
	while (tester_take(t, MIN(until, n >= addrs ? time_after(last, PROBE_OVER) : until)) !=
	       NULL);
}

const struct seen *station_tx(struct tester *t, enum station_id from, const struct pv *pv)
{
	struct station *st = &t->st[from];
	uint8_t frame[PV_FRAME_MAX];
	struct pv out = *pv;
	struct seen *s;
	size_t n;

	if (!out.eth_src.set)
		out.eth_src.m = st->mac;
	if (!out.eth_dst.set)
		out.eth_dst.m = out.dst.a.b[0] == 0xff ? mac_of_group(&out.dst.a)
						       : t->nut->ops->mac(t->nut, st->link);
	n = pv_build(&out, frame, sizeof(frame));
	if (n == 0)
		tester_error(t, "a packet of this case is too large to be built");
	st->used = true;
	s = record_add(&t->record, t->nut->ops->now(t->nut), st->link, false, frame, n);
	t->nut->ops->send(t->nut, st->link, frame, n);
	return s;
}

const struct seen *tx(struct tester *t, enum station_id from, const struct pv *pv)
{
	t->since = t->record.n;
	return station_tx(t, from, pv);
}

static bool answers(const struct seen *s, enum nut_link link, const struct pv *pv)
{
	return s->from_nut && s->ip6 && !s->claimed && s->link == link && pv_match(pv, &s->pv) == 0;
}

const struct seen *tester_claim(struct tester *t, struct seen *s)
{
	s->claimed = true;
	t->alive = true;
	record_comment(s, "%s: as expected", t->part->id);
	return s;
}

/* The unclaimed packet most like @pv, those on the right link and of its kind first. */
static struct seen *nearest(const struct tester *t, enum nut_link link, const struct pv *pv)
{
	unsigned best = UINT32_MAX;
	struct seen *ret = NULL;

	for (size_t i = 0; i < t->record.n; i++) {
		struct seen *s = t->record.seen[i];
		unsigned n;

		if (!s->from_nut || !s->ip6 || s->claimed || s->background)
			continue;
		n = pv_match(pv, &s->pv) + (s->link != link ? 100 : 0);
		if (n <= best) {
			best = n;
			ret = s;
		}
	}
	return ret;
}

void tester_unseen(struct tester *t, enum nut_link link, const struct pv *pv)
{
	struct seen *s = nearest(t, link, pv);
	char line[LINE_MAX_OCTETS], what[LINE_MAX_OCTETS * 2];

	snprintf(what, sizeof(what), "expected on link %c and not seen: %s%s",
		 link == LINK_A ? 'A' : 'B', pv_line(pv, line, sizeof(line)),
		 s == NULL	   ? "; no packet came that it could be"
		 : s->link != link ? "; the nearest packet, on the other link:"
				   : "; the nearest packet:");
	if (s != NULL)
		record_comment(s, "%s: FAIL: not what was expected", t->part->id);
	else if (t->since < t->record.n && !t->record.seen[t->since]->from_nut)
		record_comment(t->record.seen[t->since], "%s: FAIL: what was expected did not come",
			       t->part->id);
	fail_compared(t, what, pv, s != NULL ? &s->pv : NULL);
}

/* The first that nobody has claimed and that matches, no later than @until. */
static struct seen *await(struct tester *t, enum nut_link link, time_ns until, const struct pv *pv)
{
	struct seen *s;

	for (size_t i = t->boot; i < t->record.n; i++)
		if (answers(t->record.seen[i], link, pv))
			return t->record.seen[i];
	while ((s = tester_take(t, until)) != NULL)
		if (answers(s, link, pv))
			return s;
	tester_unseen(t, link, pv);
}

const struct seen *expect(struct tester *t, enum nut_link link, time_ns within, const struct pv *pv)
{
	return tester_claim(t, await(t, link, tester_deadline(t, within), pv));
}

const struct seen *expect_at(struct tester *t, enum nut_link link, time_ns when,
			     const struct pv *pv)
{
	time_ns slack = tester_slack(t);
	struct seen *s = await(t, link, time_after(when, slack), pv);
	char line[LINE_MAX_OCTETS];

	if (time_after(s->when, slack / EARLY_PART) >= when && s->when <= time_after(when, slack))
		return tester_claim(t, s);
	record_comment(s, "%s: FAIL: not when it was expected", t->part->id);
	tester_fail(t, "%.3f s %s came on link %c: %s",
		    (double)(s->when < when ? when - s->when : s->when - when) / (double)NS_PER_S,
		    s->when < when ? "too early" : "too late", link == LINK_A ? 'A' : 'B',
		    pv_line(&s->pv, line, sizeof(line)));
}

static void must_not(struct tester *t, struct seen *s, const struct pv *pv)
{
	char line[LINE_MAX_OCTETS], what[LINE_MAX_OCTETS * 2];

	if (!s->from_nut || s->claimed || !s->ip6 || (s->background && pv == NULL))
		return;
	if (pv != NULL && pv_match(pv, &s->pv) != 0)
		return;
	record_comment(s, "%s: FAIL: silence was expected", t->part->id);
	snprintf(what, sizeof(what), "silence was expected, on link %c came: %s",
		 s->link == LINK_A ? 'A' : 'B', pv_line(&s->pv, line, sizeof(line)));
	fail_compared(t, what, pv != NULL ? pv : &(struct pv){ .kind = PV_ANY }, &s->pv);
}

void silence(struct tester *t, time_ns how_long, const struct pv *pv)
{
	time_ns until = tester_deadline(t, how_long);
	struct seen *s;

	if (!t->alive)
		tester_error(t, "silence of a device that was not proven alive says nothing");
	for (size_t i = t->since; i < t->record.n; i++)
		must_not(t, t->record.seen[i], pv);
	while ((s = tester_take(t, until)) != NULL)
		must_not(t, s, pv);
}

/* At the end: packets to the stations that nobody asked for. Errors may have their reasons. */
static void no_strays(struct tester *t)
{
	for (size_t i = 0; i < t->record.n; i++) {
		struct seen *s = t->record.seen[i];

		if (!s->ip6 || (s->pv.kind == PV_ICMP6 && s->pv.type.v < ICMP6_INFO_FIRST))
			continue;
		for (unsigned k = 0; k < STATIONS; k++)
			if (ip6_eq(&s->pv.dst.a, &t->st[k].lla) ||
			    ip6_eq(&s->pv.dst.a, &t->st[k].global))
				must_not(t, s, NULL);
	}
}

/*
 * A part.
 */

static void check_needs(struct tester *t)
{
	uint32_t lacking = t->part->needs & ~t->nut->has;

	if ((t->part->roles & (unsigned)t->role) == 0)
		tester_skip(t, "not for a %s", nut_role_name(t->role));
	if (lacking != 0)
		tester_skip(t, "the device lacks %s: %s", nut_cap_name(lacking & -lacking),
			    nut_cap_optional(lacking & -lacking));
}

void tester_run(struct tester *t, struct nut *nut, enum nut_role role, const struct part *part)
{
	bool up = false;
	int rc;

	*t = (struct tester){ .nut = nut, .role = role, .part = part };
	if (setjmp(t->end) == 0)
		check_needs(t);
	if (t->verdict != VERDICT_PASS)
		return;
	stations_init(t);
	rc = nut->ops->start(nut, role);
	if (setjmp(t->end) == 0) {
		must_do(t, rc, "start");
		settle(t, SETTLE, role == NUT_ROUTER ? 2 : 1);
		part->fn(t);
		no_strays(t);
	}
	up = rc == 0;
	if (up && !nut->ops->always_new && setjmp(t->end) == 0)
		cleanup(t);
	if (up)
		nut->ops->stop(nut);
}

void tester_done(struct tester *t)
{
	record_done(&t->record);
	scratch_done(t);
	free(t->why);
	t->why = NULL;
}
