/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Theory of operation. A walker takes the list apart and refuses the message where the list
 * itself is broken: an option of length zero (RFC 4861 section 4.6: MUST discard), one that runs
 * past the end, more options than the limit. Then each option that the message may have is
 * decoded by its type.
 *
 * What to do with a single malformed option RFC 4861 does not say. A link-layer address of a
 * wrong length means that the sender is on another kind of link, so the message goes. All
 * others are ignored and counted, so that one bad option cannot take away a whole router; for
 * some that is a MUST (RFC 8106 section 5.3.1, RFC 8781 section 4, RFC 4191 section 2.3 on
 * reserved preferences).
 *
 * Of an option that may be there once, the first counts (RFC 5175 section 4 says so for flags).
 *
 * Read RFC 4861 section 4.6, RFC 4191 section 2.3, RFC 8106 section 5, RFC 6275 section 7.
 */
#include "nd/opt.h"

#include "ip6/scope.h"
#include "nd/msg.h"

/* RFC 4861 section 4.6.2, RFC 6275 section 7.2. */
#define PREFIX_UNITS 4
#define PREFIX_L     0x80
#define PREFIX_A     0x40
#define PREFIX_R     0x20

#define ROUTE_PREF_SHIFT 3  /* RFC 4191 section 2.3 */
#define RDNSS_HDR	 8  /* RFC 8106: octets before the addresses or names */
#define REDIRECTED_HDR	 8  /* RFC 4861 section 4.6.3 */
#define RA_FLAGS_BITS	 48 /* RFC 5175 section 4 */

_Static_assert(ND_PREFIXES_MAX + ND_ROUTES_MAX + ND_RDNSS_MAX + ND_DNSSL_MAX + ND_PREF64_MAX + 9 <=
		       ND_OPTS_MAX,
	       "a message of all that is kept is within the limit");

enum drop nd_opt_next(struct rd *msg, struct nd_opt *ret)
{
	struct rd in = *msg;
	struct nd_opt opt;
	uint8_t units;

	if (!rd_u8(&in, &opt.type) || !rd_u8(&in, &units))
		return DROP_ND_OPT_SHORT;
	if (units == 0) /* or the caller's loop never ends */
		return DROP_ND_OPT_ZERO;
	if (!rd_take(&in, (size_t)units * ND_OPT_UNIT - ND_OPT_HDR, &opt.body))
		return DROP_ND_OPT_OVERRUN;

	ASSERT(in.left < msg->left); /* each call makes progress */
	*msg = in;
	*ret = opt;
	return DROP_NONE;
}

/* Which messages an option counts in; in others it MUST be ignored. */
static bool opt_belongs(unsigned type, uint8_t opt)
{
	switch (opt) {
	case ND_OPT_SLLA:
		return type == ND_RS || type == ND_RA || type == ND_NS;
	case ND_OPT_TLLA:
		return type == ND_NA || type == ND_REDIRECT;
	case ND_OPT_REDIRECTED:
		return type == ND_REDIRECT;
	case ND_OPT_NONCE:
		return type != ND_REDIRECT;
	case ND_OPT_PREFIX:
	case ND_OPT_MTU:
	case ND_OPT_ADV_INTERVAL:
	case ND_OPT_HOME_AGENT:
	case ND_OPT_ROUTE:
	case ND_OPT_RDNSS:
	case ND_OPT_RA_FLAGS:
	case ND_OPT_DNSSL:
	case ND_OPT_CAPTIVE:
	case ND_OPT_PREF64:
		return type == ND_RA;
	default: /* not an enum: any octet */
		return false;
	}
}

static bool is_units(struct rd body, size_t units)
{
	return body.left == units * ND_OPT_UNIT - ND_OPT_HDR;
}

bool nd_prefix_parse(struct rd body, struct nd_prefix *ret)
{
	struct nd_prefix p = { .router = IP6_UNSPEC };
	struct ip6_addr addr;
	uint8_t flags;

	if (!is_units(body, PREFIX_UNITS) || !rd_u8(&body, &p.len) || !rd_u8(&body, &flags) ||
	    !rd_u32(&body, &p.valid_s) || !rd_u32(&body, &p.preferred_s) || !rd_skip(&body, 4) ||
	    !rd_addr(&body, &addr) || p.len > IP6_ADDR_BITS)
		return false;
	p.on_link = (flags & PREFIX_L) != 0;
	p.autonomous = (flags & PREFIX_A) != 0;
	p.router_addr = (flags & PREFIX_R) != 0;
	p.prefix = ip6_prefix(&addr, p.len);
	if (p.router_addr)
		p.router = addr;
	*ret = p;
	return true;
}

/* RFC 4191 section 2.3: one unit more for each half of the prefix. */
static bool route_parse(struct rd body, struct nd_route *ret)
{
	struct nd_route r = { .prefix = IP6_UNSPEC };
	size_t units = (body.left + ND_OPT_HDR) / ND_OPT_UNIT;
	uint8_t flags;

	if (units > 3 || !rd_u8(&body, &r.len) || !rd_u8(&body, &flags) ||
	    !rd_u32(&body, &r.lifetime_s))
		return false;
	if (r.len > IP6_ADDR_BITS || (r.len > 64 && units < 3) || (r.len > 0 && units < 2))
		return false;
	switch (flags >> ROUTE_PREF_SHIFT & 3) {
	case 0:
		r.pref = ND_PREF_MEDIUM;
		break;
	case 1:
		r.pref = ND_PREF_HIGH;
		break;
	case 3:
		r.pref = ND_PREF_LOW;
		break;
	default: /* reserved: the option MUST be ignored */
		return false;
	}
	memcpy(r.prefix.b, body.p, body.left);
	r.prefix = ip6_prefix(&r.prefix, r.len);
	*ret = r;
	return true;
}

/* RFC 8106 sections 5.1 and 5.3.1: whole addresses, at least one, all unicast. */
static bool rdnss_parse(struct rd body, struct nd_rdnss *ret)
{
	struct nd_rdnss r;
	struct ip6_addr a;

	if (!rd_skip(&body, 2) || !rd_u32(&body, &r.lifetime_s))
		return false;
	if (body.left == 0 || body.left % IP6_ADDR_OCTETS != 0)
		return false;
	r.addrs = body;
	while (rd_addr(&body, &a))
		if (!ip6_is_unicast(&a))
			return false;
	*ret = r;
	return true;
}

/* RFC 8106 section 5.2: names one behind the other, at least one, padded with zeros. */
static bool dnssl_parse(struct rd body, struct nd_dnssl *ret)
{
	struct nd_dnssl d;
	struct dname name;

	if (!rd_skip(&body, 2) || !rd_u32(&body, &d.lifetime_s))
		return false;
	d.names = body;
	while (body.left > 0 && body.p[0] != 0) /* an empty name is none: it is padding */
		if (!dname_take(&body, &name))
			return false;
	d.names.left -= body.left;
	if (d.names.left == 0)
		return false;
	*ret = d;
	return true;
}

/* RFC 8781 section 4: prefix length by its code. */
static const uint8_t pref64_len[] = { 96, 64, 56, 48, 40, 32 };

static bool pref64_parse(struct rd body, struct nd_pref64 *ret)
{
	struct nd_pref64 p = { .prefix = IP6_UNSPEC };
	uint16_t scaled;
	unsigned code;

	if (!is_units(body, 2) || !rd_u16(&body, &scaled) || !rd_copy(&body, p.prefix.b, 12))
		return false;
	code = scaled & 7;
	if (code >= ARRAY_LEN(pref64_len))
		return false;
	p.len = pref64_len[code];
	p.lifetime_s = scaled & 0xfff8; /* section 4.1: in units of 8 seconds */
	p.prefix = ip6_prefix(&p.prefix, p.len);
	*ret = p;
	return true;
}

static bool u32_parse(struct rd body, uint32_t *ret)
{
	return is_units(body, 1) && rd_skip(&body, 2) && rd_u32(&body, ret);
}

static bool home_agent_parse(struct rd body, struct nd_opts *o)
{
	return is_units(body, 1) && rd_skip(&body, 2) && rd_u16(&body, &o->ha_preference) &&
	       rd_u16(&body, &o->ha_lifetime_s);
}

/* RFC 5175 section 4: longer options may come; what we know is in the first unit. */
static bool ra_flags_parse(struct rd body, struct nd_opts *o)
{
	uint16_t high;
	uint32_t low;

	if (!rd_u16(&body, &high) || !rd_u32(&body, &low))
		return false;
	o->ra_flags = (uint64_t)high << 32 | low;
	return true;
}

static bool captive_parse(struct rd body, struct nd_opts *o)
{
	while (body.left > 0 && body.p[body.left - 1] == 0)
		body.left--;
	if (body.left == 0)
		return false;
	o->captive = body;
	return true;
}

static bool redirected_parse(struct rd body, struct nd_opts *o)
{
	return rd_skip(&body, REDIRECTED_HDR - ND_OPT_HDR) &&
	       rd_take(&body, body.left, &o->redirected);
}

/* Zero for the options of which there may be several. */
static uint32_t has_bit(uint8_t opt)
{
	switch (opt) {
	case ND_OPT_SLLA:
		return ND_HAS_SLLA;
	case ND_OPT_TLLA:
		return ND_HAS_TLLA;
	case ND_OPT_REDIRECTED:
		return ND_HAS_REDIRECTED;
	case ND_OPT_MTU:
		return ND_HAS_MTU;
	case ND_OPT_ADV_INTERVAL:
		return ND_HAS_ADV_INTERVAL;
	case ND_OPT_HOME_AGENT:
		return ND_HAS_HOME_AGENT;
	case ND_OPT_NONCE:
		return ND_HAS_NONCE;
	case ND_OPT_RA_FLAGS:
		return ND_HAS_RA_FLAGS;
	case ND_OPT_CAPTIVE:
		return ND_HAS_CAPTIVE;
	default:
		return 0;
	}
}

/* One that may be there once. False: ignore it; nothing has then changed in @o. */
static bool single_parse(const struct nd_opt *opt, struct nd_opts *o)
{
	struct rd body = opt->body;
	uint32_t ms;

	switch (opt->type) {
	case ND_OPT_SLLA:
		return rd_copy(&body, o->slla.b, ETH_MAC_OCTETS);
	case ND_OPT_TLLA:
		return rd_copy(&body, o->tlla.b, ETH_MAC_OCTETS);
	case ND_OPT_REDIRECTED:
		return redirected_parse(body, o);
	case ND_OPT_MTU:
		return u32_parse(body, &o->mtu);
	case ND_OPT_ADV_INTERVAL:
		if (!u32_parse(body, &ms))
			return false;
		o->adv_interval = ms * NS_PER_MS;
		return true;
	case ND_OPT_HOME_AGENT:
		return home_agent_parse(body, o);
	case ND_OPT_NONCE:
		return rd_take(&body, body.left, &o->nonce);
	case ND_OPT_RA_FLAGS:
		return ra_flags_parse(body, o);
	case ND_OPT_CAPTIVE:
		return captive_parse(body, o);
	default:
		return false;
	}
}

/* One of which there may be several. False: ignore it. */
static bool listed_parse(const struct nd_opt *opt, struct nd_opts *o)
{
	switch (opt->type) {
	case ND_OPT_PREFIX:
		if (o->n_prefixes == ND_PREFIXES_MAX ||
		    !nd_prefix_parse(opt->body, &o->prefix[o->n_prefixes]))
			return false;
		o->n_prefixes++;
		return true;
	case ND_OPT_ROUTE:
		if (o->n_routes == ND_ROUTES_MAX || !route_parse(opt->body, &o->route[o->n_routes]))
			return false;
		o->n_routes++;
		return true;
	case ND_OPT_RDNSS:
		if (o->n_rdnss == ND_RDNSS_MAX || !rdnss_parse(opt->body, &o->rdnss[o->n_rdnss]))
			return false;
		o->n_rdnss++;
		return true;
	case ND_OPT_DNSSL:
		if (o->n_dnssl == ND_DNSSL_MAX || !dnssl_parse(opt->body, &o->dnssl[o->n_dnssl]))
			return false;
		o->n_dnssl++;
		return true;
	case ND_OPT_PREF64:
		if (o->n_pref64 == ND_PREF64_MAX ||
		    !pref64_parse(opt->body, &o->pref64[o->n_pref64]))
			return false;
		o->n_pref64++;
		return true;
	default:
		ASSERT_NOT_REACHED();
	}
}

static enum drop opt_parse(const struct nd_opt *opt, struct nd_opts *o)
{
	uint32_t bit = has_bit(opt->type);
	bool taken;

	if ((opt->type == ND_OPT_SLLA || opt->type == ND_OPT_TLLA) && !is_units(opt->body, 1))
		return DROP_ND_OPT_BAD;
	if (bit == 0)
		taken = listed_parse(opt, o);
	else
		taken = (o->has & bit) == 0 && single_parse(opt, o);
	if (taken)
		o->has |= bit;
	else
		o->ignored++; /* at most ND_OPTS_MAX */
	return DROP_NONE;
}

enum drop nd_opts_parse(struct rd in, unsigned type, struct nd_opts *ret)
{
	struct nd_opts o = { 0 };
	unsigned n = 0;

	while (in.left > 0) {
		struct nd_opt opt;
		enum drop why = nd_opt_next(&in, &opt);

		if (why == DROP_NONE && ++n > ND_OPTS_MAX)
			why = DROP_ND_OPT_MANY;
		if (why == DROP_NONE && opt_belongs(type, opt.type))
			why = opt_parse(&opt, &o);
		if (why != DROP_NONE)
			return why;
	}
	*ret = o;
	return DROP_NONE;
}

/*
 * Building.
 */

static size_t pad_of(size_t octets)
{
	return (ND_OPT_UNIT - octets % ND_OPT_UNIT) % ND_OPT_UNIT;
}

/* Type and length of an option of @octets in all, padding not counted. */
static void opt_start(struct wr *w, enum nd_opt_type type, size_t octets)
{
	size_t units = (octets + pad_of(octets)) / ND_OPT_UNIT;

	ASSERT(units > 0 && units <= 255);
	wr_u8(w, (uint8_t)type);
	wr_u8(w, (uint8_t)units);
}

/* An option of @zeros reserved octets, then @data, then padding. */
static void data_build(struct wr *w, enum nd_opt_type type, size_t zeros, struct rd data)
{
	size_t octets = ND_OPT_HDR + zeros + data.left;

	opt_start(w, type, octets);
	wr_zero(w, zeros);
	wr_bytes(w, data.p, data.left);
	wr_zero(w, pad_of(octets));
}

static void u32_build(struct wr *w, enum nd_opt_type type, uint32_t v)
{
	opt_start(w, type, ND_OPT_UNIT);
	wr_u16(w, 0);
	wr_u32(w, v);
}

void nd_prefix_build(struct wr *w, const struct nd_prefix *p)
{
	struct ip6_addr addr;

	ASSERT(p->len <= IP6_ADDR_BITS);
	addr = p->router_addr ? p->router : ip6_prefix(&p->prefix, p->len);
	opt_start(w, ND_OPT_PREFIX, PREFIX_UNITS * ND_OPT_UNIT);
	wr_u8(w, p->len);
	wr_u8(w, (uint8_t)((p->on_link ? PREFIX_L : 0) | (p->autonomous ? PREFIX_A : 0) |
			   (p->router_addr ? PREFIX_R : 0)));
	wr_u32(w, p->valid_s);
	wr_u32(w, p->preferred_s);
	wr_u32(w, 0);
	wr_addr(w, &addr);
}

static void route_build(struct wr *w, const struct nd_route *r)
{
	size_t octets = r->len == 0 ? 0 : r->len <= 64 ? 8 : 16;
	struct ip6_addr prefix = ip6_prefix(&r->prefix, r->len);

	opt_start(w, ND_OPT_ROUTE, ND_OPT_UNIT + octets);
	wr_u8(w, r->len);
	wr_u8(w, (uint8_t)((r->pref & 3) << ROUTE_PREF_SHIFT));
	wr_u32(w, r->lifetime_s);
	wr_bytes(w, prefix.b, octets);
}

static void dns_build(struct wr *w, enum nd_opt_type type, uint32_t lifetime_s, struct rd data)
{
	size_t octets = RDNSS_HDR + data.left;

	opt_start(w, type, octets);
	wr_u16(w, 0);
	wr_u32(w, lifetime_s);
	wr_bytes(w, data.p, data.left);
	wr_zero(w, pad_of(octets));
}

/* RFC 8781 section 4.1: round up, but not beyond the field. */
static void pref64_build(struct wr *w, const struct nd_pref64 *p)
{
	struct ip6_addr prefix = ip6_prefix(&p->prefix, p->len);
	unsigned scaled = MIN((p->lifetime_s + 7u) & ~7u, 0xfff8u);
	unsigned code = 0;

	while (code < ARRAY_LEN(pref64_len) && pref64_len[code] != p->len)
		code++;
	ASSERT(code < ARRAY_LEN(pref64_len));
	opt_start(w, ND_OPT_PREF64, 2 * ND_OPT_UNIT);
	wr_u16(w, (uint16_t)(scaled | code));
	wr_bytes(w, prefix.b, 12);
}

static void mac_build(struct wr *w, enum nd_opt_type type, const struct mac *mac)
{
	data_build(w, type, 0, rd_of(mac->b, ETH_MAC_OCTETS));
}

static void ra_flags_build(struct wr *w, uint64_t flags)
{
	ASSERT(flags >> RA_FLAGS_BITS == 0);
	opt_start(w, ND_OPT_RA_FLAGS, ND_OPT_UNIT);
	wr_u16(w, (uint16_t)(flags >> 32));
	wr_u32(w, (uint32_t)flags);
}

static void home_agent_build(struct wr *w, const struct nd_opts *o)
{
	opt_start(w, ND_OPT_HOME_AGENT, ND_OPT_UNIT);
	wr_u16(w, 0);
	wr_u16(w, o->ha_preference);
	wr_u16(w, o->ha_lifetime_s);
}

static void adv_interval_build(struct wr *w, time_ns t)
{
	ASSERT(t <= UINT32_MAX * NS_PER_MS);
	u32_build(w, ND_OPT_ADV_INTERVAL, (uint32_t)((t + NS_PER_MS - 1) / NS_PER_MS));
}

/* RFC 5175 section 4: the flags come before the options that they are about. */
static void ra_opts_build(struct wr *w, const struct nd_opts *o)
{
	if (o->has & ND_HAS_RA_FLAGS)
		ra_flags_build(w, o->ra_flags);
	if (o->has & ND_HAS_MTU)
		u32_build(w, ND_OPT_MTU, o->mtu);
	for (unsigned i = 0; i < o->n_prefixes; i++)
		nd_prefix_build(w, &o->prefix[i]);
	for (unsigned i = 0; i < o->n_routes; i++)
		route_build(w, &o->route[i]);
	if (o->has & ND_HAS_ADV_INTERVAL)
		adv_interval_build(w, o->adv_interval);
	if (o->has & ND_HAS_HOME_AGENT)
		home_agent_build(w, o);
	for (unsigned i = 0; i < o->n_rdnss; i++)
		dns_build(w, ND_OPT_RDNSS, o->rdnss[i].lifetime_s, o->rdnss[i].addrs);
	for (unsigned i = 0; i < o->n_dnssl; i++)
		dns_build(w, ND_OPT_DNSSL, o->dnssl[i].lifetime_s, o->dnssl[i].names);
	for (unsigned i = 0; i < o->n_pref64; i++)
		pref64_build(w, &o->pref64[i]);
	if (o->has & ND_HAS_CAPTIVE)
		data_build(w, ND_OPT_CAPTIVE, 0, o->captive);
}

static bool all_belong(unsigned type, const struct nd_opts *o)
{
	for (unsigned opt = 0; opt <= UINT8_MAX; opt++)
		if ((o->has & has_bit((uint8_t)opt)) && !opt_belongs(type, (uint8_t)opt))
			return false;
	return type == ND_RA ||
	       (o->n_prefixes | o->n_routes | o->n_rdnss | o->n_dnssl | o->n_pref64) == 0;
}

void nd_opts_build(struct wr *w, unsigned type, const struct nd_opts *o)
{
	ASSERT(all_belong(type, o));
	if (o->has & ND_HAS_SLLA)
		mac_build(w, ND_OPT_SLLA, &o->slla);
	if (o->has & ND_HAS_TLLA)
		mac_build(w, ND_OPT_TLLA, &o->tlla);
	if (type == ND_RA)
		ra_opts_build(w, o);
	if (o->has & ND_HAS_NONCE) {
		ASSERT(o->nonce.left % ND_OPT_UNIT == ND_NONCE_OCTETS);
		data_build(w, ND_OPT_NONCE, 0, o->nonce);
	}
	if (o->has & ND_HAS_REDIRECTED)
		data_build(w, ND_OPT_REDIRECTED, REDIRECTED_HDR - ND_OPT_HDR, o->redirected);
}

bool nd_dnssl_next(struct rd *names, char buf[ND_NAME_TEXT_MAX])
{
	struct dname name;

	if (!dname_take(names, &name))
		return false;
	dname_text(&name, buf);
	return true;
}
