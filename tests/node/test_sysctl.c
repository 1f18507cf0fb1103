/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The tree of variables: each name read, each that can be written written with its bounds, and what
 * the more important ones do. The tree is walked, so a row that is added is tested at once.
 */
#include <stdio.h>
#include <stdlib.h>

#include "bed.h"
#include "nd_pkt.h"
#include "node/sysctl.h"

#define NAMES_MAX 256

static struct bed b;

static int64_t value(const char *path)
{
	char buf[SYSCTL_TEXT_MAX];
	int n = sysctl_read(b.node, path, buf);

	if (n < 0)
		fail_msg("%s: %d", path, n);
	assert_int_equal(buf[n - 1], '\n');
	return strtoll(buf, NULL, 10);
}

static int put(const char *path, const char *text)
{
	int rc = sysctl_write(b.node, path, text, strlen(text));

	node_settle(b.node, b.now);
	return rc;
}

static int put_number(const char *path, int64_t v)
{
	char text[32];

	snprintf(text, sizeof(text), "%lld\n", (long long)v);
	return put(path, text);
}

/*
 * All of them.
 */

struct names {
	unsigned n;
	char name[NAMES_MAX][64];
	enum sysctl_what what[NAMES_MAX];
};

static void take_name(void *ctx, const char *name, enum sysctl_what what)
{
	struct names *l = ctx;

	assert_true(l->n < NAMES_MAX);
	snprintf(l->name[l->n], sizeof(l->name[0]), "%s", name);
	l->what[l->n++] = what;
}

static unsigned walk(const char *dir, unsigned depth,
		     void (*fn)(const char *path, enum sysctl_what what))
{
	struct names *l = calloc(1, sizeof(*l));
	unsigned ret = 0;
	char path[128];

	assert_true(depth < 6);
	assert_int_equal(sysctl_list(b.node, dir, take_name, l), 0);
	assert_true(l->n > 0);
	for (unsigned i = 0; i < l->n; i++) {
		snprintf(path, sizeof(path), "%s%s%s", dir, *dir != '\0' ? "/" : "", l->name[i]);
		for (unsigned k = 0; k < i; k++)
			assert_string_not_equal(l->name[i], l->name[k]);
		assert_int_equal(sysctl_what(b.node, path), (int)l->what[i]);
		if (l->what[i] == SYSCTL_DIR) {
			ret += walk(path, depth + 1, fn);
		} else {
			fn(path, l->what[i]);
			ret++;
		}
	}
	free(l);
	return ret;
}

/* What is read can be written, and stays; rubbish is refused, and changes nothing. */
static void check(const char *path, enum sysctl_what what)
{
	static const char *const wrong[] = { "x", "1x", "99999999999999999999", "1 2 3 4", "-2" };
	char was[SYSCTL_TEXT_MAX], is[SYSCTL_TEXT_MAX];
	int n = sysctl_read(b.node, path, was);

	assert_true(n > 1);
	if (what == SYSCTL_RO) {
		assert_int_equal(put(path, was), -EACCES);
		return;
	}
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		int rc = put(path, wrong[i]);

		if (rc != -EINVAL && rc != -ENOENT)
			fail_msg("%s takes \"%s\": %d", path, wrong[i], rc);
	}
	assert_int_equal(sysctl_read(b.node, path, is), n);
	assert_string_equal(is, was);
	if (put(path, was) != 0)
		fail_msg("%s does not take what it says: %s", path, was);
	assert_true(sysctl_read(b.node, path, is) > 0);
	if (strcmp(is, was) != 0)
		fail_msg("%s was %s, is %s", path, was, is);
}

static void test_all(void **state)
{
	(void)state;
	bed_init(&b, 2);
	assert_true(walk("", 0, check) > 200);
	bed_done(&b);
}

/* The bounds of a row: the least and the most that it takes. */
struct bound {
	const char *name;
	int64_t min, max;
};

static void test_bounds(void **state)
{
	static const struct bound conf[] = {
		{ "accept_dad", 0, 2 },
		{ "accept_ra", 0, 2 },
		{ "accept_ra_defrtr", 0, 1 },
		{ "accept_ra_min_hop_limit", 0, 255 },
		{ "accept_ra_mtu", 0, 1 },
		{ "accept_ra_pinfo", 0, 1 },
		{ "accept_ra_rt_info_max_plen", 0, 128 },
		{ "accept_ra_rtr_pref", 0, 1 },
		{ "accept_redirects", 0, 1 },
		{ "accept_source_route", 0, 0 },
		{ "autoconf", 0, 1 },
		{ "dad_transmits", 0, 255 },
		{ "disable_ipv6", 0, 1 },
		{ "enhanced_dad", 1, 1 },
		{ "forwarding", 0, 1 },
		{ "hop_limit", 1, 255 },
		{ "keep_addr_on_down", 1, 1 },
		{ "max_addresses", 1, IF_ADDRS_MAX },
		{ "mtu", 1280, 1500 },
		{ "ndisc_notify", 0, 1 },
		{ "optimistic_dad", 0, 1 },
		{ "proxy_ndp", 0, 1 },
		{ "router_solicitation_interval", 1, 3600 },
		{ "router_solicitations", -1, 254 },
		{ "suppress_frag_ndisc", 1, 1 },
		{ "temp_prefered_lft", 60, 2147483647 },
		{ "temp_valid_lft", 60, 2147483647 },
		{ "use_tempaddr", 0, 2 },
	};
	static const struct bound neigh[] = {
		{ "base_reachable_time", 1, 3600 },    { "base_reachable_time_ms", 1, 3600000 },
		{ "delay_first_probe_time", 0, 3600 }, { "mcast_solicit", 1, 255 },
		{ "retrans_time_ms", 1, 3600000 },     { "ucast_solicit", 1, 255 },
	};
	static const struct bound node[] = {
		{ "core/rmem_max", 2304, 1073741823 },
		{ "core/somaxconn", 1, 65535 },
		{ "ipv4/tcp_keepalive_intvl", 1, 32767 },
		{ "ipv4/tcp_keepalive_probes", 1, 127 },
		{ "ipv4/tcp_sack", 0, 1 },
		{ "ipv4/tcp_syncookies", 1, 1 },
		{ "ipv6/bindv6only", 0, 1 },
		{ "ipv6/idgen_retries", 0, 255 },
		{ "ipv6/ip6frag_time", 1, 86400 },
		{ "ipv6/icmp/ratelimit", 0, 3600000 },
		{ "ipv6/icmp/echo_ignore_multicast", 0, 1 },
		{ "ipv6/route/max_size", 0, 2147483647 },
		{ "ipv6/route/mtu_expires", 300, 86400 },
		{ "ipv6/neigh/default/gc_thresh3", 16, 1 << 24 },
		{ "ipv6/neigh/default/gc_stale_time", 0, 86400 },
	};
	const struct {
		const char *dir;
		const struct bound *row;
		size_t n;
	} tables[] = {
		{ "ipv6/conf/e0/", conf, ARRAY_LEN(conf) },
		{ "ipv6/neigh/e0/", neigh, ARRAY_LEN(neigh) },
		{ "", node, ARRAY_LEN(node) },
	};
	char path[128];

	(void)state;
	bed_init(&b, 1);
	assert_string_equal(bed_if(&b, 0)->name, "e0");
	for (size_t t = 0; t < ARRAY_LEN(tables); t++) {
		for (size_t i = 0; i < tables[t].n; i++) {
			const struct bound *r = &tables[t].row[i];

			snprintf(path, sizeof(path), "%s%s", tables[t].dir, r->name);
			if (put_number(path, r->max) != 0 || value(path) != r->max ||
			    put_number(path, r->min) != 0 || value(path) != r->min)
				fail_msg("%s: not from %lld to %lld", path, (long long)r->min,
					 (long long)r->max);
			if (put_number(path, r->max + 1) != -EINVAL || value(path) != r->min)
				fail_msg("%s: more than %lld", path, (long long)r->max);
			if (strcmp(r->name, "use_tempaddr") != 0 &&
			    (put_number(path, r->min - 1) != -EINVAL || value(path) != r->min))
				fail_msg("%s: less than %lld", path, (long long)r->min);
		}
	}
	bed_done(&b);
}

static void test_names(void **state)
{
	char buf[SYSCTL_TEXT_MAX];

	(void)state;
	bed_init(&b, 1);
	assert_int_equal(sysctl_read(b.node, "ipv6/conf/e9/forwarding", buf), -ENOENT);
	assert_int_equal(sysctl_read(b.node, "ipv6/conf/e0/nothing", buf), -ENOENT);
	assert_int_equal(sysctl_read(b.node, "ipv6/conf/e0", buf), -EISDIR);
	assert_int_equal(sysctl_read(b.node, "ipv6/conf/all/mtu", buf), -ENOENT);
	assert_int_equal(sysctl_read(b.node, "ipv6/neigh/lo/ucast_solicit", buf), -ENOENT);
	assert_int_equal(sysctl_read(b.node, "ipv6/neigh/e0/gc_thresh3", buf), -ENOENT);
	assert_int_equal(sysctl_what(b.node, "unix"), -ENOENT);
	assert_int_equal(put("ipv6/conf", "1"), -EISDIR);
	assert_int_equal(put("ipv6/conf/e9/forwarding", "1"), -ENOENT);
	assert_int_equal(put("ipv6/conf/e0/mc_forwarding", "1"), -EACCES);
	/* white space is nothing; nothing changes nothing; numbers as in C */
	assert_int_equal(put("ipv6/conf/e0/hop_limit", " \t33 \n"), 0);
	assert_int_equal(put("ipv6/conf/e0/hop_limit", "\n"), 0);
	assert_int_equal(value("ipv6/conf/e0/hop_limit"), 33);
	assert_int_equal(put("ipv6/conf/e0/hop_limit", "0x40"), 0);
	assert_int_equal(value("ipv6/conf/e0/hop_limit"), 64);
	assert_int_equal(put("ipv6/conf/e0/use_tempaddr", "1"), -EINVAL);
	bed_done(&b);
}

/* conf/all is all interfaces and those to come; conf/default the latter. */
static void test_all_and_default(void **state)
{
	const struct mac mac = { { 2, 0, 0, 0, 9, 1 } };
	int i;

	(void)state;
	bed_init(&b, 2);
	assert_int_equal(put("ipv6/conf/all/dad_transmits", "7"), 0);
	assert_int_equal(value("ipv6/conf/e0/dad_transmits"), 7);
	assert_int_equal(value("ipv6/conf/e1/dad_transmits"), 7);
	assert_int_equal(value("ipv6/conf/default/dad_transmits"), 7);
	assert_int_equal(put("ipv6/conf/default/dad_transmits", "3"), 0);
	assert_int_equal(put("ipv6/neigh/default/ucast_solicit", "9"), 0);
	assert_int_equal(put("ipv6/conf/default/forwarding", "1"), 0);
	assert_int_equal(value("ipv6/conf/e1/dad_transmits"), 7);
	assert_int_equal(value("ipv6/conf/all/forwarding"), 0);
	i = node_if_add(b.node, "late", &mac, 1500);
	assert_true(i > 0);
	assert_int_equal(value("ipv6/conf/late/dad_transmits"), 3);
	assert_int_equal(value("ipv6/neigh/late/ucast_solicit"), 9);
	assert_int_equal(value("ipv6/conf/late/forwarding"), 1);
	assert_int_equal(value("ipv6/conf/all/forwarding"), 1);
	assert_non_null(if_group_find(node_if(b.node, (uint32_t)i),
				      &(struct ip6_addr){ { 0xff, 2, [15] = 2 } }));
	bed_done(&b);
}

/* A router's interface has the all-routers group, and takes no advertisements but at level 2. */
static void test_forwarding(void **state)
{
	const struct ip6_addr routers = IP6_ALL_ROUTERS;

	(void)state;
	bed_init(&b, 1);
	assert_int_equal(put("ipv6/conf/e0/forwarding", "1\n"), 0);
	assert_true(bed_if(&b, 0)->conf.forwarding);
	assert_false(bed_if(&b, 0)->conf.accept_ra);
	assert_non_null(if_group_find(bed_if(&b, 0), &routers));
	assert_int_equal(value("ipv6/conf/e0/accept_ra"), 1);
	assert_int_equal(put("ipv6/conf/e0/accept_ra", "2"), 0);
	assert_true(bed_if(&b, 0)->conf.accept_ra);
	assert_int_equal(put("ipv6/conf/e0/accept_ra", "0"), 0);
	assert_int_equal(put("ipv6/conf/e0/forwarding", "0"), 0);
	assert_false(bed_if(&b, 0)->conf.accept_ra);
	assert_null(if_group_find(bed_if(&b, 0), &routers));
	bed_done(&b);
}

static struct nd_msg an_ra(void)
{
	struct nd_msg m = { .type = ND_RA };

	m.ra.lifetime_s = 1800;
	m.ra.pref = ROUTE_PREF_HIGH;
	m.ra.hop_limit = 5;
	m.opts.has = ND_HAS_SLLA | ND_HAS_MTU;
	m.opts.slla = bed_mac_of("02:00:00:00:01:00");
	m.opts.mtu = 1400;
	m.opts.n_prefixes = 1;
	m.opts.prefix[0] = (struct nd_prefix){ .prefix = bed_addr_of("2001:db8:7::"),
					       .len = 64,
					       .on_link = true,
					       .autonomous = true,
					       .valid_s = 7200,
					       .preferred_s = 3600 };
	return m;
}

static int count_route(void *ctx, const struct route *r)
{
	int8_t *pref = ctx;

	pref[0]++;
	pref[1] = r->via.pref;
	return 0;
}

static unsigned routes_to(const char *prefix, unsigned len, int8_t *pref)
{
	struct ip6_addr dst = bed_addr_of(prefix);
	int8_t found[2] = { 0, 0 };

	(void)fib_walk_prefix(b.node->ip6.fib, FIB_TABLE_MAIN, &dst, len, count_route, found);
	if (pref != NULL)
		*pref = found[1];
	return (unsigned)found[0];
}

/* What of an advertisement is taken (RFC 4861 section 6.3.4). */
static void test_accept_ra_parts(void **state)
{
	static const struct {
		const char *off;
		unsigned defaults, prefixes, mtu, hops;
		int8_t pref;
	} rows[] = {
		{ NULL, 1, 1, 1400, 5, ROUTE_PREF_HIGH },
		{ "accept_ra", 0, 0, 1500, 64, 0 },
		{ "accept_ra_defrtr", 0, 1, 1400, 5, 0 },
		{ "accept_ra_rtr_pref", 1, 1, 1400, 5, 0 },
		{ "accept_ra_pinfo", 1, 0, 1400, 5, ROUTE_PREF_HIGH },
		{ "accept_ra_mtu", 1, 1, 1500, 5, ROUTE_PREF_HIGH },
		{ "accept_ra_min_hop_limit", 1, 1, 1400, 64, ROUTE_PREF_HIGH },
	};
	char path[128];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct nd_msg m = an_ra();
		int8_t pref;

		bed_row(i, ARRAY_LEN(rows));
		bed_init(&b, 1);
		bed_quiet(&b);
		snprintf(path, sizeof(path), "ipv6/conf/e0/%s",
			 rows[i].off != NULL ? rows[i].off : "");
		if (rows[i].off != NULL)
			assert_int_equal(put(path, strstr(path, "min_hop") != NULL ? "6" : "0"), 0);
		(void)bed_rx(&b, 0, bed_ra(&b, "fe80::1", &m));
		assert_int_equal(routes_to("::", 0, &pref), rows[i].defaults);
		assert_int_equal(pref, rows[i].pref);
		assert_int_equal(routes_to("2001:db8:7::", 64, NULL), rows[i].prefixes);
		assert_int_equal(value("ipv6/conf/e0/mtu"), rows[i].mtu);
		assert_int_equal(value("ipv6/conf/e0/hop_limit"), rows[i].hops);
		bed_done(&b);
	}
	bed_row(ARRAY_LEN(rows), ARRAY_LEN(rows));
}

/* RFC 4191: routes of advertisements up to a length. */
static void test_rt_info(void **state)
{
	struct nd_msg m = an_ra();

	(void)state;
	bed_init(&b, 1);
	bed_quiet(&b);
	m.opts.n_routes = 1;
	m.opts.route[0] = (struct nd_route){ .prefix = bed_addr_of("2001:db8:9::"),
					     .len = 48,
					     .lifetime_s = 600 };
	assert_int_equal(put("ipv6/conf/e0/accept_ra_rt_info_max_plen", "47"), 0);
	(void)bed_rx(&b, 0, bed_ra(&b, "fe80::1", &m));
	assert_int_equal(routes_to("2001:db8:9::", 48, NULL), 0);
	assert_int_equal(put("ipv6/conf/e0/accept_ra_rt_info_max_plen", "48"), 0);
	(void)bed_rx(&b, 0, bed_ra(&b, "fe80::1", &m));
	assert_int_equal(routes_to("2001:db8:9::", 48, NULL), 1);
	bed_done(&b);
}

/* No addresses, nothing taken, nothing sent; and then as if the interface had just come up. */
static void test_disable(void **state)
{
	(void)state;
	bed_init(&b, 1);
	bed_addr(&b, 0, "2001:db8::1/64");
	bed_quiet(&b);
	assert_int_equal(put("ipv6/conf/e0/disable_ipv6", "1"), 0);
	assert_int_equal(bed_if(&b, 0)->n_addrs, 0);
	assert_int_equal(routes_to("2001:db8::", 64, NULL), 0);
	bed_run(&b, b.now + 1);
	bed_forget(&b);
	bed_mark(&b);
	assert_int_equal(bed_rx(&b, 0, bed_echo(&b, "2001:db8::2", "2001:db8::1", 1, 8)),
			 DROP_IF_DISABLED);
	assert_true(bed_silent(&b));
	assert_int_equal(put("ipv6/conf/e0/disable_ipv6", "0"), 0);
	bed_run(&b, b.now + 3 * NS_PER_S);
	assert_int_equal(bed_if(&b, 0)->n_addrs, 1);
	assert_non_null(if_link_local(bed_if(&b, 0)));
	bed_done(&b);
}

/* Three solicitations, or as many as one wants. */
static void test_solicitations(void **state)
{
	unsigned n = 0;

	(void)state;
	bed_init_down(&b, 1);
	assert_int_equal(put("ipv6/conf/e0/router_solicitations", "2"), 0);
	assert_int_equal(put("ipv6/conf/e0/router_solicitation_interval", "1"), 0);
	bed_up(&b, 0);
	bed_run(&b, b.now + 3600 * NS_PER_S);
	while (bed_tx_icmp6(&b, ND_RS, NULL) != NULL)
		n++;
	assert_int_equal(n, 2);
	bed_done(&b);
}

/* Times of the neighbour cache: 2 multicast solicitations, 300 ms apart. */
static void test_neigh(void **state)
{
	time_ns first;

	(void)state;
	bed_init(&b, 1);
	bed_addr(&b, 0, "2001:db8::1/64");
	bed_quiet(&b);
	assert_int_equal(put("ipv6/neigh/e0/mcast_solicit", "2"), 0);
	assert_int_equal(put("ipv6/neigh/e0/retrans_time_ms", "300"), 0);
	bed_send(&b, bed_echo(&b, "2001:db8::1", "2001:db8::2", 1, 8), 0);
	assert_non_null(bed_tx_icmp6(&b, ND_NS, NULL));
	first = bed_msg_when(&b);
	bed_run(&b, b.now + 10 * NS_PER_S);
	assert_non_null(bed_tx_icmp6(&b, ND_NS, NULL));
	assert_int_equal(bed_msg_when(&b) - first, 300 * NS_PER_MS);
	assert_null(bed_tx_icmp6(&b, ND_NS, NULL));
	bed_done(&b);
}

/* What sockets begin with. */
static void test_sockets(void **state)
{
	struct sockaddr_in6 a = { .sin6_family = AF_INET6 };
	int v = 0, bufs[2] = { 0, 0 };
	socklen_t len = sizeof(v);
	char name[16] = "";
	struct sock *s;

	(void)state;
	bed_init(&b, 1);
	assert_int_equal(put("ipv6/bindv6only", "1"), 0);
	assert_int_equal(put("core/rmem_default", "50000"), 0);
	assert_int_equal(put("core/wmem_max", "60000"), 0);
	assert_int_equal(put("ipv4/ip_local_port_range", "5000 5001"), 0);
	assert_int_equal(put("ipv4/ip_local_port_range", "5000"), -EINVAL);
	assert_int_equal(put("ipv4/ip_local_port_range", "5001 5000"), -EINVAL);
	assert_int_equal(put("ipv4/ip_local_port_range", "1 65536"), -EINVAL);
	assert_int_equal(put("ipv4/tcp_congestion_control", "reno\n"), 0);
	assert_int_equal(put("ipv4/tcp_congestion_control", "bbr"), -ENOENT);
	assert_int_equal(sock_open(&b.node->socks, AF_INET6, SOCK_STREAM, 0, &s), 0);
	assert_int_equal(sock_getsockopt(s, IPPROTO_IPV6, IPV6_V6ONLY, &v, &len), 0);
	assert_int_equal(v, 1);
	assert_int_equal(sock_getsockopt(s, SOL_SOCKET, SO_RCVBUF, &bufs[0], &len), 0);
	v = 1000000;
	assert_int_equal(sock_setsockopt(s, SOL_SOCKET, SO_SNDBUF, &v, sizeof(v)), 0);
	assert_int_equal(sock_getsockopt(s, SOL_SOCKET, SO_SNDBUF, &bufs[1], &len), 0);
	assert_int_equal(bufs[0], 50000);
	assert_int_equal(bufs[1], 120000);
	len = sizeof(name);
	assert_int_equal(sock_getsockopt(s, IPPROTO_TCP, 13, name, &len), 0);
	assert_string_equal(name, "reno");
	len = sizeof(a);
	assert_int_equal(sock_bind(s, (struct sockaddr *)&a, sizeof(a)), 0);
	assert_int_equal(sock_getsockname(s, (struct sockaddr *)&a, &len), 0);
	assert_in_range(ntohs(a.sin6_port), 5000, 5001);
	sock_close(s);
	assert_int_equal(sock_open(&b.node->socks, AF_INET6, SOCK_DGRAM, 0, &s), 0);
	a.sin6_addr.s6_addr[0] = 0x20;
	assert_int_equal(sock_bind(s, (struct sockaddr *)&a, sizeof(a)), -EADDRNOTAVAIL);
	assert_int_equal(put("ipv6/ip_nonlocal_bind", "1"), 0);
	assert_int_equal(sock_bind(s, (struct sockaddr *)&a, sizeof(a)), 0);
	sock_close(s);
	bed_done(&b);
}

/* RFC 4443 section 2.4 (f): between errors to one destination. */
static void test_icmp_ratelimit(void **state)
{
	unsigned n = 0;

	(void)state;
	bed_init(&b, 1);
	bed_addr(&b, 0, "2001:db8::1/64");
	bed_neigh(&b, 0, "2001:db8::2", "02:00:00:00:01:00");
	assert_int_equal(put("ipv6/icmp/ratelimit", "0"), 0);
	bed_quiet(&b);
	for (unsigned i = 0; i < 300; i++)
		(void)bed_rx(&b, 0,
			     bed_packet(&b, "2001:db8::2", "2001:db8::1", 253, 64, "abcd", 4));
	while (bed_tx_icmp6(&b, ICMP6_PARAM_PROB, NULL) != NULL)
		n++;
	assert_int_equal(n, 300);
	bed_done(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all),	      cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_names),	      cmocka_unit_test(test_all_and_default),
		cmocka_unit_test(test_forwarding),    BED_ROWS(test_accept_ra_parts),
		cmocka_unit_test(test_rt_info),	      cmocka_unit_test(test_disable),
		cmocka_unit_test(test_solicitations), cmocka_unit_test(test_neigh),
		cmocka_unit_test(test_sockets),	      cmocka_unit_test(test_icmp_ratelimit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
