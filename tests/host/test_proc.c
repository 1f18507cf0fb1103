/* SPDX-License-Identifier: BSD-3-Clause */
/* The files of /proc/net from a node's state, line by line; what there is, and what is the machine's; metrics. */
#include "bed.h"

#include <stdio.h>

#include "host/metrics.h"
#include "host/proc_net.h"
#include "host/seam_files.h"

#define ZERO "00000000000000000000000000000000"

static struct bed b;
static struct text t;

static const char *read_file(const char *name)
{
	int rc;

	text_done(&t);
	rc = proc_net(b.node, name, &t);
	if (rc != 0)
		fail_msg("%s: %d", name, rc);
	assert_int_equal(t.err, 0);
	text_put(&t, "", 1);
	return t.buf;
}

static void has_line(const char *name, const char *line)
{
	const char *text = read_file(name), *at = strstr(text, line);

	if (at == NULL || (at != text && at[-1] != '\n') || at[strlen(line)] != '\n')
		fail_msg("%s has no line \"%s\":\n%s", name, line, text);
}

/* The same with blanks behind it, to @width. */
static void has_line_of(const char *name, const char *line, int width)
{
	char padded[160];

	snprintf(padded, sizeof(padded), "%-*s", width, line);
	has_line(name, padded);
}

static void init(void)
{
	bed_init(&b, 1);
	bed_addr(&b, 0, "2001:db8::1/64");
	bed_quiet(&b);
}

static void done(void)
{
	text_done(&t);
	bed_done(&b);
}

static void test_routes(void **state)
{
	(void)state;
	init();
	bed_route(&b, 0, "2001:db8:9::/48", "fe80::2");
	bed_route_type(&b, "2001:db8:bad::/48", ROUTE_PROHIBIT);
	has_line("ipv6_route", "20010db8000000000000000000000000 40 " ZERO " 00 " ZERO
			       " 00000100 00000001 00000000 00000001       e0");
	has_line("ipv6_route",
		 "20010db8000900000000000000000000 30 " ZERO " 00 fe800000000000000000000000000002"
		 " 00000400 00000001 00000000 00000003       e0");
	has_line("ipv6_route", "20010db80bad00000000000000000000 30 " ZERO " 00 " ZERO
			       " 00000400 00000001 00000000 00000201       lo");
	/* of our own: no routes here, and routes there */
	has_line("ipv6_route", "20010db8000000000000000000000001 80 " ZERO " 00 " ZERO
			       " 00000000 00000001 00000000 80200001       e0");
	has_line("ipv6_route", "ff000000000000000000000000000000 08 " ZERO " 00 " ZERO
			       " 00000100 00000001 00000000 00000001       e0");
	has_line("if_inet6", "20010db8000000000000000000000001 02 40 00 80       e0");
	has_line("if_inet6", "00000000000000000000000000000001 01 80 10 80       lo");
	done();
}

static void test_groups(void **state)
{
	const struct ip6_addr group = bed_addr_of("ff15::1"), src = bed_addr_of("2001:db8::99");
	int who;

	(void)state;
	init();
	assert_int_equal(mld_listen(&b.node->mld, bed_if(&b, 0), &who, &group, false, &src, 1), 0);
	has_line("mcfilter6", "  2     e0 ff150000000000000000000000000001 "
			      "20010db8000000000000000000000099      1      0");
	assert_non_null(strstr(read_file("igmp6"),
			       "2    e0              ff150000000000000000000000000001     1 "));
	bed_router(&b, 1);
	has_line("anycast6", "2    e0              20010db8000000000000000000000000     1");
	assert_null(strstr(read_file("if_inet6"), "20010db8000000000000000000000000 "));
	assert_int_equal(mld_listen(&b.node->mld, bed_if(&b, 0), &who, &group, false, NULL, 0), 0);
	done();
}

/* Words of addresses are of the machine's order: this one's is that of Intel's. */
static void test_sockets(void **state)
{
	struct sockaddr_in6 a = { .sin6_family = AF_INET6, .sin6_port = htons(80) };
	struct sock *s[3];

	(void)state;
	init();
	assert_int_equal(sock_open(&b.node->socks, AF_INET6, SOCK_STREAM, 0, &s[0]), 0);
	assert_int_equal(sock_bind(s[0], (struct sockaddr *)&a, sizeof(a)), 0);
	assert_int_equal(sock_listen(s[0], 5), 0);
	s[0]->inode = 4711;
	assert_int_equal(sock_open(&b.node->socks, AF_INET6, SOCK_DGRAM, 0, &s[1]), 0);
	a.sin6_addr = (struct in6_addr){ { { 0x20, 1, 0x0d, 0xb8, [15] = 1 } } };
	a.sin6_port = htons(53);
	assert_int_equal(sock_bind(s[1], (struct sockaddr *)&a, sizeof(a)), 0);
	assert_int_equal(sock_open(&b.node->socks, AF_INET6, SOCK_RAW, 58, &s[2]), 0);
	has_line("tcp6", "   0: " ZERO ":0050 " ZERO ":0000 0A 00000000:00000000 00:00000000 "
			 "00000000     0        0 4711 1 0000000000000000 100 0 0 10 0");
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	has_line("udp6", "    0: B80D0120000000000000000001000000:0035 " ZERO
			 ":0000 07 00000000:00000000 00:00000000 00000000     0        0 0 2 "
			 "0000000000000000 0");
#endif
	assert_non_null(strstr(read_file("raw6"), "    0: " ZERO ":003A " ZERO ":0000 07 "));
	has_line("sockstat6", "TCP6: inuse 1");
	has_line("sockstat6", "UDP6: inuse 1");
	has_line("sockstat6", "RAW6: inuse 1");
	for (unsigned i = 0; i < ARRAY_LEN(s); i++)
		sock_close(s[i]);
	done();
}

/* Who asks for a neighbour that does not answer. */
static void ip4_asked(const char *addr)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(9) };
	struct ip6_addr a = bed_addr_of(addr);
	struct iovec iov = { (char[]){ "x" }, 1 };
	struct msghdr m = {
		.msg_name = &to, .msg_namelen = sizeof(to), .msg_iov = &iov, .msg_iovlen = 1
	};
	struct sock *s;

	memcpy(&to.sin_addr, a.b + 12, sizeof(to.sin_addr));
	assert_int_equal(sock_open(&b.node->socks, AF_INET, SOCK_DGRAM, 0, &s), 0);
	assert_int_equal(sock_sendmsg(s, &m, 0), 1);
	node_settle(b.node, b.now);
	sock_close(s);
}

/* Of IPv4, in the words of a machine whose order is Intel's. */
static void test_ip4(void **state)
{
	(void)state;
	init();
	bed_addr(&b, 0, "192.0.2.1/24");
	bed_route(&b, 0, "0.0.0.0/0", "192.0.2.254");
	bed_route(&b, 0, "198.51.100.9/32", "192.0.2.253");
	bed_route_type(&b, "203.0.113.0/25", ROUTE_UNREACHABLE);
	bed_neigh(&b, 0, "192.0.2.254", "02:00:00:00:01:fe");
	bed_neigh(&b, 0, "2001:db8::2", "02:00:00:00:01:00");
	ip4_asked("192.0.2.77");
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	has_line_of("route", "e0\t000200C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0", 127);
	has_line_of("route", "e0\t00000000\tFE0200C0\t0003\t0\t0\t1024\t00000000\t0\t0\t0", 127);
	has_line_of("route", "e0\t096433C6\tFD0200C0\t0007\t0\t0\t1024\tFFFFFFFF\t0\t0\t0", 127);
	has_line_of("route", "*\t007100CB\t00000000\t0201\t0\t0\t1024\t80FFFFFF\t0\t0\t0", 127);
#endif
	has_line("arp",
		 "192.0.2.254      0x1         0x6         02:00:00:00:01:fe     *        e0");
	has_line("arp",
		 "192.0.2.77       0x1         0x0         00:00:00:00:00:00     *        e0");
	assert_null(strstr(t.buf, "02:00:00:00:01:00")); /* of IPv6 */
	done();
}

static struct sock *bound(int family, int type, int protocol, uint16_t port)
{
	struct sockaddr_in a4 = { .sin_family = AF_INET, .sin_port = htons(port) };
	struct sockaddr_in6 a6 = { .sin6_family = AF_INET6, .sin6_port = htons(port) };
	struct sock *s;

	assert_int_equal(sock_open(&b.node->socks, family, type, protocol, &s), 0);
	a4.sin_addr.s_addr = htonl(0xc0000201);
	assert_int_equal(sock_bind(s, family == AF_INET ? (void *)&a4 : (void *)&a6,
				   family == AF_INET ? sizeof(a4) : sizeof(a6)),
			 0);
	return s;
}

static unsigned lines_of(const char *name)
{
	unsigned ret = 0;

	for (const char *p = read_file(name); (p = strchr(p, '\n')) != NULL; p++)
		ret++;
	return ret;
}

/* Each socket is in the files of its family, and in no others. */
static void test_families(void **state)
{
	static const char *const files[] = { "tcp",  "udp",  "raw",  "icmp",
					     "tcp6", "udp6", "raw6", "icmp6" };
	struct sock *s[6];

	(void)state;
	init();
	bed_addr(&b, 0, "192.0.2.1/24");
	s[0] = bound(AF_INET, SOCK_STREAM, 0, 80);
	assert_int_equal(sock_listen(s[0], 5), 0);
	s[1] = bound(AF_INET, SOCK_DGRAM, 0, 53);
	s[2] = bound(AF_INET, SOCK_RAW, 1, 0);
	s[3] = bound(AF_INET, SOCK_DGRAM, 1, 7);
	s[4] = bound(AF_INET6, SOCK_STREAM, 0, 81);
	assert_int_equal(sock_listen(s[4], 5), 0);
	s[5] = bound(AF_INET6, SOCK_DGRAM, 0, 54);
	for (unsigned i = 0; i < ARRAY_LEN(files); i++)
		assert_int_equal(lines_of(files[i]), i < 6 ? 2 : 1);
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	has_line("tcp", "   0: 010200C0:0050 00000000:0000 0A 00000000:00000000 00:00000000 "
			"00000000     0        0 0 1 0000000000000000 100 0 0 10 0");
	has_line("udp", "    0: 010200C0:0035 00000000:0000 07 00000000:00000000 00:00000000 "
			"00000000     0        0 0 2 0000000000000000 0");
	assert_non_null(strstr(read_file("raw"), "    0: 010200C0:0001 00000000:0000 07 "));
	assert_non_null(strstr(read_file("icmp"), "    0: 010200C0:0007 00000000:0000 07 "));
#endif
	has_line("sockstat6", "TCP6: inuse 1");
	has_line("sockstat6", "UDP6: inuse 1");
	for (unsigned i = 0; i < ARRAY_LEN(s); i++)
		sock_close(s[i]);
	done();
}

static void test_counters(void **state)
{
	(void)state;
	init();
	bed_neigh(&b, 0, "2001:db8::2", "02:00:00:00:01:00");
	(void)bed_rx(&b, 0, bed_echo(&b, "2001:db8::2", "2001:db8::1", 1, 8));
	(void)bed_rx(&b, 0, bed_packet(&b, "2001:db8::2", "2001:db8::1", 253, 64, "abcd", 4));
	has_line("snmp6", "Ip6InUnknownProtos              \t1");
	has_line("dev_snmp6/e0", "ifIndex                         \t2");
	has_line("dev_snmp6/e0", "Icmp6OutErrors                  \t1");
	assert_null(strstr(read_file("dev_snmp6/e0"), "Ip6InUnknownProtos"));
	done();
}

struct counted {
	unsigned n, dirs;
};

static void count_name(void *ctx, const char *name, bool is_dir)
{
	struct counted *c = ctx;

	c->n++;
	c->dirs += is_dir;
	if (is_dir)
		assert_int_equal(proc_net_what(b.node, name), -EISDIR);
	else if (strcmp(name, "unix") != 0 && strcmp(name, "lo") != 0 && strcmp(name, "e0") != 0)
		assert_int_equal(proc_net_what(b.node, name), 0);
}

static void test_names(void **state)
{
	struct counted c = { 0 };

	(void)state;
	init();
	assert_int_equal(proc_net_list(b.node, "", count_name, &c), 0);
	assert_true(c.n > 20 && c.dirs == 1);
	assert_int_equal(proc_net_list(b.node, "dev_snmp6", count_name, &c), 0);
	assert_int_equal(proc_net_list(b.node, "tcp6", count_name, &c), -ENOENT);
	assert_int_equal(seam_file_what(b.node, "/proc/net"), SEAM_FILE_DIR);
	assert_int_equal(seam_file_what(b.node, "/proc/net/dev_snmp6/e9"), -ENOENT);
	assert_int_equal(seam_file_what(b.node, "/proc/net/unix"), -EOPNOTSUPP);
	assert_int_equal(seam_file_what(b.node, "/proc/network"), -EOPNOTSUPP);
	assert_int_equal(seam_file_what(b.node, "/proc/sys/net/ipv6/conf/e0/mtu"), SEAM_FILE_RW);
	assert_int_equal(seam_file_what(b.node, "/proc/sys/net/ipv6/conf/e0/mc_forwarding"),
			 SEAM_FILE_RO);
	assert_int_equal(seam_file_write(b.node, "/proc/net/dev", "1", 1), -EACCES);
	assert_int_equal(seam_file_write(b.node, "/proc/sys/net/ipv6/conf/e0/hop_limit", "9", 1),
			 0);
	assert_int_equal(bed_if(&b, 0)->conf.cur_hop_limit, 9);
	done();
}

/* What a label's value has that means something in the text is escaped. */
static void test_metrics(void **state)
{
	(void)state;
	init();
	assert_int_equal(ip6_if_rename(&b.node->ip6, bed_if(&b, 0), "a\"b\\c\nd"), 0);
	env_count_drop(&b.node->env, 0, DROP_IP6_NO_ROUTE);
	text_done(&t);
	metrics_write(b.node, &t);
	text_put(&t, "", 1);
	assert_int_equal(t.err, 0);
	assert_non_null(strstr(t.buf, ",interface=\"a\\\"b\\\\c\\nd\"} 1\n"));
	assert_non_null(strstr(t.buf, ",reason=\"IP6_NO_ROUTE\"} 1\n"));
	assert_non_null(strstr(t.buf, "# TYPE inaba_drops_total counter\n"));
	assert_null(strstr(t.buf, "reason=\"ND_DONE\"")); /* acted on: no refusal */
	done();
}

/* A text has its limit, and says so. */
static void test_limit(void **state)
{
	static char big[1 << 20];

	(void)state;
	memset(big, 'x', sizeof(big));
	for (unsigned i = 0; i < TEXT_MAX / sizeof(big) + 1; i++)
		text_put(&t, big, sizeof(big));
	assert_int_equal(t.err, -EFBIG);
	assert_true(t.n <= TEXT_MAX);
	text_done(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_routes),	 cmocka_unit_test(test_groups),
		cmocka_unit_test(test_sockets),	 cmocka_unit_test(test_counters),
		cmocka_unit_test(test_names),	 cmocka_unit_test(test_metrics),
		cmocka_unit_test(test_limit),	 cmocka_unit_test(test_ip4),
		cmocka_unit_test(test_families),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
