/* SPDX-License-Identifier: BSD-3-Clause */
/* The NUD machine: RFC 4861 appendix C row by row, then its timing to the nanosecond. */
#include "link/nud.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>

#define S  NUD_NA_SOLICITED
#define O  NUD_NA_OVERRIDE
#define R  NUD_NA_ROUTER
#define T0 (1000 * NS_PER_S)

/* Expected deadlines, from the event, besides a number of nanoseconds. */
#define NEVER TIME_NEVER
#define KEPT  (TIME_NEVER - 1)

enum stimulus { SEND, TIMER, NA, HINT, CONFIRM, PERM };

/* Bring a fresh machine to @state by events alone; @return the time of the last one. */
static time_ns bring_to(struct nud *n, const struct nud_conf *cf, enum nud_state state)
{
	time_ns now = T0;

	nud_init(n);
	switch (state) {
	case NUD_FREE:
		break;
	case NUD_INCOMPLETE:
		nud_on_send(n, cf, now);
		break;
	case NUD_REACHABLE:
		nud_on_hint(n, NUD_LLADDR_NEW);
		nud_on_confirm(n, cf, now);
		break;
	case NUD_STALE:
		nud_on_hint(n, NUD_LLADDR_NEW);
		break;
	case NUD_DELAY:
	case NUD_PROBE:
	case NUD_UNREACHABLE:
		nud_on_hint(n, NUD_LLADDR_NEW);
		nud_on_send(n, cf, now);
		while (n->state != state) {
			now = n->deadline;
			nud_on_timer(n, cf, now);
		}
		break;
	case NUD_PERMANENT:
		nud_set_permanent(n);
		break;
	case NUD_NUM_STATES:
		fail();
	}
	assert_int_equal(n->state, state);
	return now;
}

struct row {
	const char *clause;
	enum nud_state before;
	enum stimulus what;
	enum nud_lladdr lladdr;
	unsigned flags; /* of NA; for TIMER: probes sent before */
	enum nud_state after;
	time_ns deadline;
	unsigned ret; /* enum nud_do, or NUD_TAKE_* */
};

#define ANY_LL	  NUD_LLADDR_NONE
#define TAKE_BOTH (NUD_TAKE_LLADDR | NUD_TAKE_ROUTER)
#define RETRANS	  NUD_RETRANS_TIMER
#define REACH	  NUD_REACHABLE_TIME

static const struct row rows[] = {
	/* RFC 4861 appendix C, first table, in its order; cases it lumps together are spelt out. */
	{ "- / packet to send", NUD_FREE, SEND, ANY_LL, 0, NUD_INCOMPLETE, RETRANS,
	  NUD_DO_NS_MCAST },
	{ "INCOMPLETE / retransmit, less than N", NUD_INCOMPLETE, TIMER, ANY_LL, 1, NUD_INCOMPLETE,
	  RETRANS, NUD_DO_NS_MCAST },
	{ "INCOMPLETE / retransmit, less than N", NUD_INCOMPLETE, TIMER, ANY_LL, 2, NUD_INCOMPLETE,
	  RETRANS, NUD_DO_NS_MCAST },
	{ "INCOMPLETE / retransmit, N or more", NUD_INCOMPLETE, TIMER, ANY_LL, 3, NUD_FREE, NEVER,
	  NUD_DO_UNREACH },
	{ "INCOMPLETE / NA S=0", NUD_INCOMPLETE, NA, NUD_LLADDR_NEW, 0, NUD_STALE, NEVER,
	  TAKE_BOTH },
	{ "INCOMPLETE / NA S=0 O=1", NUD_INCOMPLETE, NA, NUD_LLADDR_NEW, O, NUD_STALE, NEVER,
	  TAKE_BOTH },
	{ "INCOMPLETE / NA S=1", NUD_INCOMPLETE, NA, NUD_LLADDR_NEW, S, NUD_REACHABLE, REACH,
	  TAKE_BOTH },
	{ "INCOMPLETE / NA S=1 O=1", NUD_INCOMPLETE, NA, NUD_LLADDR_NEW, S | O, NUD_REACHABLE,
	  REACH, TAKE_BOTH },
	/* 7.2.5 discards what appendix C takes the IsRouter flag from */
	{ "INCOMPLETE / NA no address", NUD_INCOMPLETE, NA, NUD_LLADDR_NONE, 0, NUD_INCOMPLETE,
	  KEPT, 0 },
	{ "INCOMPLETE / NA no address, all flags", NUD_INCOMPLETE, NA, NUD_LLADDR_NONE, R | S | O,
	  NUD_INCOMPLETE, KEPT, 0 },

	{ "!INCOMPLETE / NA S=1 O=0 same", NUD_REACHABLE, NA, NUD_LLADDR_SAME, S, NUD_REACHABLE,
	  REACH, NUD_TAKE_ROUTER },
	{ "!INCOMPLETE / NA S=1 O=0 same", NUD_STALE, NA, NUD_LLADDR_SAME, S, NUD_REACHABLE, REACH,
	  NUD_TAKE_ROUTER },
	{ "!INCOMPLETE / NA S=1 O=0 same", NUD_DELAY, NA, NUD_LLADDR_SAME, S, NUD_REACHABLE, REACH,
	  NUD_TAKE_ROUTER },
	{ "!INCOMPLETE / NA S=1 O=0 same", NUD_PROBE, NA, NUD_LLADDR_SAME, S, NUD_REACHABLE, REACH,
	  NUD_TAKE_ROUTER },
	{ "RFC 7048 / NA S=1 O=0 same", NUD_UNREACHABLE, NA, NUD_LLADDR_SAME, S, NUD_REACHABLE,
	  REACH, NUD_TAKE_ROUTER },

	/* 7.2.5 II: a solicited one confirms without an address too */
	{ "!INCOMPLETE / NA S=0 no address", NUD_REACHABLE, NA, NUD_LLADDR_NONE, O, NUD_REACHABLE,
	  KEPT, NUD_TAKE_ROUTER },
	{ "!INCOMPLETE / NA S=0 no address", NUD_STALE, NA, NUD_LLADDR_NONE, 0, NUD_STALE, KEPT,
	  NUD_TAKE_ROUTER },
	{ "!INCOMPLETE / NA S=0 no address", NUD_DELAY, NA, NUD_LLADDR_NONE, O, NUD_DELAY, KEPT,
	  NUD_TAKE_ROUTER },
	{ "!INCOMPLETE / NA S=0 no address", NUD_PROBE, NA, NUD_LLADDR_NONE, O, NUD_PROBE, KEPT,
	  NUD_TAKE_ROUTER },
	{ "RFC 7048 / NA S=0 no address", NUD_UNREACHABLE, NA, NUD_LLADDR_NONE, O, NUD_UNREACHABLE,
	  KEPT, NUD_TAKE_ROUTER },
	{ "7.2.5 II / NA S=1 no address", NUD_REACHABLE, NA, NUD_LLADDR_NONE, S, NUD_REACHABLE,
	  REACH, NUD_TAKE_ROUTER },
	{ "7.2.5 II / NA S=1 no address", NUD_STALE, NA, NUD_LLADDR_NONE, S, NUD_REACHABLE, REACH,
	  NUD_TAKE_ROUTER },
	{ "7.2.5 II / NA S=1 no address", NUD_PROBE, NA, NUD_LLADDR_NONE, S | O, NUD_REACHABLE,
	  REACH, NUD_TAKE_ROUTER },
	{ "RFC 7048 / NA S=1 no address", NUD_UNREACHABLE, NA, NUD_LLADDR_NONE, S, NUD_REACHABLE,
	  REACH, NUD_TAKE_ROUTER },

	{ "REACHABLE / NA S=1 O=0 different", NUD_REACHABLE, NA, NUD_LLADDR_NEW, S, NUD_STALE,
	  NEVER, 0 },
	/* 7.2.5 I.a; appendix C says unchanged, v6LC.2.1.18 part I says STALE */
	{ "REACHABLE / NA S=0 O=0 different", NUD_REACHABLE, NA, NUD_LLADDR_NEW, 0, NUD_STALE,
	  NEVER, 0 },
	{ "STALE / NA S=1 O=0 different", NUD_STALE, NA, NUD_LLADDR_NEW, S, NUD_STALE, KEPT, 0 },
	{ "DELAY / NA S=1 O=0 different", NUD_DELAY, NA, NUD_LLADDR_NEW, S, NUD_DELAY, KEPT, 0 },
	{ "PROBE / NA S=1 O=0 different", NUD_PROBE, NA, NUD_LLADDR_NEW, S, NUD_PROBE, KEPT, 0 },
	{ "UNREACHABLE / NA S=1 O=0 different", NUD_UNREACHABLE, NA, NUD_LLADDR_NEW, S | R,
	  NUD_UNREACHABLE, KEPT, 0 },

	{ "!INCOMPLETE / NA S=1 O=1 different", NUD_REACHABLE, NA, NUD_LLADDR_NEW, S | O,
	  NUD_REACHABLE, REACH, TAKE_BOTH },
	{ "!INCOMPLETE / NA S=1 O=1 different", NUD_STALE, NA, NUD_LLADDR_NEW, S | O, NUD_REACHABLE,
	  REACH, TAKE_BOTH },
	{ "!INCOMPLETE / NA S=1 O=1 different", NUD_DELAY, NA, NUD_LLADDR_NEW, S | O, NUD_REACHABLE,
	  REACH, TAKE_BOTH },
	{ "!INCOMPLETE / NA S=1 O=1 different", NUD_PROBE, NA, NUD_LLADDR_NEW, S | O, NUD_REACHABLE,
	  REACH, TAKE_BOTH },
	{ "RFC 7048 / NA S=1 O=1 different", NUD_UNREACHABLE, NA, NUD_LLADDR_NEW, S | O,
	  NUD_REACHABLE, REACH, TAKE_BOTH },
	{ "!INCOMPLETE / NA S=1 O=1 same", NUD_STALE, NA, NUD_LLADDR_SAME, S | O, NUD_REACHABLE,
	  REACH, NUD_TAKE_ROUTER },

	{ "!INCOMPLETE / NA S=0 O=0 same", NUD_REACHABLE, NA, NUD_LLADDR_SAME, 0, NUD_REACHABLE,
	  KEPT, NUD_TAKE_ROUTER },
	{ "!INCOMPLETE / NA S=0 O=0 same", NUD_PROBE, NA, NUD_LLADDR_SAME, 0, NUD_PROBE, KEPT,
	  NUD_TAKE_ROUTER },
	{ "!INCOMPLETE / NA S=0 O=0 different", NUD_STALE, NA, NUD_LLADDR_NEW, 0, NUD_STALE, KEPT,
	  0 },
	{ "!INCOMPLETE / NA S=0 O=0 different", NUD_DELAY, NA, NUD_LLADDR_NEW, 0, NUD_DELAY, KEPT,
	  0 },
	{ "!INCOMPLETE / NA S=0 O=0 different", NUD_PROBE, NA, NUD_LLADDR_NEW, 0, NUD_PROBE, KEPT,
	  0 },
	{ "!INCOMPLETE / NA S=0 O=1 same", NUD_REACHABLE, NA, NUD_LLADDR_SAME, O, NUD_REACHABLE,
	  KEPT, NUD_TAKE_ROUTER },
	{ "!INCOMPLETE / NA S=0 O=1 same", NUD_DELAY, NA, NUD_LLADDR_SAME, O, NUD_DELAY, KEPT,
	  NUD_TAKE_ROUTER },
	{ "RFC 7048 / NA S=0 O=1 same", NUD_UNREACHABLE, NA, NUD_LLADDR_SAME, O, NUD_UNREACHABLE,
	  KEPT, NUD_TAKE_ROUTER },

	{ "!INCOMPLETE / NA S=0 O=1 different", NUD_REACHABLE, NA, NUD_LLADDR_NEW, O, NUD_STALE,
	  NEVER, TAKE_BOTH },
	{ "!INCOMPLETE / NA S=0 O=1 different", NUD_STALE, NA, NUD_LLADDR_NEW, O, NUD_STALE, NEVER,
	  TAKE_BOTH },
	{ "!INCOMPLETE / NA S=0 O=1 different", NUD_DELAY, NA, NUD_LLADDR_NEW, O, NUD_STALE, NEVER,
	  TAKE_BOTH },
	{ "!INCOMPLETE / NA S=0 O=1 different", NUD_PROBE, NA, NUD_LLADDR_NEW, O, NUD_STALE, NEVER,
	  TAKE_BOTH },
	{ "RFC 7048 / NA S=0 O=1 different", NUD_UNREACHABLE, NA, NUD_LLADDR_NEW, O, NUD_STALE,
	  NEVER, TAKE_BOTH },

	{ "!INCOMPLETE / confirmation", NUD_REACHABLE, CONFIRM, ANY_LL, 0, NUD_REACHABLE, REACH,
	  0 },
	{ "!INCOMPLETE / confirmation", NUD_STALE, CONFIRM, ANY_LL, 0, NUD_REACHABLE, REACH, 0 },
	{ "!INCOMPLETE / confirmation", NUD_DELAY, CONFIRM, ANY_LL, 0, NUD_REACHABLE, REACH, 0 },
	{ "!INCOMPLETE / confirmation", NUD_PROBE, CONFIRM, ANY_LL, 0, NUD_REACHABLE, REACH, 0 },
	{ "RFC 7048 / confirmation", NUD_UNREACHABLE, CONFIRM, ANY_LL, 0, NUD_REACHABLE, REACH, 0 },
	{ "7.3.3 / confirmation, the one exception", NUD_INCOMPLETE, CONFIRM, ANY_LL, 0,
	  NUD_INCOMPLETE, KEPT, 0 },
	{ "7.3.3 / confirmation of nobody", NUD_FREE, CONFIRM, ANY_LL, 0, NUD_FREE, KEPT, 0 },

	{ "REACHABLE / timeout", NUD_REACHABLE, TIMER, ANY_LL, 0, NUD_STALE, NEVER, 0 },
	{ "STALE / sending", NUD_STALE, SEND, ANY_LL, 0, NUD_DELAY, NUD_DELAY_FIRST_PROBE_TIME,
	  NUD_DO_NOTHING },
	{ "DELAY / timeout", NUD_DELAY, TIMER, ANY_LL, 0, NUD_PROBE, RETRANS, NUD_DO_NS_UCAST },
	{ "PROBE / retransmit, less than N", NUD_PROBE, TIMER, ANY_LL, 1, NUD_PROBE, RETRANS,
	  NUD_DO_NS_UCAST },
	{ "PROBE / retransmit, less than N", NUD_PROBE, TIMER, ANY_LL, 2, NUD_PROBE, RETRANS,
	  NUD_DO_NS_UCAST },
	/* RFC 7048 section 3, where RFC 4861 discards the entry (that: script deleted_4861) */
	{ "PROBE / retransmit, N or more", NUD_PROBE, TIMER, ANY_LL, 3, NUD_UNREACHABLE,
	  3 * RETRANS, NUD_DO_NS_MCAST },
	{ "UNREACHABLE / nobody sends", NUD_UNREACHABLE, TIMER, ANY_LL, 1, NUD_UNREACHABLE, NEVER,
	  NUD_DO_NOTHING },
	{ "UNREACHABLE / sending", NUD_UNREACHABLE, SEND, ANY_LL, 0, NUD_UNREACHABLE, KEPT,
	  NUD_DO_NOTHING },

	/* Sending changes nothing elsewhere (7.3.3). */
	{ "INCOMPLETE / sending", NUD_INCOMPLETE, SEND, ANY_LL, 0, NUD_INCOMPLETE, KEPT, 0 },
	{ "REACHABLE / sending", NUD_REACHABLE, SEND, ANY_LL, 0, NUD_REACHABLE, KEPT, 0 },
	{ "DELAY / sending", NUD_DELAY, SEND, ANY_LL, 0, NUD_DELAY, KEPT, 0 },
	{ "PROBE / sending", NUD_PROBE, SEND, ANY_LL, 0, NUD_PROBE, KEPT, 0 },

	/* Appendix C, second table. */
	{ "- / NS, RS, RA, Redirect", NUD_FREE, HINT, NUD_LLADDR_NEW, 0, NUD_STALE, NEVER, 1 },
	{ "INCOMPLETE / NS ...", NUD_INCOMPLETE, HINT, NUD_LLADDR_NEW, 0, NUD_STALE, NEVER, 1 },
	{ "!INCOMPLETE / different", NUD_REACHABLE, HINT, NUD_LLADDR_NEW, 0, NUD_STALE, NEVER, 1 },
	{ "!INCOMPLETE / different", NUD_STALE, HINT, NUD_LLADDR_NEW, 0, NUD_STALE, NEVER, 1 },
	{ "!INCOMPLETE / different", NUD_DELAY, HINT, NUD_LLADDR_NEW, 0, NUD_STALE, NEVER, 1 },
	{ "!INCOMPLETE / different", NUD_PROBE, HINT, NUD_LLADDR_NEW, 0, NUD_STALE, NEVER, 1 },
	{ "RFC 7048 / different", NUD_UNREACHABLE, HINT, NUD_LLADDR_NEW, 0, NUD_STALE, NEVER, 1 },
	{ "!INCOMPLETE / same", NUD_REACHABLE, HINT, NUD_LLADDR_SAME, 0, NUD_REACHABLE, KEPT, 0 },
	{ "!INCOMPLETE / same", NUD_STALE, HINT, NUD_LLADDR_SAME, 0, NUD_STALE, KEPT, 0 },
	{ "!INCOMPLETE / same", NUD_DELAY, HINT, NUD_LLADDR_SAME, 0, NUD_DELAY, KEPT, 0 },
	{ "!INCOMPLETE / same", NUD_PROBE, HINT, NUD_LLADDR_SAME, 0, NUD_PROBE, KEPT, 0 },
	{ "RFC 7048 / same", NUD_UNREACHABLE, HINT, NUD_LLADDR_SAME, 0, NUD_UNREACHABLE, KEPT, 0 },

	/* 7.2.5: no entry, no effect. */
	{ "- / NA", NUD_FREE, NA, NUD_LLADDR_NEW, R | S | O, NUD_FREE, KEPT, 0 },

	/* Ours: what the operator set stays. */
	{ "PERMANENT / sending", NUD_PERMANENT, SEND, ANY_LL, 0, NUD_PERMANENT, NEVER, 0 },
	{ "PERMANENT / NA different", NUD_PERMANENT, NA, NUD_LLADDR_NEW, R | S | O, NUD_PERMANENT,
	  NEVER, 0 },
	{ "PERMANENT / NA same", NUD_PERMANENT, NA, NUD_LLADDR_SAME, S, NUD_PERMANENT, NEVER,
	  NUD_TAKE_ROUTER },
	{ "PERMANENT / NA no address", NUD_PERMANENT, NA, NUD_LLADDR_NONE, S, NUD_PERMANENT, NEVER,
	  NUD_TAKE_ROUTER },
	{ "PERMANENT / hint", NUD_PERMANENT, HINT, NUD_LLADDR_NEW, 0, NUD_PERMANENT, NEVER, 0 },
	{ "PERMANENT / confirmation", NUD_PERMANENT, CONFIRM, ANY_LL, 0, NUD_PERMANENT, NEVER, 0 },
	{ "PROBE / by hand", NUD_PROBE, PERM, ANY_LL, 0, NUD_PERMANENT, NEVER, 0 },
	{ "INCOMPLETE / by hand", NUD_INCOMPLETE, PERM, ANY_LL, 0, NUD_PERMANENT, NEVER, 0 },
};

static unsigned apply(struct nud *n, const struct nud_conf *cf, time_ns now, enum stimulus what,
		      enum nud_lladdr lladdr, unsigned flags)
{
	switch (what) {
	case SEND:
		return nud_on_send(n, cf, now);
	case TIMER:
		return nud_on_timer(n, cf, now);
	case NA:
		return nud_on_advert(n, cf, now, lladdr, flags);
	case HINT:
		return nud_on_hint(n, lladdr);
	case CONFIRM:
		nud_on_confirm(n, cf, now);
		return 0;
	case PERM:
		nud_set_permanent(n);
		return 0;
	}
	fail();
	return 0;
}

static void run_row(const struct row *r)
{
	struct nud_conf cf = NUD_CONF_DEFAULT;
	struct nud n;
	time_ns now = bring_to(&n, &cf, r->before), deadline;
	unsigned ret;

	/* an event in between two deadlines, unless it is the timer itself */
	while (r->what == TIMER && n.probes < r->flags)
		nud_on_timer(&n, &cf, n.deadline);
	now = r->what == TIMER ? n.deadline : now + 7;
	deadline = r->deadline == KEPT	  ? n.deadline
		   : r->deadline == NEVER ? TIME_NEVER
					  : now + r->deadline;
	if (r->what == TIMER) { /* not a nanosecond early */
		struct nud before = n;

		assert_int_equal(nud_on_timer(&n, &cf, now - 1), NUD_DO_NOTHING);
		assert_memory_equal(&n, &before, sizeof(n));
	}
	ret = apply(&n, &cf, now, r->what, r->lladdr, r->flags);
	if (ret != r->ret || n.state != r->after || n.deadline != deadline)
		fail_msg("%s: from %s to %s (expected %s), does %u (%u), deadline %+lld (%+lld)",
			 r->clause, nud_state_name(r->before), nud_state_name(n.state),
			 nud_state_name(r->after), ret, r->ret, (long long)(n.deadline - now),
			 (long long)(deadline - now));
}

static void test_appendix_c(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		run_row(&rows[i]);
}

/* Scripts: each step at its time; between steps the machine must not want the timer. */
struct step {
	unsigned ms;
	enum stimulus what;
	enum nud_do sends;
	enum nud_state after;
};

#define TX_NOTHING NUD_DO_NOTHING
#define TX_MCAST   NUD_DO_NS_MCAST
#define TX_UCAST   NUD_DO_NS_UCAST
#define TX_UNREACH NUD_DO_UNREACH

static void run_script(const struct nud_conf *cf, const struct step *s, size_t steps)
{
	struct nud n;

	nud_init(&n);
	for (size_t i = 0; i < steps; i++) {
		time_ns now = T0 + s[i].ms * NS_PER_MS;
		unsigned ret;

		if (n.deadline < now)
			fail_msg("step %zu at %u ms: the machine wanted to act before", i, s[i].ms);
		ret = apply(&n, cf, now, s[i].what, NUD_LLADDR_NEW, S | O);
		if (s[i].what != SEND && s[i].what != TIMER)
			ret = NUD_DO_NOTHING;
		if (ret != s[i].sends || n.state != s[i].after)
			fail_msg("step %zu at %u ms: sends %u (%u), state %s (%s)", i, s[i].ms, ret,
				 s[i].sends, nud_state_name(n.state), nud_state_name(s[i].after));
	}
	assert_true(n.deadline == TIME_NEVER); /* silence to the end of time */
}

/* RFC 4861 section 7.2.2: three multicast solicitations, then Address Unreachable. */
static const struct step resolve_gives_up[] = {
	{ 0, SEND, TX_MCAST, NUD_INCOMPLETE },	     { 1, SEND, TX_NOTHING, NUD_INCOMPLETE },
	{ 999, TIMER, TX_NOTHING, NUD_INCOMPLETE },  { 1000, TIMER, TX_MCAST, NUD_INCOMPLETE },
	{ 1999, TIMER, TX_NOTHING, NUD_INCOMPLETE }, { 2000, TIMER, TX_MCAST, NUD_INCOMPLETE },
	{ 2999, TIMER, TX_NOTHING, NUD_INCOMPLETE }, { 3000, TIMER, TX_UNREACH, NUD_FREE },
};

/* RFC 4861 section 7.3.3 as it was: three unicast probes a second apart, then the entry goes. */
static const struct step deleted_4861[] = {
	{ 0, HINT, TX_NOTHING, NUD_STALE },	{ 100, SEND, TX_NOTHING, NUD_DELAY },
	{ 5099, TIMER, TX_NOTHING, NUD_DELAY }, { 5100, TIMER, TX_UCAST, NUD_PROBE },
	{ 6099, TIMER, TX_NOTHING, NUD_PROBE }, { 6100, TIMER, TX_UCAST, NUD_PROBE },
	{ 7100, TIMER, TX_UCAST, NUD_PROBE },	{ 8099, TIMER, TX_NOTHING, NUD_PROBE },
	{ 8100, TIMER, TX_NOTHING, NUD_FREE },
};

/* RFC 7048 section 3: kept, and asked for in ever longer intervals as long as it is used. */
static const struct step backs_off[] = {
	{ 0, HINT, TX_NOTHING, NUD_STALE },
	{ 100, SEND, TX_NOTHING, NUD_DELAY },
	{ 5100, TIMER, TX_UCAST, NUD_PROBE },
	{ 6100, TIMER, TX_UCAST, NUD_PROBE },
	{ 7100, TIMER, TX_UCAST, NUD_PROBE },
	{ 8100, TIMER, TX_MCAST, NUD_UNREACHABLE },
	{ 8200, SEND, TX_NOTHING, NUD_UNREACHABLE },
	{ 11099, TIMER, TX_NOTHING, NUD_UNREACHABLE },
	{ 11100, TIMER, TX_MCAST, NUD_UNREACHABLE }, /* 3 s */
	{ 11200, SEND, TX_NOTHING, NUD_UNREACHABLE },
	{ 20099, TIMER, TX_NOTHING, NUD_UNREACHABLE },
	{ 20100, TIMER, TX_MCAST, NUD_UNREACHABLE }, /* 9 s */
	{ 20200, SEND, TX_NOTHING, NUD_UNREACHABLE },
	{ 20300, SEND, TX_NOTHING, NUD_UNREACHABLE },
	{ 47099, TIMER, TX_NOTHING, NUD_UNREACHABLE },
	{ 47100, TIMER, TX_MCAST, NUD_UNREACHABLE }, /* 27 s */
	{ 47200, SEND, TX_NOTHING, NUD_UNREACHABLE },
	{ 107099, TIMER, TX_NOTHING, NUD_UNREACHABLE },
	{ 107100, TIMER, TX_MCAST, NUD_UNREACHABLE }, /* 60 s: MAX_RETRANS_TIMER */
	{ 107200, SEND, TX_NOTHING, NUD_UNREACHABLE },
	{ 167100, TIMER, TX_MCAST, NUD_UNREACHABLE },	/* and so on */
	{ 227100, TIMER, TX_NOTHING, NUD_UNREACHABLE }, /* unused: it rests ... */
	{ 900000, SEND, TX_MCAST, NUD_UNREACHABLE },	/* ... until somebody sends */
	{ 960000, TIMER, TX_NOTHING, NUD_UNREACHABLE },
	{ 970000, SEND, TX_MCAST, NUD_UNREACHABLE },
	{ 970001, NA, TX_NOTHING, NUD_REACHABLE }, /* it has moved and says so */
	{ 1000001, TIMER, TX_NOTHING, NUD_STALE },
};

/* 7.3.3: confirmations put STALE off; after a lull the next packet starts from DELAY. */
static const struct step stays_reachable[] = {
	{ 0, SEND, TX_MCAST, NUD_INCOMPLETE },
	{ 20, NA, TX_NOTHING, NUD_REACHABLE },
	{ 30, SEND, TX_NOTHING, NUD_REACHABLE },
	{ 29000, CONFIRM, TX_NOTHING, NUD_REACHABLE },
	{ 58999, TIMER, TX_NOTHING, NUD_REACHABLE },
	{ 59000, TIMER, TX_NOTHING, NUD_STALE },
	{ 500000, SEND, TX_NOTHING, NUD_DELAY },
	{ 501000, SEND, TX_NOTHING, NUD_DELAY },
	{ 504000, CONFIRM, TX_NOTHING, NUD_REACHABLE },
	{ 534000, TIMER, TX_NOTHING, NUD_STALE },
};

/* 7.3.3 MUST NOT: a RetransTimer of 10 s holds the first probe back that DELAY allows at 5 s. */
static const struct step retrans_limits[] = {
	{ 0, SEND, TX_MCAST, NUD_INCOMPLETE },
	{ 1, HINT, TX_NOTHING, NUD_STALE },
	{ 2, SEND, TX_NOTHING, NUD_DELAY },
	{ 5002, TIMER, TX_NOTHING, NUD_DELAY },
	{ 9999, TIMER, TX_NOTHING, NUD_DELAY },
	{ 10000, TIMER, TX_UCAST, NUD_PROBE },
	{ 20000, TIMER, TX_UCAST, NUD_PROBE },
	{ 30000, TIMER, TX_UCAST, NUD_PROBE },
	{ 40000, TIMER, TX_MCAST, NUD_UNREACHABLE },
	{ 40001, SEND, TX_NOTHING, NUD_UNREACHABLE },
	{ 70000, TIMER, TX_MCAST, NUD_UNREACHABLE }, /* 30 s */
	{ 70001, SEND, TX_NOTHING, NUD_UNREACHABLE },
	{ 130000, TIMER, TX_MCAST, NUD_UNREACHABLE }, /* 60 s */
	{ 190000, TIMER, TX_NOTHING, NUD_UNREACHABLE },
};

#define RUN(cf, script) run_script(cf, script, ARRAY_LEN(script))

static void test_scripts(void **state)
{
	struct nud_conf cf = NUD_CONF_DEFAULT;

	(void)state;
	RUN(&cf, resolve_gives_up);
	RUN(&cf, backs_off);
	RUN(&cf, stays_reachable);
	cf.backoff = 0;
	RUN(&cf, deleted_4861);
	cf = NUD_CONF_DEFAULT;
	cf.retrans = 10 * NS_PER_S;
	RUN(&cf, retrans_limits);
}

/* A RetransTimer above MAX_RETRANS_TIMER still rules (7.3.3). */
static void test_backoff_never_below_retrans(void **state)
{
	struct nud_conf cf = NUD_CONF_DEFAULT;
	struct nud n;
	time_ns now;

	(void)state;
	cf.retrans = 90 * NS_PER_S;
	now = bring_to(&n, &cf, NUD_UNREACHABLE);
	assert_int_equal(n.deadline, now + 90 * NS_PER_S);
}

/* BACKOFF_MULTIPLE taken away while an entry is UNREACHABLE. */
static void test_backoff_turned_off(void **state)
{
	struct nud_conf cf = NUD_CONF_DEFAULT;
	struct nud n;

	(void)state;
	bring_to(&n, &cf, NUD_UNREACHABLE);
	cf.backoff = 0;
	nud_on_timer(&n, &cf, n.deadline);
	assert_int_equal(n.state, NUD_FREE);

	cf = NUD_CONF_DEFAULT;
	bring_to(&n, &cf, NUD_UNREACHABLE);
	nud_on_timer(&n, &cf, n.deadline);
	assert_true(n.deadline == TIME_NEVER);
	cf.backoff = 0;
	assert_int_equal(nud_on_send(&n, &cf, T0 * 2), NUD_DO_NS_MCAST);
	assert_int_equal(n.deadline, T0 * 2 + NUD_RETRANS_TIMER);
}

static void test_who_is_ready(void **state)
{
	static const struct {
		enum nud_state s;
		bool lladdr, ready;
		const char *name;
	} table[] = {
		{ NUD_FREE, false, false, "FREE" },
		{ NUD_INCOMPLETE, false, false, "INCOMPLETE" },
		{ NUD_REACHABLE, true, true, "REACHABLE" },
		{ NUD_STALE, true, false, "STALE" },
		{ NUD_DELAY, true, true, "DELAY" },
		{ NUD_PROBE, true, true, "PROBE" },
		{ NUD_UNREACHABLE, true, false, "UNREACHABLE" },
		{ NUD_PERMANENT, true, true, "PERMANENT" },
	};
	struct nud_conf cf = NUD_CONF_DEFAULT;
	struct nud n;

	(void)state;
	assert_int_equal(ARRAY_LEN(table), NUD_NUM_STATES);
	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		bring_to(&n, &cf, table[i].s);
		assert_int_equal(nud_has_lladdr(&n), table[i].lladdr);
		assert_int_equal(nud_is_ready(&n), table[i].ready);
		assert_string_equal(nud_state_name(table[i].s), table[i].name);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_appendix_c),
		cmocka_unit_test(test_scripts),
		cmocka_unit_test(test_backoff_never_below_retrans),
		cmocka_unit_test(test_backoff_turned_off),
		cmocka_unit_test(test_who_is_ready),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
