/* SPDX-License-Identifier: BSD-3-Clause */
/* What there is once: net.core, net.ipv4 as far as it is TCP's and sockets', and the rest of net.ipv6. */
#include <stdio.h>

#include "node/sysctl_part.h"

#define NODE(name, field, min, max, unit)                                                          \
	SYSCTL_FIELD(SYSCTL_IN_NODE, struct node, name, field, min, max, unit)

#define INT_MAX_ 2147483647
#define GIDS_MAX 2147483647

/*
 * net.core
 */

static const struct sysctl_row core[] = {
	NODE("rmem_default", socks.conf.rcvbuf, SOCK_RCVBUF_MIN, INT_MAX_ / 2, 1),
	NODE("rmem_max", socks.conf.rcvbuf_max, SOCK_RCVBUF_MIN, INT_MAX_ / 2, 1),
	NODE("somaxconn", socks.conf.backlog_max, 1, 65535, 1),
	NODE("wmem_default", socks.conf.sndbuf, SOCK_SNDBUF_MIN, INT_MAX_ / 2, 1),
	NODE("wmem_max", socks.conf.sndbuf_max, SOCK_SNDBUF_MIN, INT_MAX_ / 2, 1),
};

/*
 * net.ipv4
 */

static void ports_text(const struct node *n, char buf[SYSCTL_TEXT_MAX])
{
	snprintf(buf, SYSCTL_TEXT_MAX, "%u\t%u", n->socks.conf.port_first, n->socks.conf.port_last);
}

/* Sockets choose of it, and TCP for who has none. */
static int ports_take(struct node *n, const char *text)
{
	unsigned first, last;
	char rest;

	if (sscanf(text, "%u %u %c", &first, &last, &rest) != 2 || first < 1 || last > UINT16_MAX ||
	    first >= last)
		return -EINVAL;
	n->socks.conf.port_first = n->tcp.conf.port_first = (uint16_t)first;
	n->socks.conf.port_last = n->tcp.conf.port_last = (uint16_t)last;
	return 0;
}

static const struct tcp_cc *const controls[] = { &TCP_CUBIC, &TCP_NEWRENO };

/* Linux calls NewReno so. */
static const char *control_name(const struct tcp_cc *cc)
{
	return cc == &TCP_NEWRENO ? "reno" : tcp_cc_name(cc);
}

static void control_text(const struct node *n, char buf[SYSCTL_TEXT_MAX])
{
	snprintf(buf, SYSCTL_TEXT_MAX, "%s", control_name(n->tcp.conf.opts.cc));
}

static int control_take(struct node *n, const char *text)
{
	for (size_t i = 0; i < ARRAY_LEN(controls); i++) {
		if (strcmp(control_name(controls[i]), text) == 0) {
			n->tcp.conf.opts.cc = controls[i];
			return 0;
		}
	}
	return -ENOENT; /* as Linux has it */
}

static void controls_text(const struct node *n, char buf[SYSCTL_TEXT_MAX])
{
	(void)n;
	snprintf(buf, SYSCTL_TEXT_MAX, "%s %s", control_name(controls[0]),
		 control_name(controls[1]));
}

static void ping_group_text(const struct node *n, char buf[SYSCTL_TEXT_MAX])
{
	(void)n;
	snprintf(buf, SYSCTL_TEXT_MAX, "0\t%d", GIDS_MAX); /* everybody may have an ICMP socket */
}

static const struct sysctl_row ipv4[] = {
	{ .name = "ip_local_port_range", .text = ports_text, .take = ports_take },
	{ .name = "ping_group_range", .text = ping_group_text },
	{ .name = "tcp_available_congestion_control", .text = controls_text },
	{ .name = "tcp_allowed_congestion_control", .text = controls_text },
	{ .name = "tcp_congestion_control", .text = control_text, .take = control_take },
	NODE("tcp_ecn", tcp.conf.opts.ecn, 0, 1, 1),
	NODE("tcp_keepalive_intvl", tcp.conf.opts.keep_interval, 1, 32767, NS_PER_S),
	NODE("tcp_keepalive_probes", tcp.conf.opts.keep_count, 1, 127, 1),
	NODE("tcp_keepalive_time", tcp.conf.opts.keep_idle, 1, 32767, NS_PER_S),
	NODE("tcp_max_syn_backlog", tcp.conf.half_open_max, 1, INT_MAX_, 1),
	NODE("tcp_max_tw_buckets", tcp.conf.time_wait_max, 1, INT_MAX_, 1),
	NODE("tcp_rto_min_us", tcp.conf.rto_min, 1, 1000000, 1000),
	NODE("tcp_sack", tcp.conf.opts.sack, 0, 1, 1),
	/* when half open ones are too many, and never else */
	{ .name = "tcp_syncookies",
	  .min = 1,
	  .max = 1,
	  .get = sysctl_always_1,
	  .set = sysctl_as_it_is },
	NODE("tcp_timestamps", tcp.conf.opts.timestamps, 0, 1, 1),
	NODE("tcp_window_scaling", tcp.conf.opts.wscale, 0, 1, 1),
};

/*
 * net.ipv6
 */

static const struct sysctl_row ipv6[] = {
	NODE("bindv6only", socks.conf.v6only, 0, 1, 1),
	NODE("idgen_delay", nd.idgen_delay, 1, 3600, NS_PER_S),
	NODE("idgen_retries", nd.idgen_retries, 0, 255, 1),
	NODE("ip6frag_high_thresh", ip6.frag.conf.octets_max, 0, INT_MAX_, 1),
	NODE("ip6frag_time", ip6.frag.conf.timeout, 1, 86400, NS_PER_S),
	NODE("ip_nonlocal_bind", socks.conf.nonlocal_bind, 0, 1, 1),
	NODE("max_dst_opts_number", ip6.ext_limits.opts_max, 0, UINT16_MAX, 1),
	NODE("max_hbh_length", ip6.ext_limits.hdr_octets_max, 0, 2048, 1),
};

static int64_t get_echo(const struct sysctl_at *at)
{
	return !at->n->ip6.if_default.echo_multicast;
}

static int set_echo(const struct sysctl_at *at, int64_t v)
{
	at->n->ip6.if_default.echo_multicast = v == 0;
	for (uint32_t i = 1; i <= IF_MAX; i++)
		if (ip6_if(&at->n->ip6, i) != NULL)
			ip6_if(&at->n->ip6, i)->conf.echo_multicast = v == 0;
	return 0;
}

static const struct sysctl_row icmp[] = {
	{ .name = "echo_ignore_multicast", .max = 1, .get = get_echo, .set = set_echo },
	NODE("ratelimit", ip6.icmp_limit.per_dst, 0, 3600000, NS_PER_MS),
};

static int64_t get_max_size(const struct sysctl_at *at)
{
	return at->n->ip6.fib->conf.max_routes;
}

static int set_max_size(const struct sysctl_at *at, int64_t v)
{
	at->n->ip6.fib->conf.max_routes = (uint32_t)v;
	return 0;
}

static const struct sysctl_row route[] = {
	{ .name = "max_size", .max = INT_MAX_, .get = get_max_size, .set = set_max_size },
	NODE("mtu_expires", ip6.path.conf.mtu_life, 300, 86400, NS_PER_S), /* RFC 8201 section 4 */
};

const struct sysctl_dir SYSCTL_NODE[] = {
	{ "core", core, ARRAY_LEN(core) },	   { "ipv4", ipv4, ARRAY_LEN(ipv4) },
	{ "ipv6", ipv6, ARRAY_LEN(ipv6) },	   { "ipv6/icmp", icmp, ARRAY_LEN(icmp) },
	{ "ipv6/route", route, ARRAY_LEN(route) },
};

const size_t SYSCTL_NODE_N = ARRAY_LEN(SYSCTL_NODE);
