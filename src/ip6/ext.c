/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Theory of operation. A walk stands at a header: w->next names it, w->off is where it begins,
 * w->nh_off is the octet that named it, to which Parameter Problem code 1 points. walk_step()
 * judges that header and moves behind it, or refuses the packet, or stops. Each header is at
 * least eight octets long, so walks end.
 *
 * A refusal is one of three: silent; with an error (RFC 4443 section 3.4: a field with which
 * processing cannot go on SHOULD be reported, with a pointer to it); or by a limit of ours,
 * which RFC 8504 section 5.3 wants silent and RFC 8883 wants told, so the user says.
 *
 * Read first: RFC 8200 section 4, RFC 8504 section 5.3, RFC 9673 section 5, RFC 5095 section 3.
 */
#include "ip6/ext.h"

const struct ip6_ext_limits IP6_EXT_LIMITS_DEFAULT = {
	.hdrs_max = 8,
	.opts_max = 8, /* RFC 8504 section 5.3: "SHOULD be set to 8" */
	.pad_octets_max = 7,
	.pad_zero = true,
};

enum opts_verdict {
	OPTS_GO_ON,
	OPTS_REFUSED, /* w->why says why */
	OPTS_ENOUGH,  /* skip what is left of this header */
};

/* One options header on its way through judge_opt(). */
struct opts_walk {
	struct ip6_walk *w;
	const struct ip6_ext_limits *limits;
	bool mcast; /* destination of the packet */
	bool hbh;   /* the hop-by-hop header, else destination options */
	bool forwarder;
	unsigned n;   /* options so far that are no padding */
	unsigned pad; /* octets of padding in a row */
	bool alert;
	uint16_t alert_value;
};

static bool refuse(struct ip6_walk *w, enum drop why)
{
	w->why = why;
	return false;
}

static bool refuse_icmp(struct ip6_walk *w, enum drop why, uint8_t code, uint32_t ptr)
{
	w->icmp = true;
	w->icmp_type = ICMP6_PARAM_PROB;
	w->icmp_code = code;
	w->icmp_ptr = ptr;
	return refuse(w, why);
}

static bool refuse_limit(struct ip6_walk *w, const struct ip6_ext_limits *limits, enum drop why,
			 uint8_t code, uint32_t ptr)
{
	return limits->report ? refuse_icmp(w, why, code, ptr) : refuse(w, why);
}

enum drop ip6_opt_next(struct rd *opts, struct ip6_opt *ret)
{
	struct ip6_opt opt = { .data = { .left = 0 } };
	struct rd in = *opts;
	uint8_t len;

	if (!rd_u8(&in, &opt.type))
		return DROP_OPT_SHORT;
	if (opt.type != IP6_OPT_PAD1 && (!rd_u8(&in, &len) || !rd_take(&in, len, &opt.data)))
		return DROP_OPT_SHORT;

	ASSERT(in.left < opts->left); /* each call makes progress */
	*opts = in;
	*ret = opt;
	return DROP_NONE;
}

static enum opts_verdict refused(bool ok)
{
	return ok ? OPTS_GO_ON : OPTS_REFUSED;
}

/* More than we are willing to look at. A forwarder may not drop for that: RFC 9673 section 5.2. */
static enum opts_verdict over_limit(const struct opts_walk *o, enum drop why, uint8_t code,
				    uint32_t at)
{
	if (o->forwarder)
		return OPTS_ENOUGH;
	return refused(refuse_limit(o->w, o->limits, why, code, at));
}

static enum opts_verdict judge_pad(struct opts_walk *o, const struct ip6_opt *opt, uint32_t at)
{
	unsigned bits = 0;

	o->pad += opt->type == IP6_OPT_PAD1 ? 1 : IP6_OPT_HDR_OCTETS + (unsigned)opt->data.left;
	if (o->limits->pad_octets_max != 0 && o->pad > o->limits->pad_octets_max)
		return over_limit(o, DROP_OPT_PAD, ICMP6_PARAM_OPT_BIG, at);
	if (!o->limits->pad_zero || o->forwarder)
		return OPTS_GO_ON;
	for (size_t i = 0; i < opt->data.left; i++)
		bits |= opt->data.p[i];
	return refused(bits == 0 || refuse(o->w, DROP_OPT_PAD));
}

/* RFC 8200 section 4.2: the two high bits, for a packet that may not go on. */
static bool refuse_unknown(const struct opts_walk *o, uint8_t type, uint32_t at)
{
	bool jumbo = o->hbh && type == IP6_OPT_JUMBO;

	if (o->limits->refuse_unknown)
		return refuse(o->w, DROP_OPT_UNKNOWN);
	switch (ip6_opt_action(type)) {
	case IP6_OPT_SKIP:
		return true;
	case IP6_OPT_DISCARD:
		return refuse(o->w, DROP_OPT_UNKNOWN);
	case IP6_OPT_DISCARD_ICMP:
		return refuse_icmp(o->w, DROP_OPT_UNKNOWN_ICMP, ICMP6_PARAM_OPTION, at);
	case IP6_OPT_DISCARD_ICMP_UCAST:
		if (o->mcast)
			return refuse(o->w, jumbo ? DROP_OPT_JUMBO : DROP_OPT_UNKNOWN_UCAST);
		return refuse_icmp(o->w, jumbo ? DROP_OPT_JUMBO : DROP_OPT_UNKNOWN_UCAST,
				   ICMP6_PARAM_OPTION, at);
	}
	ASSERT_NOT_REACHED();
}

static enum opts_verdict judge_alert(struct opts_walk *o, const struct ip6_opt *opt, uint32_t at)
{
	if (opt->data.left != IP6_ROUTER_ALERT_OCTETS)
		return refused(refuse_icmp(o->w, DROP_OPT_ROUTER_ALERT, ICMP6_PARAM_FIELD, at + 1));
	if (!o->alert) /* the first counts */
		o->alert_value = get_be16(opt->data.p);
	o->alert = true;
	return OPTS_GO_ON;
}

static enum opts_verdict judge_opt(struct opts_walk *o, const struct ip6_opt *opt, uint32_t at)
{
	if (opt->type == IP6_OPT_PAD1 || opt->type == IP6_OPT_PADN)
		return judge_pad(o, opt, at);
	o->pad = 0;
	o->n++;
	if (o->limits->opts_max != 0 && o->n > o->limits->opts_max)
		return over_limit(o, DROP_OPT_TOO_MANY, ICMP6_PARAM_OPTS, at);
	if (o->hbh && opt->type == IP6_OPT_ROUTER_ALERT)
		return judge_alert(o, opt, at);
	/* nobody can pass a jumbogram on without knowing its length */
	if (o->forwarder && o->limits->forward_skip && opt->type != IP6_OPT_JUMBO)
		return OPTS_GO_ON;
	return refused(refuse_unknown(o, opt->type, at));
}

/* Length of the header at w->off, which the packet must hold in whole. */
static bool hdr_octets(struct ip6_walk *w, const struct pkt *pkt,
		       const struct ip6_ext_limits *limits, uint32_t *ret)
{
	uint32_t left = pkt->len - w->off, n;

	if (left < IP6_EXT_UNIT) /* the payload length promised too little */
		return refuse_icmp(w, DROP_EXT_SHORT, ICMP6_PARAM_FIELD, IP6_PLEN_OFF);
	n = w->next == IP6_NH_FRAGMENT
		    ? IP6_FRAG_OCTETS
		    : IP6_EXT_UNIT + (uint32_t)pkt->p[w->off + IP6_EXT_LEN_OFF] * IP6_EXT_UNIT;
	if (n > left)
		return refuse_icmp(w, DROP_EXT_SHORT, ICMP6_PARAM_FIELD, w->off + IP6_EXT_LEN_OFF);
	if (limits->chain_octets_max != 0 && w->off + n - IP6_HDR_OCTETS > limits->chain_octets_max)
		return refuse_limit(w, limits, DROP_EXT_CHAIN_LONG, ICMP6_PARAM_CHAIN,
				    IP6_HDR_OCTETS + limits->chain_octets_max);
	if (w->off + n > UINT16_MAX) /* w->off would not hold it */
		return refuse_limit(w, limits, DROP_EXT_CHAIN_LONG, ICMP6_PARAM_CHAIN, UINT16_MAX);
	*ret = n;
	return true;
}

/* Behind the header at w->off, which is @n octets long. */
static bool pass(struct ip6_walk *w, const struct pkt *pkt, uint32_t n)
{
	w->nh_off = w->off;
	w->next = pkt->p[w->off];
	w->off = (uint16_t)(w->off + n);
	w->n_hdrs++;
	return true;
}

static enum opts_verdict judge_opts(struct opts_walk *o, const struct pkt *pkt, struct rd opts)
{
	enum opts_verdict v = OPTS_GO_ON;
	struct ip6_opt opt;

	while (opts.left != 0 && v == OPTS_GO_ON) {
		uint32_t at = (uint32_t)(opts.p - pkt->p);

		if (ip6_opt_next(&opts, &opt) != DROP_NONE) /* point to the length, if any */
			return refused(refuse_icmp(o->w, DROP_OPT_SHORT, ICMP6_PARAM_FIELD,
						   opts.left > 1 ? at + 1 : at));
		v = judge_opt(o, &opt, at);
	}
	return v;
}

static bool walk_opts(struct ip6_walk *w, struct pkt *pkt, const struct ip6_ext_limits *limits,
		      bool forwarder)
{
	struct opts_walk o = { .w = w,
			       .limits = limits,
			       .mcast = ip6_hdr_dst_is_mcast(pkt->p),
			       .hbh = w->next == IP6_NH_HBH,
			       .forwarder = forwarder };
	enum opts_verdict v;
	uint32_t n;

	if (!hdr_octets(w, pkt, limits, &n))
		return false;
	if (limits->hdr_octets_max != 0 && n > limits->hdr_octets_max)
		v = over_limit(&o, DROP_EXT_CHAIN_LONG, ICMP6_PARAM_HDR_BIG, w->off);
	else
		v = judge_opts(&o, pkt, rd_of(pkt->p + w->off + 2, n - 2));
	if (v == OPTS_REFUSED)
		return false;
	if (o.alert) {
		w->router_alert = true;
		w->router_alert_value = o.alert_value;
		pkt->flags |= PKT_ROUTER_ALERT;
	}
	return pass(w, pkt, n);
}

/* RFC 8200 section 4.4 and RFC 5095 section 3: nobody here is on anybody's route. */
static bool walk_routing(struct ip6_walk *w, const struct pkt *pkt,
			 const struct ip6_ext_limits *limits)
{
	const uint8_t *p = pkt->p + w->off;
	uint32_t n;

	if (!hdr_octets(w, pkt, limits, &n))
		return false;
	if (p[IP6_RH_LEFT_OFF] == 0)
		return pass(w, pkt, n);
	if (p[IP6_RH_TYPE_OFF] == IP6_RH_TYPE2 && limits->rh_type2)
		return false; /* DROP_NONE: the caller's */
	return refuse_icmp(w, p[IP6_RH_TYPE_OFF] == IP6_RH_TYPE0 ? DROP_RH_TYPE0 : DROP_RH_TYPE,
			   ICMP6_PARAM_FIELD, w->off + IP6_RH_TYPE_OFF);
}

/* Stops here in any case: what comes behind may still be on its way. */
static bool walk_fragment(struct ip6_walk *w, const struct pkt *pkt,
			  const struct ip6_ext_limits *limits)
{
	const uint8_t *p = pkt->p + w->off;
	uint16_t bits;
	uint32_t n;

	if (!hdr_octets(w, pkt, limits, &n)) {
		if (w->why == DROP_EXT_SHORT)
			w->why = DROP_FRAG_SHORT;
		return false;
	}
	bits = get_be16(p + IP6_FRAG_OFFSET_OFF);
	w->frag_off = bits & IP6_FRAG_OFFSET_MASK;
	w->frag_more = (bits & IP6_FRAG_MORE) != 0;
	w->frag_id = get_be32(p + IP6_FRAG_ID_OFF);
	w->frag_atomic = w->frag_off == 0 && !w->frag_more;
	return false;
}

/* Room for one header more? */
static bool within_count(struct ip6_walk *w, const struct pkt *pkt,
			 const struct ip6_ext_limits *limits)
{
	if (limits->hdrs_max == 0 || w->n_hdrs < limits->hdrs_max)
		return true;
	/* an error points at the one too many; if it is not there, hdr_octets() says so */
	if (limits->report && w->off == pkt->len)
		return true;
	return refuse_limit(w, limits, DROP_EXT_TOO_MANY, ICMP6_PARAM_HDRS, w->off);
}

/* Return: true behind an extension header, false at the end or on refusal. */
static bool walk_step(struct ip6_walk *w, struct pkt *pkt, const struct ip6_ext_limits *limits)
{
	switch (w->next) {
	case IP6_NH_HBH:
		if (w->n_hdrs != 0) /* RFC 8200 section 4: as an unknown header */
			return refuse_icmp(w, DROP_EXT_HBH_PLACE, ICMP6_PARAM_NEXT, w->nh_off);
		return within_count(w, pkt, limits) && walk_opts(w, pkt, limits, false);
	case IP6_NH_DSTOPTS:
		return within_count(w, pkt, limits) && walk_opts(w, pkt, limits, false);
	case IP6_NH_ROUTING:
		return within_count(w, pkt, limits) && walk_routing(w, pkt, limits);
	case IP6_NH_FRAGMENT:
		return within_count(w, pkt, limits) && walk_fragment(w, pkt, limits);
	default: /* numbers, not an enum: the rest is for the caller */
		return false;
	}
}

void ip6_walk_begin(struct ip6_walk *w, const struct pkt *pkt)
{
	ASSERT(pkt->len >= IP6_HDR_OCTETS);
	*w = (struct ip6_walk){ .why = DROP_NONE,
				.off = IP6_HDR_OCTETS,
				.nh_off = IP6_NEXT_OFF,
				.next = pkt->p[IP6_NEXT_OFF] };
}

void ip6_walk_hbh(struct ip6_walk *w, struct pkt *pkt, const struct ip6_ext_limits *limits)
{
	ASSERT(w->why == DROP_NONE && w->off <= pkt->len);
	if (w->next == IP6_NH_HBH && w->n_hdrs == 0)
		(void)walk_opts(w, pkt, limits, true);
}

void ip6_walk_chain(struct ip6_walk *w, struct pkt *pkt, const struct ip6_ext_limits *limits)
{
	ASSERT(w->why == DROP_NONE && w->off <= pkt->len);
	while (walk_step(w, pkt, limits))
		ASSERT(w->off <= pkt->len);
}

/* Octets of the extension header at the front of @r; 0 if @next is none that can be passed. */
static uint32_t skip_octets(uint8_t next, struct rd r)
{
	bool ext = next == IP6_NH_HBH || next == IP6_NH_DSTOPTS || next == IP6_NH_ROUTING;

	if (r.left < IP6_EXT_UNIT)
		return 0;
	if (ext)
		return IP6_EXT_UNIT + (uint32_t)r.p[IP6_EXT_LEN_OFF] * IP6_EXT_UNIT;
	if (next == IP6_NH_AH) /* RFC 4302 section 2.2: 32-bit words, minus 2 */
		return ((uint32_t)r.p[IP6_EXT_LEN_OFF] + 2) * 4;
	ASSERT(next == IP6_NH_FRAGMENT);
	if ((get_be16(r.p + IP6_FRAG_OFFSET_OFF) & IP6_FRAG_OFFSET_MASK) != 0)
		return 0;
	return IP6_FRAG_OCTETS;
}

static bool is_ext(uint8_t next)
{
	return next == IP6_NH_HBH || next == IP6_NH_DSTOPTS || next == IP6_NH_ROUTING ||
	       next == IP6_NH_AH || next == IP6_NH_FRAGMENT;
}

/* From the header @next at @off on, to the first that is no extension header. */
static bool find_upper(struct rd pkt, uint8_t *next, uint32_t *off)
{
	uint32_t at = *off, n;
	uint8_t nh = *next;
	struct rd r = pkt;

	if (!rd_skip(&r, at))
		return false;
	while (is_ext(nh)) {
		n = skip_octets(nh, r);
		if (n == 0)
			return false;
		nh = r.p[0];
		if (!rd_skip(&r, n))
			return false;
		at += n;
	}
	*next = nh;
	*off = at;
	return true;
}

bool ip6_upper_find(struct rd pkt, uint8_t *next, uint32_t *off)
{
	uint32_t at = IP6_HDR_OCTETS;
	uint8_t nh;

	if (pkt.left < IP6_HDR_OCTETS)
		return false;
	nh = pkt.p[IP6_NEXT_OFF];
	if (!find_upper(pkt, &nh, &at))
		return false;
	*next = nh;
	*off = at;
	return true;
}

/* Octets of the fixed part of upper-layer headers; of unknown ones, none. */
static uint32_t upper_octets(uint8_t next)
{
	switch (next) {
	case IP6_NH_IP6:
		return 40;
	case IP6_NH_TCP:
	case IP6_NH_IP4:
		return 20;
	case IP6_NH_SCTP:
	case IP6_NH_DCCP:
		return 12;
	case IP6_NH_UDP:
	case IP6_NH_UDPLITE:
	case IP6_NH_ESP:
	case IP6_NH_MH:
		return 8;
	case IP6_NH_ICMP6:
	case IP6_NH_GRE:
	case IP6_NH_IPCOMP:
		return 4;
	default:
		return 0;
	}
}

bool ip6_chain_is_whole(struct rd pkt, uint8_t next, uint32_t off)
{
	return find_upper(pkt, &next, &off) && pkt.left - off >= upper_octets(next);
}
