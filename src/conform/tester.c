/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Theory of operation: the record holds all frames in order. take() waits for the next one of the
 * device's, records it, and lets the stations answer. expect() looks through what nobody has
 * claimed yet, then takes more until its time is over, so the order of two answers does not
 * matter. silence() looks at what came since the last tx(). A case ends by returning (PASS) or by
 * longjmp() out of tester_fail() and its like; clean-up runs in either case.
 */
#include "conform/tester.h"

#include <stdarg.h>
#include <stdlib.h>

#define SETTLE		(5 * NS_PER_S) /* after a start: DAD, router and MLD reports */
#define LINE_MAX_OCTETS 160

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
	if (rc == -EOPNOTSUPP)
		tester_skip(t, "the device cannot: %s", what);
	if (rc < 0)
		tester_error(t, "%s: %s", what, strerror(-rc));
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

/* The device's next frame no later than @until, heard by the stations; or NULL, and it is then. */
static struct seen *take(struct tester *t, time_ns until)
{
	struct nut_frame f;
	struct seen *s;

	if (!t->nut->ops->recv(t->nut, until, &f))
		return NULL;
	s = record_add(&t->record, f.when, f.link, true, f.p, f.octets);
	station_hear(t, s);
	return s;
}

static time_ns deadline(const struct tester *t, time_ns within)
{
	time_ns slack = t->nut->ops->virtual_time ? 0 : t->part->tolerance;

	return time_after(t->nut->ops->now(t->nut), time_after(within, slack));
}

void pause_for(struct tester *t, time_ns how_long)
{
	time_ns until = time_after(t->nut->ops->now(t->nut), how_long);

	while (take(t, until) != NULL)
		;
}

const struct seen *tx(struct tester *t, enum station_id from, const struct pv *pv)
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

static bool answers(const struct seen *s, enum nut_link link, const struct pv *pv)
{
	return s->from_nut && s->ip6 && !s->claimed && s->link == link && pv_match(pv, &s->pv) == 0;
}

static const struct seen *claim(struct tester *t, struct seen *s)
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

static _Noreturn void fail_expected(struct tester *t, enum nut_link link, const struct pv *pv)
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
	fail_compared(t, what, pv, s != NULL ? &s->pv : NULL);
}

const struct seen *expect(struct tester *t, enum nut_link link, time_ns within, const struct pv *pv)
{
	time_ns until = deadline(t, within);
	struct seen *s;

	for (size_t i = 0; i < t->record.n; i++)
		if (answers(t->record.seen[i], link, pv))
			return claim(t, t->record.seen[i]);
	while ((s = take(t, until)) != NULL)
		if (answers(s, link, pv))
			return claim(t, s);
	fail_expected(t, link, pv);
}

static void must_not(struct tester *t, struct seen *s, const struct pv *pv)
{
	char line[LINE_MAX_OCTETS], what[LINE_MAX_OCTETS * 2];

	if (!s->from_nut || s->claimed || (s->background && pv == NULL) || !s->ip6)
		return;
	if (pv != NULL && pv_match(pv, &s->pv) != 0)
		return;
	record_comment(s, "%s: FAIL: silence was expected", t->part->id);
	snprintf(what, sizeof(what), "silence was expected, on link %c came: %s",
		 s->link == LINK_A ? 'A' : 'B', pv_line(&s->pv, line, sizeof(line)));
	fail_compared(t, what, pv != NULL ? pv : &(struct pv){ .kind = PV_ANY }, &s->pv);
}

/* Number of the last frame that we sent of a case's own, not in answer to a solicitation. */
static size_t last_tx(const struct tester *t)
{
	for (size_t i = t->record.n; i > 0; i--)
		if (!t->record.seen[i - 1]->from_nut && !t->record.seen[i - 1]->by_itself)
			return i - 1;
	return 0;
}

void silence(struct tester *t, time_ns how_long, const struct pv *pv)
{
	time_ns until = deadline(t, how_long);
	struct seen *s;

	if (!t->alive)
		tester_error(t, "silence of a device that was not proven alive says nothing");
	for (size_t i = last_tx(t); i < t->record.n; i++)
		must_not(t, t->record.seen[i], pv);
	while ((s = take(t, until)) != NULL)
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
		pause_for(t, SETTLE);
		part->fn(t);
		no_strays(t);
	}
	up = rc == 0;
	if (up && setjmp(t->end) == 0)
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
