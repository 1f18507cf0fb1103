/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The kernel as the device under test, in a network namespace that is new for each start. Its
 * interfaces "a" and "b" are ends of veth pairs; the others, "ta" and "tb", are in a second
 * namespace where IPv6 is off, so that only the tester speaks there.
 *
 * Both namespaces have no names: a descriptor of this process holds each, and the daemon (netns.h) is
 * killed by the kernel when its parent dies. Its files are in memory. So nothing is left behind, however the
 * process ends, and any number of processes may do this at once.
 *
 * A namespace is entered for as long as it takes to run a program, write a sysctl or open a
 * socket there. A user who is not root first becomes so in a user namespace; there is no way back
 * from that one to the namespace that we came from, and none is needed.
 */
#include "conform/netns.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/mroute6.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define PROGRAM_WITHIN (20 * NS_PER_S) /* it takes milliseconds; the machine may be busy */
#define CONF_OCTETS    1024
#define ECHO_ID	       0x1bb

static const char *const dev_name[NUT_LINKS] = { "a", "b" };
static const char *const tester_dev_name[NUT_LINKS] = { "ta", "tb" };

const char *netns_dev(enum nut_link link)
{
	return dev_name[link];
}

static struct nut_netns *netns_of(struct nut *nut)
{
	return CONTAINER_OF(nut, struct nut_netns, nut);
}

int netns_complain(struct nut_netns *n, int rc, const char *what)
{
	snprintf(n->nut.why, sizeof(n->nut.why), "%s: %s", what, strerror(-rc));
	return rc;
}

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/*
 * Namespaces.
 */

void netns_enter(const struct nut_netns *n, enum netns_which which)
{
	ASSERT(setns(n->ns[which], CLONE_NEWNET) == 0); /* we have made them all */
}

static int ns_here(void)
{
	int fd = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);

	return fd >= 0 ? fd : -errno;
}

static int ns_new(struct nut_netns *n, enum netns_which which)
{
	int fd;

	ASSERT(n->ns[which] < 0);
	if (unshare(CLONE_NEWNET) != 0)
		return netns_complain(n, -errno, "a network namespace");
	fd = ns_here();
	netns_enter(n, NS_HOME);
	if (fd < 0)
		return netns_complain(n, fd, "a network namespace");
	n->ns[which] = fd;
	return 0;
}

static int put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC), rc = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, text, strlen(text)) < 0)
		rc = -errno;
	close(fd);
	return rc;
}

/* user_namespaces(7): one user and one group, ourselves, who are root inside. */
static int become_root_inside(void)
{
	unsigned uid = geteuid(), gid = getegid();
	char map[2][32];
	int rc;

	snprintf(map[0], sizeof(map[0]), "0 %u 1", uid);
	snprintf(map[1], sizeof(map[1]), "0 %u 1", gid);
	if (unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0)
		return -errno;
	rc = put("/proc/self/setgroups", "deny");
	if (rc == 0)
		rc = put("/proc/self/uid_map", map[0]);
	return rc == 0 ? put("/proc/self/gid_map", map[1]) : rc;
}

/* Find out whether namespaces can be made, and become who can make them. */
static int get_home(struct nut_netns *n)
{
	int fd = ns_here(), rc = 0;

	if (fd < 0)
		return fd;
	if (unshare(CLONE_NEWNET) == 0) {
		n->ns[NS_HOME] = fd;
		netns_enter(n, NS_HOME);
		return 0;
	}
	close(fd);
	rc = errno == EPERM ? become_root_inside() : -errno;
	fd = rc == 0 ? ns_here() : rc;
	n->ns[NS_HOME] = MAX(fd, -1);
	return MIN(fd, 0);
}

/*
 * Telling the kernel.
 */

/* A line for ip(8), or several, in a namespace. */
int netns_ip(struct nut_netns *n, enum netns_which which, const char *fmt, ...)
{
	static const char *const argv[] = { "ip", "-6", "-batch", "-", NULL };
	struct live_said said;
	char text[CONF_OCTETS];
	va_list ap;
	int rc;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	netns_enter(n, which);
	rc = live_run(argv, text, PROGRAM_WITHIN, &said);
	netns_enter(n, NS_HOME);
	if (rc == 0)
		return 0;
	/* its last line only says which line of the batch it was */
	said.err[strcspn(said.err, "\n")] = '\0';
	live_why("ip", rc, &said, n->nut.why, sizeof(n->nut.why));
	return rc < 0 ? rc : -EIO;
}

/* /proc/sys/net is that of the namespace one is in. */
static int sysctl_set(struct nut_netns *n, enum netns_which which, const char *dev,
		      const char *name, unsigned value)
{
	char path[96], text[16], what[128];
	int rc;

	snprintf(path, sizeof(path), "/proc/sys/net/ipv6/conf/%s/%s", dev, name);
	snprintf(text, sizeof(text), "%u", value);
	netns_enter(n, which);
	rc = put(path, text);
	netns_enter(n, NS_HOME);
	if (rc == 0)
		return 0;
	snprintf(what, sizeof(what), "%s = %s", path, text);
	return netns_complain(n, rc, what);
}

/*
 * Start and stop.
 */

/* 02:00:00:00:0a:00 on link A, 02:00:00:00:0b:00 on link B. */
static struct mac netns_mac(struct nut *nut, enum nut_link link)
{
	(void)nut;
	return (struct mac){ { 2, 0, 0, 0, link == LINK_A ? 0x0a : 0x0b, 0 } };
}

static int wires(struct nut_netns *n)
{
	int rc = sysctl_set(n, NS_TESTER, "default", "disable_ipv6", 1);

	for (unsigned i = 0; rc == 0 && i < NUT_LINKS; i++) {
		struct mac mac = netns_mac(&n->nut, (enum nut_link)i);
		char text[MAC_TEXT_MAX];

		rc = netns_ip(n, NS_TESTER,
			      "link add %s type veth peer name %s address %s netns /proc/%d/fd/%d\n"
			      "link set dev %s up\n",
			      tester_dev_name[i], dev_name[i], mac_text(&mac, text), (int)getpid(),
			      n->ns[NS_DEVICE], tester_dev_name[i]);
	}
	return rc;
}

static int listen_there(struct nut_netns *n)
{
	int rc = 0;

	netns_enter(n, NS_TESTER);
	for (unsigned i = 0; rc == 0 && i < NUT_LINKS; i++)
		rc = live_open(&n->live, (enum nut_link)i, tester_dev_name[i], n->nut.why,
			       sizeof(n->nut.why));
	netns_enter(n, NS_DEVICE);
	for (unsigned i = 0; i < NUT_LINKS; i++)
		live_sums(dev_name[i]);
	netns_enter(n, NS_HOME);
	return rc;
}

/* As the kernel comes, whatever the machine has made its defaults. */
static int settings(struct nut_netns *n)
{
	static const struct {
		const char *name;
		unsigned value;
	} set[] = { { "addr_gen_mode", 0 }, { "use_tempaddr", 0 }, { "accept_ra", 1 } };
	int rc = 0;

	for (unsigned i = 0; i < NUT_LINKS; i++)
		for (size_t k = 0; rc == 0 && k < ARRAY_LEN(set); k++)
			rc = sysctl_set(n, NS_DEVICE, dev_name[i], set[k].name, set[k].value);
	if (rc == 0)
		rc = sysctl_set(n, NS_DEVICE, "all", "forwarding", n->role == NUT_ROUTER);
	for (unsigned i = 0; i < NUT_LINKS; i++)
		n->forwards[i] = n->role == NUT_ROUTER;
	return rc;
}

void netns_daemon_end(struct nut_netns *n, bool orderly)
{
	if (n->pid == 0)
		return;
	kill(n->pid, orderly ? SIGTERM : SIGKILL);
	waitpid(n->pid, NULL, 0);
	n->pid = 0;
}

static void netns_stop(struct nut *nut)
{
	struct nut_netns *n = netns_of(nut);

	netns_daemon_end(n, false); /* no last words: a part that ends is no router that does */
	live_close(&n->live);
	close_fd(&n->pings);
	close_fd(&n->mroutes);
	close_fd(&n->listens);
	close_fd(&n->ns[NS_TESTER]);
	close_fd(&n->ns[NS_DEVICE]);
	memset(n->adv, 0, sizeof(n->adv));
}

static int netns_start(struct nut *nut, enum nut_role role)
{
	struct nut_netns *n = netns_of(nut);
	int rc;

	n->role = role;
	rc = ns_new(n, NS_TESTER);
	if (rc == 0)
		rc = ns_new(n, NS_DEVICE);
	if (rc == 0)
		rc = wires(n);
	if (rc == 0)
		rc = listen_there(n);
	if (rc == 0)
		rc = settings(n);
	if (rc == 0)
		rc = n->daemon->up(n);
	if (rc < 0)
		netns_stop(nut);
	return rc;
}

static int netns_reboot(struct nut *nut)
{
	netns_stop(nut);
	return netns_start(nut, netns_of(nut)->role);
}

/*
 * Configuration.
 */

static int netns_addr(struct nut *nut, enum nut_link link, const struct ip6_addr *a, unsigned len)
{
	char text[IP6_TEXT_MAX];

	return netns_ip(netns_of(nut), NS_DEVICE, "addr add %s/%u dev %s\n", ip6_text(a, text), len,
			dev_name[link]);
}

static int netns_route(struct nut *nut, enum nut_link link, const struct ip6_addr *dst,
		       unsigned len, const struct ip6_addr *via)
{
	char to[IP6_TEXT_MAX], gateway[IP6_TEXT_MAX];

	return netns_ip(netns_of(nut), NS_DEVICE, "route add %s/%u via %s dev %s\n",
			ip6_text(dst, to), len, ip6_text(via, gateway), dev_name[link]);
}

/* Of IPv6 on the link: the interface still takes in frames as large as before. */
static int netns_mtu(struct nut *nut, enum nut_link link, uint32_t octets)
{
	return sysctl_set(netns_of(nut), NS_DEVICE, dev_name[link], "mtu", octets);
}

static int netns_temp_addrs(struct nut *nut, enum nut_link link)
{
	return sysctl_set(netns_of(nut), NS_DEVICE, dev_name[link], "use_tempaddr", 2);
}

/* "use_optimistic" would let such addresses be chosen like others: RFC 4429 has them chosen last. */
static int netns_optimistic(struct nut *nut, bool on)
{
	int rc = 0;

	for (unsigned i = 0; rc == 0 && i < NUT_LINKS; i++)
		rc = sysctl_set(netns_of(nut), NS_DEVICE, dev_name[i], "optimistic_dad", on);
	return rc;
}

/* The other end of the pair takes the carrier with it. */
static int netns_link(struct nut *nut, enum nut_link link, bool up)
{
	return netns_ip(netns_of(nut), NS_TESTER, "link set dev %s %s\n", tester_dev_name[link],
			up ? "up" : "down");
}

/* "all" decides on forwarding, and sets every interface; that of one on what kind of node it is. */
static int netns_forwarding(struct nut *nut, enum nut_link link, bool on)
{
	struct nut_netns *n = netns_of(nut);
	bool before = n->forwards[LINK_A] || n->forwards[LINK_B], after;
	int rc = 0;

	n->forwards[link] = on;
	after = n->forwards[LINK_A] || n->forwards[LINK_B];
	if (before != after)
		rc = sysctl_set(n, NS_DEVICE, "all", "forwarding", after);
	for (unsigned i = 0; rc == 0 && i < NUT_LINKS; i++)
		rc = sysctl_set(n, NS_DEVICE, dev_name[i], "forwarding", n->forwards[i]);
	return rc;
}

/* A radvd that goes says so only if its router stops advertising. */
static int netns_advertise(struct nut *nut, enum nut_link link, const struct nd_adv *adv)
{
	struct nut_netns *n = netns_of(nut);

	n->adv[link] = *adv;
	netns_daemon_end(n, !adv->send);
	return n->daemon->advertise(n);
}

/* A socket of the device's for ICMPv6; ours as long as it runs. */
static int icmp6_socket(struct nut_netns *n, int *fd)
{
	int rc = 0;

	if (*fd >= 0)
		return 0;
	netns_enter(n, NS_DEVICE);
	*fd = socket(AF_INET6, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_ICMPV6);
	if (*fd < 0)
		rc = netns_complain(n, -errno, "a raw socket");
	netns_enter(n, NS_HOME);
	return rc;
}

static uint32_t index_of(const struct nut_netns *n, enum nut_link link)
{
	uint32_t ret;

	netns_enter(n, NS_DEVICE);
	ret = if_nametoindex(dev_name[link]);
	netns_enter(n, NS_HOME);
	return ret;
}

/* The kernel fills the checksum in (RFC 3542 section 3.1), and cuts what is too large. */
static int netns_ping(struct nut *nut, enum nut_link link, const struct ip6_addr *dst,
		      uint32_t octets)
{
	struct nut_netns *n = netns_of(nut);
	struct sockaddr_in6 to = { .sin6_family = AF_INET6, .sin6_scope_id = index_of(n, link) };
	uint8_t *echo;
	int rc = icmp6_socket(n, &n->pings);

	if (rc < 0)
		return rc;
	if (octets > UINT16_MAX - 8)
		return -EMSGSIZE;
	echo = calloc(1, octets + 8);
	ASSERT(echo != NULL);
	echo[0] = 128; /* RFC 4443 section 4.1 */
	put_be16(echo + 4, ECHO_ID);
	put_be16(echo + 6, 1);
	memcpy(&to.sin6_addr, dst->b, sizeof(to.sin6_addr));
	if (setsockopt(n->pings, IPPROTO_IPV6, IPV6_MULTICAST_IF, &to.sin6_scope_id,
		       sizeof(to.sin6_scope_id)) != 0 ||
	    sendto(n->pings, echo, octets + 8, 0, (struct sockaddr *)&to, sizeof(to)) < 0)
		rc = netns_complain(n, -errno, "a ping from the device");
	free(echo);
	return rc;
}

/*
 * Multicast routing: a route for the group from any source. The kernel wants the link that packets
 * come from among those that the route covers, and sends none back there.
 */
static int mroute_begin(struct nut_netns *n)
{
	int on = 1;

	if (n->mroutes >= 0)
		return 0;
	if (icmp6_socket(n, &n->mroutes) < 0)
		return -EIO;
	if (setsockopt(n->mroutes, IPPROTO_IPV6, MRT6_INIT, &on, sizeof(on)) != 0)
		return netns_complain(n, -errno, "multicast routing");
	for (unsigned i = 0; i < NUT_LINKS; i++) {
		struct mif6ctl mif = { .mif6c_mifi = (mifi_t)i,
				       .mif6c_pifi = (uint16_t)index_of(n, (enum nut_link)i),
				       .vifc_threshold = 1 };

		if (setsockopt(n->mroutes, IPPROTO_IPV6, MRT6_ADD_MIF, &mif, sizeof(mif)) != 0)
			return netns_complain(n, -errno, "multicast routing on an interface");
	}
	return 0;
}

static int netns_mroute(struct nut *nut, enum nut_link from, const struct ip6_addr *group,
			enum nut_link to)
{
	struct nut_netns *n = netns_of(nut);
	struct mf6cctl route = { .mf6cc_parent = (mifi_t)from };
	int rc = mroute_begin(n);

	if (rc < 0)
		return rc;
	route.mf6cc_origin.sin6_family = route.mf6cc_mcastgrp.sin6_family = AF_INET6;
	memcpy(&route.mf6cc_mcastgrp.sin6_addr, group->b, IP6_ADDR_OCTETS);
	route.mf6cc_ifset.ifs_bits[0] = 1u << from | 1u << to;
	if (setsockopt(n->mroutes, IPPROTO_IPV6, MRT6_ADD_MFC, &route, sizeof(route)) != 0)
		return netns_complain(n, -errno, "a multicast route");
	return 0;
}

/*
 * Listening. A filter can only be set where there is a membership, which comes with all sources or
 * with one.
 */

static void group_sockaddr(struct sockaddr_storage *ss, const struct ip6_addr *a)
{
	struct sockaddr_in6 sin6 = { .sin6_family = AF_INET6 };

	memcpy(&sin6.sin6_addr, a->b, sizeof(sin6.sin6_addr));
	memcpy(ss, &sin6, sizeof(sin6));
}

static int set_filter(int fd, struct group_filter *f, const struct group_source_req *one)
{
	struct group_req group = { .gr_interface = f->gf_interface, .gr_group = f->gf_group };
	int what = f->gf_fmode == MCAST_EXCLUDE ? MCAST_JOIN_GROUP : MCAST_LEAVE_GROUP;

	if (f->gf_fmode == MCAST_INCLUDE && f->gf_numsrc > 0) /* fails if there is a membership */
		setsockopt(fd, IPPROTO_IPV6, MCAST_JOIN_SOURCE_GROUP, one, sizeof(*one));
	else if (setsockopt(fd, IPPROTO_IPV6, what, &group, sizeof(group)) != 0 &&
		 errno != EADDRINUSE)
		return -errno;
	if (what == MCAST_LEAVE_GROUP && f->gf_numsrc == 0)
		return 0;
	return setsockopt(fd, IPPROTO_IPV6, MCAST_MSFILTER, f,
			  (socklen_t)GROUP_FILTER_SIZE(f->gf_numsrc)) != 0
		       ? -errno
		       : 0;
}

static int netns_listen(struct nut *nut, enum nut_link link, const struct ip6_addr *group,
			bool exclude, const struct ip6_addr *source, unsigned n_sources)
{
	struct nut_netns *n = netns_of(nut);
	struct group_source_req one = { .gsr_interface = index_of(n, link) };
	struct group_filter *f;
	int rc = icmp6_socket(n, &n->listens);

	if (rc < 0)
		return rc;
	f = calloc(1, sizeof(*f) + GROUP_FILTER_SIZE(n_sources));
	ASSERT(f != NULL);
	f->gf_interface = one.gsr_interface;
	f->gf_fmode = exclude ? MCAST_EXCLUDE : MCAST_INCLUDE;
	f->gf_numsrc = n_sources;
	group_sockaddr(&f->gf_group, group);
	for (unsigned i = 0; i < n_sources; i++)
		group_sockaddr(&f->gf_slist[i], &source[i]);
	one.gsr_group = f->gf_group;
	one.gsr_source = f->gf_slist[0];
	rc = set_filter(n->listens, f, &one);
	free(f);
	return rc < 0 ? netns_complain(n, rc, "listening to a group") : 0;
}

/*
 * Frames.
 */

static void netns_send(struct nut *nut, enum nut_link link, const uint8_t *p, size_t octets)
{
	live_send(&netns_of(nut)->live, link, p, octets);
}

static bool netns_recv(struct nut *nut, time_ns until, struct nut_frame *ret)
{
	return live_recv(&netns_of(nut)->live, until, ret);
}

static time_ns netns_now(struct nut *nut)
{
	(void)nut;
	return live_now();
}

static void netns_close(struct nut *nut)
{
	struct nut_netns *n = netns_of(nut);

	netns_stop(nut);
	close_fd(&n->ns[NS_HOME]);
	free(n);
}

static const struct nut_ops ops = {
	.name = "netns",
	.always_new = true,
	.start = netns_start,
	.stop = netns_stop,
	.reboot = netns_reboot,
	.addr = netns_addr,
	.route = netns_route,
	.mtu = netns_mtu,
	.advertise = netns_advertise,
	.forwarding = netns_forwarding,
	.mroute = netns_mroute,
	.temp_addrs = netns_temp_addrs,
	.optimistic = netns_optimistic,
	.link = netns_link,
	.listen = netns_listen,
	.ping = netns_ping,
	.mac = netns_mac,
	.send = netns_send,
	.recv = netns_recv,
	.now = netns_now,
	.close = netns_close,
};

static bool have_ip(void)
{
	static const char *const argv[] = { "ip", "-V", NULL };
	struct live_said said;

	return live_run(argv, NULL, PROGRAM_WITHIN, &said) >= 0;
}

static struct nut_netns *device(const struct netns_daemon *daemon)
{
	struct nut_netns *n = calloc(1, sizeof(*n));

	ASSERT(n != NULL);
	n->nut.ops = &ops;
	n->daemon = daemon;
	n->pings = n->mroutes = n->listens = -1;
	for (unsigned i = 0; i < NAMESPACES; i++)
		n->ns[i] = -1;
	live_init(&n->live);
	n->nut.has = NUT_CAN_REBOOT | NUT_CAN_ADDR | NUT_CAN_ROUTE | NUT_CAN_MTU | NUT_CAN_PING |
		     NUT_CAN_FORWARD | NUT_CAN_LISTEN | NUT_USES_CLASS | NUT_USES_FLOW;
	if (access("/proc/net/ip6_mr_vif", F_OK) == 0)
		n->nut.has |= NUT_MCAST_ROUTING;
	n->nut.has |= NUT_CAN_LINK;
	if (access("/proc/sys/net/ipv6/conf/all/optimistic_dad", F_OK) == 0)
		n->nut.has |= NUT_CAN_OPTIMISTIC;
	return n;
}

/* @n, or NULL and @why it cannot be. */
static struct nut *ready(struct nut_netns *n, char *why, size_t size)
{
	int rc = get_home(n);

	if (rc == 0 && have_ip())
		return &n->nut;
	if (rc < 0)
		snprintf(why, size,
			 "network namespaces: %s; run it as root, or let users make them: "
			 "sysctl -w user.max_user_namespaces=10000",
			 strerror(-rc));
	else
		snprintf(why, size, "there is no program ip: install iproute2");
	netns_close(&n->nut);
	return NULL;
}

struct nut *nut_netns_new(char *why, size_t size)
{
	struct nut_netns *n = device(&netns_radvd);

	n->nut.has |= NUT_CAN_TEMP;
	if (n->daemon->usable(why, size))
		n->nut.has |= NUT_CAN_ADVERTISE | NUT_ADV_VARS;
	return ready(n, why, size);
}

struct nut *nut_networkd_new(char *why, size_t size)
{
	struct nut_netns *n = device(&netns_networkd);

	n->nut.has |= NUT_CAN_ADVERTISE;
	if (n->daemon->usable(why, size))
		return ready(n, why, size);
	netns_close(&n->nut);
	return NULL;
}
