/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Theory of operation. nd_parse() decodes the fixed part, judges it, decodes the options and
 * judges what needs them; only then is the caller's value set. No state of the node is looked at
 * or changed, so a discarded message leaves no trace but its reason.
 *
 * Read RFC 4861 sections 4.1 to 4.5 for the formats, 6.1, 7.1 and 8.1 for the checks.
 */
#include "nd/msg.h"

#include "ip6/scope.h"

/* RFC 4861 section 4.2, RFC 6275 section 7.1, RFC 4191 section 2.2, RFC 4389 section 4.1.3.3 */
#define RA_M	      0x80
#define RA_O	      0x40
#define RA_H	      0x20
#define RA_PREF_SHIFT 3
#define RA_P	      0x04

/* RFC 4861 section 4.4 */
#define NA_R 0x80000000u
#define NA_S 0x40000000u
#define NA_O 0x20000000u

/* RFC 4191 section 2.2: the reserved value, and any value beside a lifetime of 0, is medium. */
static int8_t ra_pref(uint8_t flags, uint16_t lifetime_s)
{
	unsigned bits = flags >> RA_PREF_SHIFT & 3;

	if (lifetime_s == 0)
		return ND_PREF_MEDIUM;
	return bits == 1 ? ND_PREF_HIGH : bits == 3 ? ND_PREF_LOW : ND_PREF_MEDIUM;
}

static bool ra_parse(struct rd *in, struct nd_ra *ra)
{
	uint32_t reachable_ms, retrans_ms;
	uint8_t flags;

	if (!rd_u8(in, &ra->hop_limit) || !rd_u8(in, &flags) || !rd_u16(in, &ra->lifetime_s) ||
	    !rd_u32(in, &reachable_ms) || !rd_u32(in, &retrans_ms))
		return false;
	ra->managed = (flags & RA_M) != 0;
	ra->other = (flags & RA_O) != 0;
	ra->home_agent = (flags & RA_H) != 0;
	ra->proxied = (flags & RA_P) != 0;
	ra->pref = ra_pref(flags, ra->lifetime_s);
	ra->reachable = reachable_ms * NS_PER_MS;
	ra->retrans = retrans_ms * NS_PER_MS;
	return true;
}

static bool na_parse(struct rd *in, struct nd_msg *m)
{
	uint32_t flags;

	if (!rd_u32(in, &flags) || !rd_addr(in, &m->target))
		return false;
	m->router = (flags & NA_R) != 0;
	m->solicited = (flags & NA_S) != 0;
	m->override = (flags & NA_O) != 0;
	return true;
}

/* What stands before the options; the minimum lengths of sections 6.1, 7.1 and 8.1 follow. */
static bool fixed_parse(struct rd *in, struct nd_msg *m)
{
	switch (m->type) {
	case ND_RS:
		return rd_skip(in, 4);
	case ND_RA:
		return ra_parse(in, &m->ra);
	case ND_NS:
		return rd_skip(in, 4) && rd_addr(in, &m->target);
	case ND_NA:
		return na_parse(in, m);
	case ND_REDIRECT:
		return rd_skip(in, 4) && rd_addr(in, &m->target) && rd_addr(in, &m->dest);
	}
	ASSERT_NOT_REACHED();
}

/* RFC 4861 section 7.1.1 */
static enum drop ns_judge(const struct nd_msg *m, const struct ip6_addr *src,
			  const struct ip6_addr *dst)
{
	if (ip6_is_mcast(&m->target))
		return DROP_ND_TARGET_MCAST;
	if (!ip6_is_unspec(src))
		return DROP_NONE;
	if (!ip6_is_solicited_node(dst))
		return DROP_ND_DAD_DST;
	return m->opts.has & ND_HAS_SLLA ? DROP_ND_DAD_SLLAO : DROP_NONE;
}

/* RFC 4861 section 7.1.2 */
static enum drop na_judge(const struct nd_msg *m, const struct ip6_addr *dst)
{
	if (ip6_is_mcast(&m->target))
		return DROP_ND_TARGET_MCAST;
	return ip6_is_mcast(dst) && m->solicited ? DROP_ND_NA_SOLICITED : DROP_NONE;
}

/* RFC 4861 section 8.1; the comparison with the present first hop is the caller's. */
static enum drop redirect_judge(const struct nd_msg *m, const struct ip6_addr *src)
{
	if (!ip6_is_linklocal(src))
		return DROP_ND_SRC_NOT_LL;
	if (ip6_is_mcast(&m->dest))
		return DROP_ND_REDIRECT_DST;
	if (!ip6_is_linklocal(&m->target) && !ip6_eq(&m->target, &m->dest))
		return DROP_ND_REDIRECT_TARGET;
	return DROP_NONE;
}

static enum drop nd_judge(const struct nd_msg *m, const struct ip6_addr *src,
			  const struct ip6_addr *dst)
{
	switch (m->type) {
	case ND_RS: /* RFC 4861 section 6.1.1 */
		if (ip6_is_unspec(src) && (m->opts.has & ND_HAS_SLLA))
			return DROP_ND_RS_SLLAO;
		return DROP_NONE;
	case ND_RA: /* RFC 4861 section 6.1.2 */
		return ip6_is_linklocal(src) ? DROP_NONE : DROP_ND_SRC_NOT_LL;
	case ND_NS:
		return ns_judge(m, src, dst);
	case ND_NA:
		return na_judge(m, dst);
	case ND_REDIRECT:
		return redirect_judge(m, src);
	}
	ASSERT_NOT_REACHED();
}

enum drop nd_parse(struct rd icmp, const struct ip6_addr *src, const struct ip6_addr *dst,
		   uint8_t hop_limit, struct nd_msg *ret)
{
	struct nd_msg m = { 0 };
	uint8_t type, code;
	enum drop why;

	if (hop_limit != ND_HOP_LIMIT)
		return DROP_ND_HOP_LIMIT;
	if (!rd_u8(&icmp, &type) || !rd_u8(&icmp, &code) || !rd_skip(&icmp, 2))
		return DROP_ND_SHORT;
	if (!nd_is_type(type))
		return DROP_ICMP6_TYPE;
	if (code != 0)
		return DROP_ND_CODE;
	m.type = (enum nd_type)type;
	if (!fixed_parse(&icmp, &m))
		return DROP_ND_SHORT;
	why = nd_opts_parse(icmp, type, &m.opts);
	if (why == DROP_NONE)
		why = nd_judge(&m, src, dst);
	if (why == DROP_NONE)
		*ret = m;
	return why;
}

static uint32_t ms_of(time_ns t)
{
	ASSERT(t <= UINT32_MAX * NS_PER_MS);
	return (uint32_t)((t + NS_PER_MS - 1) / NS_PER_MS);
}

static void ra_build(struct wr *w, const struct nd_ra *ra)
{
	int pref = ra->lifetime_s == 0 ? ND_PREF_MEDIUM : ra->pref;

	wr_u8(w, ra->hop_limit);
	wr_u8(w, (uint8_t)((ra->managed ? RA_M : 0) | (ra->other ? RA_O : 0) |
			   (ra->home_agent ? RA_H : 0) | (ra->proxied ? RA_P : 0) |
			   (pref & 3) << RA_PREF_SHIFT));
	wr_u16(w, ra->lifetime_s);
	wr_u32(w, ms_of(ra->reachable));
	wr_u32(w, ms_of(ra->retrans));
}

static void fixed_build(struct wr *w, const struct nd_msg *m)
{
	switch (m->type) {
	case ND_RS:
		wr_u32(w, 0);
		return;
	case ND_RA:
		ra_build(w, &m->ra);
		return;
	case ND_NS:
		wr_u32(w, 0);
		wr_addr(w, &m->target);
		return;
	case ND_NA:
		wr_u32(w, (m->router ? NA_R : 0) | (m->solicited ? NA_S : 0) |
				  (m->override ? NA_O : 0));
		wr_addr(w, &m->target);
		return;
	case ND_REDIRECT:
		wr_u32(w, 0);
		wr_addr(w, &m->target);
		wr_addr(w, &m->dest);
		return;
	}
	ASSERT_NOT_REACHED();
}

void nd_build(struct wr *w, const struct nd_msg *m)
{
	wr_u8(w, (uint8_t)m->type);
	wr_u8(w, 0);
	wr_u16(w, 0);
	fixed_build(w, m);
	nd_opts_build(w, m->type, &m->opts);
}
