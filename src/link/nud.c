/* SPDX-License-Identifier: BSD-3-Clause */
#include "link/nud.h"

#define BIT(s) (1u << NUD_##s)

/* Where each state may go. Anything may be deleted or set by hand. */
static const uint16_t moves[NUD_NUM_STATES] = {
	[NUD_FREE] = BIT(FREE) | BIT(INCOMPLETE) | BIT(STALE) | BIT(PERMANENT),
	[NUD_INCOMPLETE] = BIT(FREE) | BIT(INCOMPLETE) | BIT(REACHABLE) | BIT(STALE) |
			   BIT(PERMANENT),
	[NUD_REACHABLE] = BIT(FREE) | BIT(REACHABLE) | BIT(STALE) | BIT(PERMANENT),
	[NUD_STALE] = BIT(FREE) | BIT(REACHABLE) | BIT(STALE) | BIT(DELAY) | BIT(PERMANENT),
	[NUD_DELAY] = BIT(FREE) | BIT(REACHABLE) | BIT(STALE) | BIT(DELAY) | BIT(PROBE) |
		      BIT(PERMANENT),
	[NUD_PROBE] = BIT(FREE) | BIT(REACHABLE) | BIT(STALE) | BIT(PROBE) | BIT(UNREACHABLE) |
		      BIT(PERMANENT),
	[NUD_UNREACHABLE] = BIT(FREE) | BIT(REACHABLE) | BIT(STALE) | BIT(UNREACHABLE) |
			    BIT(PERMANENT),
	[NUD_PERMANENT] = BIT(FREE) | BIT(PERMANENT),
};

static const char *const state_names[NUD_NUM_STATES] = {
	[NUD_FREE] = "FREE",
	[NUD_INCOMPLETE] = "INCOMPLETE",
	[NUD_REACHABLE] = "REACHABLE",
	[NUD_STALE] = "STALE",
	[NUD_DELAY] = "DELAY",
	[NUD_PROBE] = "PROBE",
	[NUD_UNREACHABLE] = "UNREACHABLE",
	[NUD_PERMANENT] = "PERMANENT",
};

const char *nud_state_name(enum nud_state s)
{
	ASSERT(s < NUD_NUM_STATES);
	return state_names[s];
}

void nud_init(struct nud *n)
{
	*n = (struct nud){ .state = NUD_FREE, .deadline = TIME_NEVER };
}

/* The one place where a state changes. */
static enum nud_do nud_enter(struct nud *n, enum nud_state to, time_ns deadline, enum nud_do what)
{
	const unsigned resting = BIT(FREE) | BIT(STALE) | BIT(PERMANENT);

	ASSERT((moves[n->state] >> to & 1) != 0);
	ASSERT((resting >> to & 1) == 0 || deadline == TIME_NEVER);
	n->state = (uint8_t)to;
	n->deadline = deadline;
	return what;
}

/*
 * RFC 7048 section 4: RetransTimer * BACKOFF_MULTIPLE ^ @n, at most MAX_RETRANS_TIMER; but never
 * below RetransTimer (7.3.3).
 */
static time_ns backed_off(const struct nud_conf *cf, unsigned n)
{
	time_ns t = cf->retrans;
	time_ns factor = MAX(cf->backoff, 1u);

	while (n-- > 0 && t < cf->retrans_max)
		t = t > cf->retrans_max / factor ? cf->retrans_max : t * factor;
	return t;
}

static enum nud_do nud_solicit(struct nud *n, const struct nud_conf *cf, time_ns now,
			       enum nud_state to)
{
	time_ns wait = cf->retrans;

	ASSERT(now >= n->solicit_after);
	if (n->state != to)
		n->probes = 0;
	if (n->probes < UINT8_MAX)
		n->probes++;
	if (to == NUD_UNREACHABLE)
		wait = backed_off(cf, n->probes);
	n->used = false;
	n->solicit_after = time_after(now, cf->retrans);
	return nud_enter(n, to, time_after(now, wait),
			 to == NUD_PROBE ? NUD_DO_NS_UCAST : NUD_DO_NS_MCAST);
}

enum nud_do nud_on_send(struct nud *n, const struct nud_conf *cf, time_ns now)
{
	switch ((enum nud_state)n->state) {
	case NUD_FREE:
		return nud_solicit(n, cf, now, NUD_INCOMPLETE);
	case NUD_STALE:
		return nud_enter(n, NUD_DELAY, time_after(now, cf->delay_first_probe),
				 NUD_DO_NOTHING);
	case NUD_UNREACHABLE:
		if (n->deadline == TIME_NEVER) /* paused, so the last one is long ago */
			return nud_solicit(n, cf, now, NUD_UNREACHABLE);
		n->used = true;
		return NUD_DO_NOTHING;
	case NUD_INCOMPLETE:
	case NUD_REACHABLE:
	case NUD_DELAY:
	case NUD_PROBE:
	case NUD_PERMANENT:
		return NUD_DO_NOTHING;
	case NUD_NUM_STATES:
		break;
	}
	ASSERT_NOT_REACHED();
}

enum nud_do nud_on_ask(struct nud *n, const struct nud_conf *cf, time_ns now)
{
	if (n->state == NUD_FREE)
		return nud_on_send(n, cf, now);
	if (n->state != NUD_UNREACHABLE || n->deadline != TIME_NEVER ||
	    now < time_after(n->solicit_after, NUD_ASK_INTERVAL))
		return NUD_DO_NOTHING;
	return nud_solicit(n, cf, now, NUD_UNREACHABLE);
}

enum nud_do nud_on_timer(struct nud *n, const struct nud_conf *cf, time_ns now)
{
	if (now < n->deadline || n->deadline == TIME_NEVER)
		return NUD_DO_NOTHING;
	switch ((enum nud_state)n->state) {
	case NUD_INCOMPLETE: /* 7.2.2: on giving up, tell the senders */
		if (n->probes >= cf->mcast_probes_max)
			return nud_enter(n, NUD_FREE, TIME_NEVER, NUD_DO_UNREACH);
		return nud_solicit(n, cf, now, NUD_INCOMPLETE);
	case NUD_REACHABLE: /* silent until there is traffic to send */
		return nud_enter(n, NUD_STALE, TIME_NEVER, NUD_DO_NOTHING);
	case NUD_DELAY:
		if (now < n->solicit_after) /* RetransTimer larger than the delay */
			return nud_enter(n, NUD_DELAY, n->solicit_after, NUD_DO_NOTHING);
		return nud_solicit(n, cf, now, NUD_PROBE);
	case NUD_PROBE:
		if (n->probes < cf->ucast_probes_max)
			return nud_solicit(n, cf, now, NUD_PROBE);
		if (cf->backoff == 0) /* 7.3.3 */
			return nud_enter(n, NUD_FREE, TIME_NEVER, NUD_DO_NOTHING);
		return nud_solicit(n, cf, now, NUD_UNREACHABLE);
	case NUD_UNREACHABLE:
		if (cf->backoff == 0) /* turned off since */
			return nud_enter(n, NUD_FREE, TIME_NEVER, NUD_DO_NOTHING);
		if (!n->used)
			return nud_enter(n, NUD_UNREACHABLE, TIME_NEVER, NUD_DO_NOTHING);
		return nud_solicit(n, cf, now, NUD_UNREACHABLE);
	case NUD_FREE:
	case NUD_STALE:
	case NUD_PERMANENT:
	case NUD_NUM_STATES:
		break; /* never armed: nud_enter() asserts it */
	}
	ASSERT_NOT_REACHED();
}

static void nud_reached(struct nud *n, const struct nud_conf *cf, time_ns now)
{
	nud_enter(n, NUD_REACHABLE, time_after(now, cf->reachable), NUD_DO_NOTHING);
}

static void nud_stale(struct nud *n)
{
	nud_enter(n, NUD_STALE, TIME_NEVER, NUD_DO_NOTHING);
}

unsigned nud_on_advert(struct nud *n, const struct nud_conf *cf, time_ns now,
		       enum nud_lladdr lladdr, unsigned flags)
{
	bool solicited = (flags & NUD_NA_SOLICITED) != 0;

	switch ((enum nud_state)n->state) {
	case NUD_FREE:
		return 0;
	case NUD_INCOMPLETE: /* Override is ignored */
		if (lladdr == NUD_LLADDR_NONE)
			return 0;
		if (solicited)
			nud_reached(n, cf, now);
		else
			nud_stale(n);
		return NUD_TAKE_LLADDR | NUD_TAKE_ROUTER;
	case NUD_PERMANENT:
		return lladdr == NUD_LLADDR_NEW ? 0 : NUD_TAKE_ROUTER;
	case NUD_REACHABLE:
	case NUD_STALE:
	case NUD_DELAY:
	case NUD_PROBE:
	case NUD_UNREACHABLE:
		break;
	case NUD_NUM_STATES:
		ASSERT_NOT_REACHED();
	}
	if (lladdr == NUD_LLADDR_NEW && (flags & NUD_NA_OVERRIDE) == 0) {
		if (n->state == NUD_REACHABLE)
			nud_stale(n);
		return 0;
	}
	if (solicited)
		nud_reached(n, cf, now);
	else if (lladdr == NUD_LLADDR_NEW)
		nud_stale(n);
	return NUD_TAKE_ROUTER | (lladdr == NUD_LLADDR_NEW ? NUD_TAKE_LLADDR : 0u);
}

bool nud_on_hint(struct nud *n, enum nud_lladdr lladdr)
{
	ASSERT(lladdr != NUD_LLADDR_NONE);
	if (n->state == NUD_PERMANENT || (lladdr == NUD_LLADDR_SAME && nud_has_lladdr(n)))
		return false;
	nud_stale(n);
	return true;
}

void nud_on_confirm(struct nud *n, const struct nud_conf *cf, time_ns now)
{
	if (nud_has_lladdr(n) && n->state != NUD_PERMANENT)
		nud_reached(n, cf, now);
}

void nud_set_permanent(struct nud *n)
{
	nud_enter(n, NUD_PERMANENT, TIME_NEVER, NUD_DO_NOTHING);
}

void nud_free(struct nud *n)
{
	nud_enter(n, NUD_FREE, TIME_NEVER, NUD_DO_NOTHING);
}
