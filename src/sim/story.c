/* SPDX-License-Identifier: BSD-3-Clause */
#include "sim/story.h"

#include <inttypes.h>

#include "ip6/hdr.h"
#include "nd/msg.h"

#define BIT(lane)     (UINT32_C(1) << (lane))
#define WORDS_MAX     128
#define GAP_TOLD      NS_PER_S /* without an answer, to be worth a line */
#define ND_TARGET_OFF 8
#define ECHO_MIN      8

/* A frame as the story needs it. */
struct seen {
	const uint8_t *ip, *icmp; /* icmp: NULL for a fragment */
	uint32_t octets;	  /* from the IPv6 header */
	uint8_t type;		  /* of ICMPv6; 0 for a fragment */
	struct ip6_addr src, dst, target;
};

static bool is_router(int lane)
{
	return lane == DEMO_R1 || lane == DEMO_R2 || lane == DEMO_R3;
}

static int lane_of_addr(const struct demo *d, const struct ip6_addr *addr)
{
	for (unsigned i = 0; i < d->n_names; i++)
		if (ip6_eq(&d->name[i].addr, addr))
			return d->name[i].lane;
	return TL_WORLD;
}

/* "h3", or the address where it is nobody's. */
static const char *name_of(const struct demo *d, const struct ip6_addr *addr,
			   char buf[IP6_TEXT_MAX])
{
	int lane = lane_of_addr(d, addr);

	return lane != TL_WORLD ? d->tl.lane[lane].name : ip6_text(addr, buf);
}

static int lane_of_mac(const struct demo *d, const uint8_t *mac)
{
	for (int i = 0; i < DEMO_NODES; i++)
		for (unsigned k = 0; k < d->node[i].n_ifs; k++)
			if (memcmp(d->node[i].ifs[k].mac.b, mac, ETH_MAC_OCTETS) == 0)
				return i;
	return TL_WORLD;
}

/* The first to have an address gives it its name. */
static void learn_name(struct demo *d, const struct ip6_addr *addr, int lane)
{
	if (lane_of_addr(d, addr) != TL_WORLD || d->n_names == DEMO_NAMES_MAX)
		return;
	d->name[d->n_names].addr = *addr;
	d->name[d->n_names++].lane = lane;
}

/*
 * Events.
 */
static void addr_ready(struct demo *d, int lane, const struct trace *t)
{
	char text[IP6_TEXT_MAX];

	if (is_router(lane))
		return;
	ip6_text(t->addr, text);
	if (ip6_is_linklocal(t->addr))
		timeline_add(&d->tl, t->now, TL_NOTE, lane, "link-local address %s: nobody objects",
			     text);
	else
		timeline_add(&d->tl, t->now, TL_GOOD, lane, "makes itself an address: %s", text);
}

static void addr_refused(struct demo *d, int lane, const struct trace *t)
{
	char text[IP6_TEXT_MAX], name[IP6_TEXT_MAX];

	timeline_add(&d->tl, t->now, TL_BAD, lane, "duplicate: %s is %s's, and is not used here",
		     ip6_text(t->addr, text), name_of(d, t->addr, name));
}

/* Only about R1 after its death, and the searches of the first ping. */
static void neigh_moved(struct demo *d, int lane, const struct trace *t)
{
	struct demo_node *n = &d->node[lane];
	char name[IP6_TEXT_MAX];

	if (t->value == NUD_INCOMPLETE && d->act == 2)
		timeline_add(&d->tl, t->now, TL_NOTE, lane, "asks who has the address of %s",
			     name_of(d, t->addr, name));
	if (d->r1_death == 0 || lane_of_addr(d, t->addr) != DEMO_R1 || n->suspects != 0)
		return;
	if (t->value == NUD_DELAY)
		timeline_add(&d->tl, t->now, TL_NOTE, lane,
			     "has had no sign of R1 for a while: gives it 5 s (DELAY)");
	else if (t->value == NUD_PROBE)
		timeline_add(&d->tl, t->now, TL_NOTE, lane,
			     "asks R1 three times whether it is there (PROBE)");
	else if (t->value == NUD_UNREACHABLE)
		timeline_add(&d->tl, n->suspects = t->now, TL_BAD, lane,
			     "R1 does not answer: UNREACHABLE");
}

static void story_event(struct demo *d, int lane, const struct trace *t)
{
	char text[IP6_TEXT_MAX], name[IP6_TEXT_MAX];

	switch ((int)t->event) {
	case EVENT_ADDR_TENTATIVE:
		learn_name(d, t->addr, lane);
		break;
	case EVENT_ADDR_PREFERRED:
		addr_ready(d, lane, t);
		break;
	case EVENT_ADDR_DUPLICATE:
		addr_refused(d, lane, t);
		break;
	case EVENT_ROUTER_NEW:
		timeline_add(&d->tl, t->now, TL_NOTE, lane,
			     "default router: %s, %s, for %" PRIu64 " s", name_of(d, t->addr, name),
			     ip6_text(t->addr, text), t->value);
		break;
	case EVENT_ROUTER_GONE:
		timeline_add(&d->tl, t->now, TL_BAD, lane, "default router no more: %s",
			     name_of(d, t->addr, name));
		break;
	case EVENT_NEIGH_STATE:
		neigh_moved(d, lane, t);
		break;
	case EVENT_PATH_MTU:
		d->mtu_found |= BIT(lane);
		timeline_add(&d->tl, t->now, TL_GOOD, lane, "path MTU to %s: %" PRIu64 " octets",
			     name_of(d, t->addr, name), t->value);
		break;
	default:
		break;
	}
}

/*
 * Frames.
 */
static bool look(const struct pkt *pkt, struct seen *s)
{
	const uint8_t *ip = pkt->p + ETH_HDR_OCTETS;

	if (pkt->len < ETH_HDR_OCTETS + IP6_HDR_OCTETS + ECHO_MIN)
		return false;
	*s = (struct seen){ .ip = ip, .octets = pkt->len - ETH_HDR_OCTETS };
	s->src = ip6_hdr_src(ip);
	s->dst = ip6_hdr_dst(ip);
	if (ip[IP6_NEXT_OFF] == IP6_NH_FRAGMENT)
		return true;
	if (ip[IP6_NEXT_OFF] != IP6_NH_ICMP6)
		return false;
	s->icmp = ip + IP6_HDR_OCTETS;
	s->type = s->icmp[ICMP6_TYPE_OFF];
	if ((s->type == ICMP6_NS || s->type == ICMP6_NA) &&
	    s->octets >= IP6_HDR_OCTETS + ND_TARGET_OFF + IP6_ADDR_OCTETS)
		memcpy(s->target.b, s->icmp + ND_TARGET_OFF, IP6_ADDR_OCTETS);
	return true;
}

/* In the words of a caption; false: not one to draw. */
static bool caption(const struct demo *d, const struct seen *s, char buf[WORDS_MAX])
{
	char dst[IP6_TEXT_MAX], target[IP6_TEXT_MAX];

	switch (s->type) {
	case 0:
		snprintf(buf, WORDS_MAX, "fragments to %s: %u", name_of(d, &s->dst, dst),
			 s->octets);
		return true;
	case ICMP6_ECHO_REQUEST:
	case ICMP6_ECHO_REPLY:
		snprintf(buf, WORDS_MAX, "echo %s to %s, %u octets",
			 s->type == ICMP6_ECHO_REQUEST ? "request" : "reply",
			 name_of(d, &s->dst, dst), s->octets);
		return true;
	case ICMP6_TOO_BIG:
		snprintf(buf, WORDS_MAX, "Packet Too Big to %s: MTU %u", name_of(d, &s->dst, dst),
			 get_be32(s->icmp + ICMP6_HDR_OCTETS));
		return true;
	case ICMP6_RS:
		snprintf(buf, WORDS_MAX, "router solicitation");
		return true;
	case ICMP6_RA:
		snprintf(buf, WORDS_MAX, "router advertisement");
		return true;
	case ICMP6_NS:
		if (ip6_is_unspec(&s->src))
			snprintf(buf, WORDS_MAX, "solicitation: does anybody use %s?",
				 ip6_text(&s->target, target));
		else
			snprintf(buf, WORDS_MAX, "solicitation: %s, are you there?",
				 name_of(d, &s->target, target));
		return true;
	case ICMP6_NA:
		snprintf(buf, WORDS_MAX, "advertisement: %s is mine", ip6_text(&s->target, target));
		return true;
	default:
		return false;
	}
}

/* Is this frame one that the picture shows? */
static bool is_shown(struct demo *d, int lane, const struct seen *s)
{
	const struct demo_addr *held = demo_global(d, DEMO_H4);

	switch (s->type) {
	case 0:
	case ICMP6_ECHO_REQUEST:
	case ICMP6_ECHO_REPLY:
		if (d->follow == 0)
			return false;
		d->follow--;
		return true;
	case ICMP6_TOO_BIG:
		return true;
	case ICMP6_RA:
		return is_router(lane) && (d->routers_seen & BIT(lane)) == 0;
	case ICMP6_RS:
		return true;
	case ICMP6_NS:
	case ICMP6_NA:
		if (d->act == 2)
			return !ip6_is_unspec(&s->src);
		if (d->act == 4)
			return lane_of_addr(d, &s->target) == DEMO_R1 &&
			       d->node[lane].suspects == 0;
		return d->act == 5 && held != NULL && ip6_eq(&held->addr, &s->target);
	default:
		return false;
	}
}

/* Fragments that leave together are one line. */
static bool joins_last(struct demo *d, int lane, const struct seen *s, time_ns now)
{
	struct tl_entry *e = d->tl.n > 0 ? &d->tl.entry[d->tl.n - 1] : NULL;
	size_t len;

	if (s->type != 0 || e == NULL || e->kind != TL_FRAME || e->when != now || e->lane != lane ||
	    strncmp(e->text, "fragments", 9) != 0)
		return false;
	e->n++;
	len = strlen(e->text);
	snprintf(e->text + len, sizeof(e->text) - len, " + %u", s->octets);
	return true;
}

static void draw(struct demo *d, int lane, const struct trace *t, const struct seen *s,
		 uint32_t frame)
{
	int to = lane_of_mac(d, t->pkt->p + ETH_DST_OFF);
	char words[WORDS_MAX];

	if (!caption(d, s, words))
		return;
	if (!joins_last(d, lane, s, t->now))
		timeline_add(&d->tl, t->now, TL_FRAME, lane, "%s", words);
	if (to != TL_WORLD) /* until it is known to have arrived */
		d->tl.entry[d->tl.n - 1].lost |= BIT(to);
	d->drawn[frame % DEMO_RING].frame = frame;
	d->drawn[frame % DEMO_RING].entry = d->tl.n;
}

static void arrived(struct demo *d, int lane, uint32_t frame)
{
	struct tl_entry *e;

	if (frame == CAPTURE_NONE || d->drawn[frame % DEMO_RING].entry == 0 ||
	    d->drawn[frame % DEMO_RING].frame != frame)
		return;
	e = &d->tl.entry[d->drawn[frame % DEMO_RING].entry - 1];
	e->to |= BIT(lane);
	e->lost &= ~BIT(lane);
}

/* What a router tells, the first time. */
static void told(struct demo *d, int lane, const struct trace *t, const struct seen *s)
{
	struct rd icmp = rd_of(s->icmp, s->octets - IP6_HDR_OCTETS);
	char text[IP6_TEXT_MAX];
	struct nd_msg m;

	if ((d->routers_seen & BIT(lane)) != 0 ||
	    nd_parse(icmp, &s->src, &s->dst, s->ip[IP6_HLIM_OFF], &m) != DROP_NONE ||
	    m.opts.n_prefixes == 0)
		return;
	d->routers_seen |= BIT(lane);
	timeline_add(&d->tl, t->now, TL_NOTE, lane, "advertises %s/%u%s",
		     ip6_text(&m.opts.prefix[0].prefix, text), m.opts.prefix[0].len,
		     m.ra.pref > 0 ? ", as the preferred router" : "");
}

/* By which router a node sends, where that is a matter of choice. */
static void watch_hop(struct demo *d, int lane, const struct trace *t)
{
	int hop = lane_of_mac(d, t->pkt->p + ETH_DST_OFF);
	struct demo_node *n = &d->node[lane];

	if (hop == TL_WORLD || !is_router(hop) || hop == n->hop)
		return;
	if (lane == DEMO_H1 || lane == DEMO_H2 || lane == DEMO_R3) {
		if (n->hop != TL_WORLD)
			n->moved = t->now;
		timeline_add(&d->tl, t->now, n->hop != TL_WORLD ? TL_GOOD : TL_NOTE, lane,
			     n->hop != TL_WORLD ? "now sends by way of %s" : "sends by way of %s",
			     d->tl.lane[hop].name);
	}
	n->hop = hop;
}

static void note_fragment(struct demo *d, int lane, const struct trace *t, const struct seen *s)
{
	uint16_t at = get_be16(s->ip + IP6_HDR_OCTETS + IP6_FRAG_OFFSET_OFF);
	char name[IP6_TEXT_MAX];

	if (is_router(lane) || (at & IP6_FRAG_OFFSET_MASK) != 0)
		return;
	d->fragments_sent |= BIT(lane);
	timeline_add(&d->tl, t->now, TL_NOTE, lane, "sends to %s in fragments of at most %u octets",
		     name_of(d, &s->dst, name), s->octets);
}

static void story_tx(struct demo *d, int lane, const struct trace *t, uint32_t frame)
{
	struct seen s;

	d->node[lane].tx++;
	if (frame == CAPTURE_NONE || !look(t->pkt, &s))
		return;
	if (s.type == 0)
		note_fragment(d, lane, t, &s);
	if (s.type == ICMP6_TOO_BIG) {
		d->too_bigs_sent |= BIT(lane);
		timeline_add(&d->tl, t->now, TL_BAD, lane,
			     "too big for the core: tells the sender, MTU %u",
			     get_be32(s.icmp + ICMP6_HDR_OCTETS));
	}
	if (s.type == ICMP6_ECHO_REQUEST || s.type == ICMP6_ECHO_REPLY)
		watch_hop(d, lane, t);
	if (is_shown(d, lane, &s))
		draw(d, lane, t, &s, frame);
	if (s.type == ICMP6_RA)
		told(d, lane, t, &s);
}

void story_watch(void *ctx, const struct world_node *wn, const struct trace *t)
{
	struct demo *d = ctx;
	uint32_t frame = capture_see(&d->capture, wn, t);
	int lane = (int)wn->number;

	switch (t->kind) {
	case TRACE_RX:
		d->node[lane].rx++;
		arrived(d, lane, frame);
		break;
	case TRACE_TX:
		story_tx(d, lane, t, frame);
		break;
	case TRACE_SELF:
		break;
	case TRACE_DROP:
		if (drop_is_refusal(t->drop))
			d->node[lane].drops[t->drop]++;
		break;
	case TRACE_EVENT:
		story_event(d, lane, t);
		break;
	}
}

/*
 * Echo requests.
 */
static void answered(struct demo *d, struct demo_ping *p, const struct ping_result *r)
{
	time_ns now = d->w.now, gap = now - p->last;
	const char *from = d->tl.lane[p->to].name;

	p->min = p->answered == 0 ? r->rtt : MIN(p->min, r->rtt);
	p->max = MAX(p->max, r->rtt);
	p->sum += r->rtt;
	if (d->r1_death != 0 && p->answered > 0 && gap > MAX(p->gap, GAP_TOLD)) {
		p->gap = gap;
		p->gap_pkts = r->seq - p->last_seq - 1;
		p->gap_end = now;
		timeline_add(&d->tl, now, TL_GOOD, (int)p->from,
			     "hears from %s again, %.3f s after R1 went: %u requests were lost",
			     from, (double)(now - d->r1_death) / 1e9, p->gap_pkts);
	} else if (p == &d->ping[DEMO_PING_ACROSS] || p == &d->ping[DEMO_PING_BIG] ||
		   (p == &d->ping[DEMO_PING_GUEST])) {
		timeline_add(&d->tl, now, TL_GOOD, (int)p->from,
			     "answer from %s, %u octets of data, in %.3f ms", from, p->octets,
			     (double)r->rtt / 1e6);
	}
	p->got[r->seq] = true;
	p->answered++;
	p->last = now;
	p->last_seq = r->seq;
}

void story_ping(void *ctx, const struct ping_result *r)
{
	struct demo_ping *p = ctx;
	struct demo *d = p->d;

	switch (r->event) {
	case PING_EVENT_REPLY:
		answered(d, p, r);
		break;
	case PING_EVENT_TIMEOUT:
		p->lost++;
		if (p == &d->ping[DEMO_PING_BIG])
			timeline_add(&d->tl, d->w.now, TL_BAD, (int)p->from,
				     "request %u to %s stays without answer", r->seq + 1,
				     d->tl.lane[p->to].name);
		break;
	case PING_EVENT_ERROR:
		p->errors++;
		break;
	case PING_EVENT_SEND:
		p->lost++;
		break;
	case PING_EVENT_DONE:
		break;
	}
}
