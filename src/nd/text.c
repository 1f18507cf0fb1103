/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Neighbor Discovery messages for people: one line each, for traces.
 */
#include "nd/msg.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

/* Text that grows; what does not fit is cut. */
struct out {
	char *p;
	size_t left; /* with the final NUL */
};

static void PRINTF(2, 3) say(struct out *o, const char *fmt, ...)
{
	va_list args;
	int n;

	va_start(args, fmt);
	n = vsnprintf(o->p, o->left, fmt, args);
	va_end(args);
	ASSERT(n >= 0);
	if ((size_t)n >= o->left)
		n = (int)o->left - 1;
	o->p += n;
	o->left -= (size_t)n;
}

static void say_addr(struct out *o, const char *before, const struct ip6_addr *a)
{
	char buf[IP6_TEXT_MAX];

	say(o, "%s%s", before, ip6_text(a, buf));
}

static void say_mac(struct out *o, const char *before, const struct mac *m)
{
	char buf[MAC_TEXT_MAX];

	say(o, "%s%s", before, mac_text(m, buf));
}

static void say_lifetime(struct out *o, uint32_t s)
{
	if (s == ND_INFINITY)
		say(o, "infinite");
	else
		say(o, "%" PRIu32 " s", s);
}

static const char *pref_name(int pref)
{
	return pref < 0 ? "low" : pref > 0 ? "high" : "medium";
}

static void say_ra(struct out *o, const struct nd_ra *ra)
{
	say(o, "RA%s%s%s%s lifetime %u s", ra->managed ? " managed" : "", ra->other ? " other" : "",
	    ra->home_agent ? " home-agent" : "", ra->proxied ? " proxied" : "", ra->lifetime_s);
	if (ra->pref != ND_PREF_MEDIUM)
		say(o, " preference %s", pref_name(ra->pref));
	if (ra->hop_limit != 0)
		say(o, " hop limit %u", ra->hop_limit);
	if (ra->reachable != 0)
		say(o, " reachable %" PRIu64 " ms", ra->reachable / NS_PER_MS);
	if (ra->retrans != 0)
		say(o, " retrans %" PRIu64 " ms", ra->retrans / NS_PER_MS);
}

static void say_prefix(struct out *o, const struct nd_prefix *p)
{
	say_addr(o, ", prefix ", &p->prefix);
	say(o, "/%u%s%s valid ", p->len, p->on_link ? " on-link" : "",
	    p->autonomous ? " autonomous" : "");
	say_lifetime(o, p->valid_s);
	say(o, " preferred ");
	say_lifetime(o, p->preferred_s);
	if (p->router_addr)
		say_addr(o, " router ", &p->router);
}

static void say_route(struct out *o, const struct nd_route *r)
{
	say_addr(o, ", route ", &r->prefix);
	say(o, "/%u preference %s lifetime ", r->len, pref_name(r->pref));
	say_lifetime(o, r->lifetime_s);
}

static void say_rdnss(struct out *o, const struct nd_rdnss *r)
{
	struct rd addrs = r->addrs;
	struct ip6_addr a;

	say(o, ", rdnss");
	while (nd_rdnss_next(&addrs, &a))
		say_addr(o, " ", &a);
	say(o, " lifetime ");
	say_lifetime(o, r->lifetime_s);
}

static void say_dnssl(struct out *o, const struct nd_dnssl *d)
{
	struct rd names = d->names;
	char name[ND_NAME_TEXT_MAX];

	say(o, ", dnssl");
	while (nd_dnssl_next(&names, name))
		say(o, " %s", name);
	say(o, " lifetime ");
	say_lifetime(o, d->lifetime_s);
}

static void say_uri(struct out *o, struct rd uri)
{
	uint8_t c;

	say(o, ", captive portal ");
	while (rd_u8(&uri, &c))
		say(o, "%c", c > ' ' && c < 0x7f ? c : '?');
}

static void say_hex(struct out *o, const char *before, struct rd data)
{
	uint8_t c;

	say(o, "%s", before);
	while (rd_u8(&data, &c))
		say(o, "%02x", c);
}

static void say_ra_opts(struct out *o, const struct nd_opts *opts)
{
	if (opts->has & ND_HAS_RA_FLAGS)
		say(o, ", flags %012" PRIx64, opts->ra_flags);
	if (opts->has & ND_HAS_MTU)
		say(o, ", mtu %" PRIu32, opts->mtu);
	for (unsigned i = 0; i < opts->n_prefixes; i++)
		say_prefix(o, &opts->prefix[i]);
	for (unsigned i = 0; i < opts->n_routes; i++)
		say_route(o, &opts->route[i]);
	if (opts->has & ND_HAS_ADV_INTERVAL)
		say(o, ", interval %" PRIu64 " ms", opts->adv_interval / NS_PER_MS);
	if (opts->has & ND_HAS_HOME_AGENT)
		say(o, ", home agent preference %u lifetime %u s", opts->ha_preference,
		    opts->ha_lifetime_s);
	for (unsigned i = 0; i < opts->n_rdnss; i++)
		say_rdnss(o, &opts->rdnss[i]);
	for (unsigned i = 0; i < opts->n_dnssl; i++)
		say_dnssl(o, &opts->dnssl[i]);
	for (unsigned i = 0; i < opts->n_pref64; i++) {
		say_addr(o, ", pref64 ", &opts->pref64[i].prefix);
		say(o, "/%u lifetime %u s", opts->pref64[i].len, opts->pref64[i].lifetime_s);
	}
	if (opts->has & ND_HAS_CAPTIVE)
		say_uri(o, opts->captive);
}

static void say_opts(struct out *o, const struct nd_opts *opts)
{
	if (opts->has & ND_HAS_SLLA)
		say_mac(o, ", from ", &opts->slla);
	if (opts->has & ND_HAS_TLLA)
		say_mac(o, ", at ", &opts->tlla);
	say_ra_opts(o, opts);
	if (opts->has & ND_HAS_NONCE)
		say_hex(o, ", nonce ", opts->nonce);
	if (opts->has & ND_HAS_REDIRECTED)
		say(o, ", quotes %zu octets", opts->redirected.left);
	if (opts->ignored != 0)
		say(o, ", %u options ignored", opts->ignored);
}

const char *nd_text(const struct nd_msg *m, char *buf, size_t size)
{
	struct out o = { buf, size };

	ASSERT(size > 0);
	switch (m->type) {
	case ND_RS:
		say(&o, "RS");
		break;
	case ND_RA:
		say_ra(&o, &m->ra);
		break;
	case ND_NS:
		say_addr(&o, "NS who has ", &m->target);
		break;
	case ND_NA:
		say_addr(&o, "NA ", &m->target);
		say(&o, "%s%s%s", m->router ? " router" : "", m->solicited ? " solicited" : "",
		    m->override ? " override" : "");
		break;
	case ND_REDIRECT:
		say_addr(&o, "Redirect ", &m->dest);
		say_addr(&o, " to ", &m->target);
		break;
	}
	say_opts(&o, &m->opts);
	return buf;
}
