/* SPDX-License-Identifier: BSD-3-Clause */
/* What there is for each interface: net.ipv6.conf and net.ipv6.neigh. */
#include "node/sysctl_part.h"

#define CONF(name, field, min, max, unit)                                                          \
	SYSCTL_FIELD(SYSCTL_IN_CONF, struct if_conf, name, field, min, max, unit)
#define NUD(name, field, min, max, unit)                                                           \
	SYSCTL_FIELD(SYSCTL_IN_NUD, struct nud_conf, name, field, min, max, unit)

#define INT_MAX_ 2147483647
#define MS_MAX	 (3600 * 1000)
#define FOREVER	 (-1)

static struct if_conf *conf_of(const struct sysctl_at *at)
{
	return at->ifc != NULL ? &at->ifc->conf : &at->n->ip6.if_default;
}

/*
 * Being a router, or a host.
 */

static int64_t get_forwarding(const struct sysctl_at *at)
{
	return at->of == SYSCTL_OF_ALL ? at->n->ip6.forwarding : conf_of(at)->forwarding;
}

static int set_forwarding(const struct sysctl_at *at, int64_t v)
{
	if (at->ifc != NULL)
		nd_set_forwarding(&at->n->nd, at->ifc, v != 0);
	else
		conf_of(at)->forwarding = v != 0;
	return 0;
}

static int64_t get_accept_ra(const struct sysctl_at *at)
{
	return conf_of(at)->accept_ra_level;
}

static int set_accept_ra(const struct sysctl_at *at, int64_t v)
{
	if (at->ifc != NULL) {
		nd_set_accept_ra_level(&at->n->nd, at->ifc, (uint8_t)v);
		return 0;
	}
	conf_of(at)->accept_ra_level = (uint8_t)v;
	conf_of(at)->accept_ra = v != 0;
	return 0;
}

/* Whether routes are told to senders who know no better is no variable of the kernel's. */

static int64_t get_solicitations(const struct sysctl_at *at)
{
	uint8_t n = conf_of(at)->max_rtr_solicitations;

	return n == IF_RS_FOREVER ? FOREVER : n;
}

static int set_solicitations(const struct sysctl_at *at, int64_t v)
{
	conf_of(at)->max_rtr_solicitations = v == FOREVER ? IF_RS_FOREVER : (uint8_t)v;
	return 0;
}

static int64_t get_mc_forwarding(const struct sysctl_at *at)
{
	const struct mroute *m = at->n->ip6.mroute;

	return m != NULL && (at->ifc == NULL || m->mif_of[if_index(at->ifc)] != 0);
}

/*
 * Addresses.
 */

static int64_t get_disable(const struct sysctl_at *at)
{
	return conf_of(at)->disable_ipv6;
}

static int set_disable(const struct sysctl_at *at, int64_t v)
{
	if (at->ifc != NULL)
		nd_set_disabled(&at->n->nd, at->ifc, v != 0);
	else
		conf_of(at)->disable_ipv6 = v != 0;
	return 0;
}

/* Linux has a 1 for those who make temporary addresses and use them last: there is no such thing here. */
static int64_t get_tempaddr(const struct sysctl_at *at)
{
	return conf_of(at)->temp_addrs ? 2 : 0;
}

static int set_tempaddr(const struct sysctl_at *at, int64_t v)
{
	if (v == 1)
		return -EINVAL;
	if (at->ifc != NULL)
		nd_set_temp_addrs(&at->n->nd, at->ifc, v > 0);
	else
		conf_of(at)->temp_addrs = v > 0;
	return 0;
}

#define GEN_EUI64  0
#define GEN_NONE   1
#define GEN_STABLE 2

static int64_t get_gen_mode(const struct sysctl_at *at)
{
	return conf_of(at)->no_link_local ? GEN_NONE
	       : at->n->nd.iid_opaque	  ? GEN_STABLE
					  : GEN_EUI64;
}

/* Which of the two it is follows from the node's secret. */
static int set_gen_mode(const struct sysctl_at *at, int64_t v)
{
	if (v != GEN_NONE && v != (at->n->nd.iid_opaque ? GEN_STABLE : GEN_EUI64))
		return -EINVAL;
	conf_of(at)->no_link_local = v == GEN_NONE;
	return 0;
}

/*
 * What routers may set, too.
 */

static int64_t get_hop_limit(const struct sysctl_at *at)
{
	return conf_of(at)->cur_hop_limit;
}

static int set_hop_limit(const struct sysctl_at *at, int64_t v)
{
	if (at->ifc != NULL)
		nd_set_hop_limit(at->ifc, (uint8_t)v);
	else
		conf_of(at)->cur_hop_limit = (uint8_t)v;
	return 0;
}

static int64_t get_mtu(const struct sysctl_at *at)
{
	return conf_of(at)->link_mtu;
}

static int set_mtu(const struct sysctl_at *at, int64_t v)
{
	return nd_set_mtu(&at->n->nd, at->ifc, (uint32_t)v);
}

static int64_t get_reachable_ms(const struct sysctl_at *at)
{
	return (int64_t)(conf_of(at)->base_reachable / NS_PER_MS);
}

static int set_reachable_ms(const struct sysctl_at *at, int64_t v)
{
	if (at->ifc != NULL)
		nd_set_reachable(&at->n->nd, at->ifc, (time_ns)v * NS_PER_MS);
	else
		conf_of(at)->base_reachable = (time_ns)v * NS_PER_MS;
	return 0;
}

static int64_t get_reachable_s(const struct sysctl_at *at)
{
	return get_reachable_ms(at) / 1000;
}

static int set_reachable_s(const struct sysctl_at *at, int64_t v)
{
	return set_reachable_ms(at, v * 1000);
}

static int64_t get_retrans_ms(const struct sysctl_at *at)
{
	return (int64_t)(conf_of(at)->retrans / NS_PER_MS);
}

static int set_retrans_ms(const struct sysctl_at *at, int64_t v)
{
	if (at->ifc != NULL)
		nd_set_retrans(&at->n->nd, at->ifc, (time_ns)v * NS_PER_MS);
	else
		conf_of(at)->retrans = at->n->ip6.nud_default.retrans = (time_ns)v * NS_PER_MS;
	return 0;
}

/* Always so here, and to say so is no error. */
static int64_t always_0(const struct sysctl_at *at)
{
	(void)at;
	return 0;
}

static const struct sysctl_row conf_rows[] = {
	CONF("accept_dad", accept_dad, 0, 2, 1),
	{ .name = "accept_ra", .min = 0, .max = 2, .get = get_accept_ra, .set = set_accept_ra },
	CONF("accept_ra_defrtr", accept_ra_defrtr, 0, 1, 1),
	CONF("accept_ra_min_hop_limit", accept_ra_hops_min, 0, 255, 1),
	CONF("accept_ra_mtu", accept_ra_mtu, 0, 1, 1),
	CONF("accept_ra_pinfo", accept_ra_pinfo, 0, 1, 1),
	CONF("accept_ra_rt_info_max_plen", accept_ra_plen_max, 0, 128, 1),
	CONF("accept_ra_rtr_pref", accept_ra_pref, 0, 1, 1),
	CONF("accept_redirects", accept_redirects, 0, 1, 1),
	/* a type 0 routing header is refused (RFC 5095), and no other is known */
	{ .name = "accept_source_route", .get = always_0, .set = sysctl_as_it_is },
	{ .name = "addr_gen_mode", .max = GEN_STABLE, .get = get_gen_mode, .set = set_gen_mode },
	CONF("autoconf", autoconf, 0, 1, 1),
	CONF("dad_transmits", dad_transmits, 0, 255, 1),
	{ .name = "disable_ipv6", .max = 1, .get = get_disable, .set = set_disable },
	/* RFC 7527 */
	{ .name = "enhanced_dad",
	  .min = 1,
	  .max = 1,
	  .get = sysctl_always_1,
	  .set = sysctl_as_it_is },
	{ .name = "forwarding", .max = 1, .get = get_forwarding, .set = set_forwarding },
	{ .name = "hop_limit", .min = 1, .max = 255, .get = get_hop_limit, .set = set_hop_limit },
	/* static ones stay, others never do */
	{ .name = "keep_addr_on_down",
	  .min = 1,
	  .max = 1,
	  .get = sysctl_always_1,
	  .set = sysctl_as_it_is },
	CONF("max_addresses", slaac_max, 1, IF_ADDRS_MAX, 1),
	{ .name = "mc_forwarding", .get = get_mc_forwarding },
	{ .name = "mtu",
	  .min = IP6_MTU_MIN,
	  .max = INT_MAX_,
	  .only_if = true,
	  .get = get_mtu,
	  .set = set_mtu },
	CONF("ndisc_notify", announce, 0, 1, 1),
	CONF("optimistic_dad", optimistic_dad, 0, 1, 1),
	CONF("proxy_ndp", proxy_ndp, 0, 1, 1),
	CONF("router_solicitation_interval", rtr_solicitation_interval, 1, 3600, NS_PER_S),
	{ .name = "router_solicitations",
	  .min = FOREVER,
	  .max = IF_RS_FOREVER - 1,
	  .get = get_solicitations,
	  .set = set_solicitations },
	/* RFC 6980 */
	{ .name = "suppress_frag_ndisc",
	  .min = 1,
	  .max = 1,
	  .get = sysctl_always_1,
	  .set = sysctl_as_it_is },
	CONF("temp_prefered_lft", temp_preferred, 60, INT_MAX_, NS_PER_S),
	CONF("temp_valid_lft", temp_valid, 60, INT_MAX_, NS_PER_S),
	{ .name = "use_tempaddr", .min = -1, .max = 2, .get = get_tempaddr, .set = set_tempaddr },
};

static const struct sysctl_row neigh_rows[] = {
	{ .name = "base_reachable_time",
	  .min = 1,
	  .max = MS_MAX / 1000,
	  .get = get_reachable_s,
	  .set = set_reachable_s },
	{ .name = "base_reachable_time_ms",
	  .min = 1,
	  .max = MS_MAX,
	  .get = get_reachable_ms,
	  .set = set_reachable_ms },
	NUD("delay_first_probe_time", delay_first_probe, 0, 3600, NS_PER_S),
	NUD("mcast_solicit", mcast_probes_max, 1, 255, 1),
	{ .name = "retrans_time_ms",
	  .min = 1,
	  .max = MS_MAX,
	  .get = get_retrans_ms,
	  .set = set_retrans_ms },
	NUD("ucast_solicit", ucast_probes_max, 1, 255, 1),
};

static const struct sysctl_row default_rows[] = {
	SYSCTL_FIELD(SYSCTL_IN_NODE, struct node, "gc_stale_time", ip6.neigh.conf.gc_idle, 0, 86400,
		     NS_PER_S),
	SYSCTL_FIELD(SYSCTL_IN_NODE, struct node, "gc_thresh3", ip6.neigh.conf.max, 16, 1 << 24, 1),
	SYSCTL_FIELD(SYSCTL_IN_NODE, struct node, "unres_qlen", ip6.neigh.conf.queue_pkts, 1, 4096,
		     1),
};

const struct sysctl_dir SYSCTL_CONF = { "ipv6/conf/", conf_rows, ARRAY_LEN(conf_rows) };
const struct sysctl_dir SYSCTL_NEIGH = { "ipv6/neigh/", neigh_rows, ARRAY_LEN(neigh_rows) };
const struct sysctl_dir SYSCTL_NEIGH_DEFAULT = { "ipv6/neigh/default", default_rows,
						 ARRAY_LEN(default_rows) };
