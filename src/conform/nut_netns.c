/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The kernel as the device under test, in a network namespace that is new for each start. Its
 * interfaces "a" and "b" are ends of veth pairs; the others, "ta" and "tb", are in a second
 * namespace where IPv6 is off, so that only the tester speaks there.
 *
 * Both namespaces have no names: a descriptor of this process holds each, and radvd is killed by
 * the kernel when its parent dies. Its files are in memory. So nothing is left behind, however the
 * process ends, and any number of processes may do this at once.
 *
 * A namespace is entered for as long as it takes to run a program, write a sysctl or open a
 * socket there. A user who is not root first becomes so in a user namespace; there is no way back
 * from that one to the namespace that we came from, and none is needed.
 */
#include "conform/live.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <inttypes.h>
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

enum { NS_HOME, NS_TESTER, NS_DEVICE, NAMESPACES };

struct nut_netns {
	struct nut nut;
	struct live live;
	enum nut_role role;
	int ns[NAMESPACES];	     /* -1: there is none */
	int pings, mroutes, listens; /* sockets of the device's, or -1 */
	pid_t radvd;		     /* 0: not running */
	bool forwards[NUT_LINKS];
	struct nd_adv adv[NUT_LINKS];
};

static const char *const dev_name[NUT_LINKS] = { "a", "b" };
static const char *const tester_dev_name[NUT_LINKS] = { "ta", "tb" };

static struct nut_netns *netns_of(struct nut *nut)
{
	return CONTAINER_OF(nut, struct nut_netns, nut);
}

static int complain(struct nut_netns *n, int rc, const char *what)
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

static void enter(const struct nut_netns *n, unsigned which)
{
	ASSERT(setns(n->ns[which], CLONE_NEWNET) == 0); /* we have made them all */
}

static int ns_here(void)
{
	int fd = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);

	return fd >= 0 ? fd : -errno;
}

static int ns_new(struct nut_netns *n, unsigned which)
{
	int fd;

	ASSERT(n->ns[which] < 0);
	if (unshare(CLONE_NEWNET) != 0)
		return complain(n, -errno, "a network namespace");
	fd = ns_here();
	enter(n, NS_HOME);
	if (fd < 0)
		return complain(n, fd, "a network namespace");
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
		enter(n, NS_HOME);
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
static int ip(struct nut_netns *n, unsigned which, const char *fmt, ...) PRINTF(3, 4);
static int ip(struct nut_netns *n, unsigned which, const char *fmt, ...)
{
	static const char *const argv[] = { "ip", "-6", "-batch", "-", NULL };
	struct live_said said;
	char text[CONF_OCTETS];
	va_list ap;
	int rc;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	enter(n, which);
	rc = live_run(argv, text, PROGRAM_WITHIN, &said);
	enter(n, NS_HOME);
	if (rc == 0)
		return 0;
	/* its last line only says which line of the batch it was */
	said.err[strcspn(said.err, "\n")] = '\0';
	live_why("ip", rc, &said, n->nut.why, sizeof(n->nut.why));
	return rc < 0 ? rc : -EIO;
}

/* /proc/sys/net is that of the namespace one is in. */
static int sysctl_set(struct nut_netns *n, unsigned which, const char *dev, const char *name,
		      unsigned value)
{
	char path[96], text[16], what[128];
	int rc;

	snprintf(path, sizeof(path), "/proc/sys/net/ipv6/conf/%s/%s", dev, name);
	snprintf(text, sizeof(text), "%u", value);
	enter(n, which);
	rc = put(path, text);
	enter(n, NS_HOME);
	if (rc == 0)
		return 0;
	snprintf(what, sizeof(what), "%s = %s", path, text);
	return complain(n, rc, what);
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

		rc = ip(n, NS_TESTER,
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

	enter(n, NS_TESTER);
	for (unsigned i = 0; rc == 0 && i < NUT_LINKS; i++)
		rc = live_open(&n->live, (enum nut_link)i, tester_dev_name[i], n->nut.why,
			       sizeof(n->nut.why));
	enter(n, NS_DEVICE);
	for (unsigned i = 0; i < NUT_LINKS; i++)
		live_sums(dev_name[i]);
	enter(n, NS_HOME);
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

static void radvd_stop(struct nut_netns *n)
{
	if (n->radvd == 0)
		return;
	kill(n->radvd,
	     SIGKILL); /* no last advertisement: a part that ends is no router that does */
	waitpid(n->radvd, NULL, 0);
	n->radvd = 0;
}

/* It says so, and ends. */
static void radvd_end(struct nut_netns *n)
{
	if (n->radvd == 0)
		return;
	kill(n->radvd, SIGTERM);
	waitpid(n->radvd, NULL, 0);
	n->radvd = 0;
}

static void netns_stop(struct nut *nut)
{
	struct nut_netns *n = netns_of(nut);

	radvd_stop(n);
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
		rc = ip(n, NS_DEVICE, "link set dev lo up\n%slink set dev b up\n",
			role == NUT_ROUTER ? "link set dev a up\n" : "");
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

	return ip(netns_of(nut), NS_DEVICE, "addr add %s/%u dev %s\n", ip6_text(a, text), len,
		  dev_name[link]);
}

static int netns_route(struct nut *nut, enum nut_link link, const struct ip6_addr *dst,
		       unsigned len, const struct ip6_addr *via)
{
	char to[IP6_TEXT_MAX], gateway[IP6_TEXT_MAX];

	return ip(netns_of(nut), NS_DEVICE, "route add %s/%u via %s dev %s\n", ip6_text(dst, to),
		  len, ip6_text(via, gateway), dev_name[link]);
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

static int file_with(const char *text)
{
	int fd = memfd_create("radvd", 0); /* radvd opens it by its number */

	if (fd < 0)
		return -errno;
	if (fchmod(fd, 0600) != 0 || pwrite(fd, text, strlen(text), 0) < 0) {
		close(fd);
		return -EIO;
	}
	return fd;
}

static _Noreturn void radvd_exec(int conf, int pidfile)
{
	static const char *const where[] = { "radvd", "/usr/sbin/radvd", "/sbin/radvd" };
	char conf_path[32], pid_path[32];

	snprintf(conf_path, sizeof(conf_path), "/proc/self/fd/%d", conf);
	snprintf(pid_path, sizeof(pid_path), "/proc/self/fd/%d", pidfile);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (size_t i = 0; i < ARRAY_LEN(where); i++)
		execlp(where[i], "radvd", "-n", "-m", "none", "-C", conf_path, "-p", pid_path,
		       NULL);
	_exit(127);
}

static int radvd_start(struct nut_netns *n, const char *conf)
{
	int fd[] = { file_with(conf), file_with("") }, rc = 0;

	if (fd[0] >= 0 && fd[1] >= 0) {
		enter(n, NS_DEVICE);
		n->radvd = fork();
		if (n->radvd == 0)
			radvd_exec(fd[0], fd[1]);
		enter(n, NS_HOME);
	}
	if (fd[0] < 0 || fd[1] < 0 || n->radvd < 0) {
		rc = complain(n, -ENOMEM, "radvd");
		n->radvd = 0;
	}
	for (size_t i = 0; i < ARRAY_LEN(fd); i++)
		if (fd[i] >= 0)
			close(fd[i]);
	return rc;
}

static const char *on_off(bool on)
{
	return on ? "on" : "off";
}

static const char *pref_word(enum nd_pref pref)
{
	return pref == ND_PREF_HIGH ? "high" : pref == ND_PREF_LOW ? "low" : "medium";
}

static void radvd_lifetime(FILE *f, const char *name, int64_t lifetime_s)
{
	if (lifetime_s != ND_ADV_LIFETIME_AUTO)
		fprintf(f, "%s %" PRId64 "; ", name, lifetime_s);
	fprintf(f, "};\n");
}

static void radvd_dns(FILE *f, const struct nd_adv *adv)
{
	for (unsigned i = 0; i < adv->n_rdnss; i++) {
		char text[IP6_TEXT_MAX];

		fprintf(f, "RDNSS");
		for (unsigned k = 0; k < adv->rdnss[i].n; k++)
			fprintf(f, " %s", ip6_text(&adv->rdnss[i].addr[k], text));
		fprintf(f, " { ");
		radvd_lifetime(f, "AdvRDNSSLifetime", adv->rdnss[i].lifetime_s);
	}
	for (unsigned i = 0; i < adv->n_dnssl; i++) {
		struct rd names = rd_of(adv->dnssl[i].names, adv->dnssl[i].octets);
		char text[DNAME_TEXT_MAX];
		struct dname name;

		fprintf(f, "DNSSL");
		while (dname_take(&names, &name))
			fprintf(f, " %s", dname_text(&name, text));
		fprintf(f, " { ");
		radvd_lifetime(f, "AdvDNSSLLifetime", adv->dnssl[i].lifetime_s);
	}
}

/* radvd.conf(5): an interface. Times are in seconds, decimals are allowed. */
static void radvd_conf(FILE *f, const char *dev, const struct nd_adv *adv)
{
	fprintf(f,
		"interface %s { AdvSendAdvert on; AdvManagedFlag %s; AdvOtherConfigFlag %s; "
		"AdvCurHopLimit %u; AdvDefaultLifetime %u; AdvDefaultPreference %s; "
		"AdvReachableTime %u; AdvRetransTimer %u; AdvLinkMTU %u; "
		"MinRtrAdvInterval %.3f; MaxRtrAdvInterval %.3f;\n",
		dev, on_off(adv->managed), on_off(adv->other_config), adv->cur_hop_limit,
		adv->default_lifetime_s, pref_word(adv->pref), adv->reachable_ms, adv->retrans_ms,
		adv->link_mtu, (double)adv->interval_min / (double)NS_PER_S,
		(double)adv->interval_max / (double)NS_PER_S);
	for (unsigned i = 0; i < adv->n_prefixes; i++) {
		const struct nd_adv_prefix *p = &adv->prefix[i];
		char text[IP6_TEXT_MAX];

		fprintf(f,
			"prefix %s/%u { AdvOnLink %s; AdvAutonomous %s; AdvValidLifetime %u; "
			"AdvPreferredLifetime %u; };\n",
			ip6_text(&p->prefix, text), p->len, on_off(p->on_link),
			on_off(p->autonomous), p->valid_s, p->preferred_s);
	}
	radvd_dns(f, adv);
	fprintf(f, "};\n");
}

static int netns_advertise(struct nut *nut, enum nut_link link, const struct nd_adv *adv)
{
	struct nut_netns *n = netns_of(nut);
	char *conf = NULL;
	size_t octets = 0;
	FILE *f = open_memstream(&conf, &octets);
	int rc = 0;

	ASSERT(f != NULL);
	n->adv[link] = *adv;
	if (!adv->send)
		radvd_end(n);
	for (unsigned i = 0; i < NUT_LINKS; i++)
		if (n->adv[i].send)
			radvd_conf(f, dev_name[i], &n->adv[i]);
	fclose(f);
	radvd_stop(n);
	if (octets > 0)
		rc = radvd_start(n, conf);
	free(conf);
	return rc;
}

/* A socket of the device's for ICMPv6; ours as long as it runs. */
static int icmp6_socket(struct nut_netns *n, int *fd)
{
	int rc = 0;

	if (*fd >= 0)
		return 0;
	enter(n, NS_DEVICE);
	*fd = socket(AF_INET6, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_ICMPV6);
	if (*fd < 0)
		rc = complain(n, -errno, "a raw socket");
	enter(n, NS_HOME);
	return rc;
}

static uint32_t index_of(const struct nut_netns *n, enum nut_link link)
{
	uint32_t ret;

	enter(n, NS_DEVICE);
	ret = if_nametoindex(dev_name[link]);
	enter(n, NS_HOME);
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
		rc = complain(n, -errno, "a ping from the device");
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
		return complain(n, -errno, "multicast routing");
	for (unsigned i = 0; i < NUT_LINKS; i++) {
		struct mif6ctl mif = { .mif6c_mifi = (mifi_t)i,
				       .mif6c_pifi = (uint16_t)index_of(n, (enum nut_link)i),
				       .vifc_threshold = 1 };

		if (setsockopt(n->mroutes, IPPROTO_IPV6, MRT6_ADD_MIF, &mif, sizeof(mif)) != 0)
			return complain(n, -errno, "multicast routing on an interface");
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
		return complain(n, -errno, "a multicast route");
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
	return rc < 0 ? complain(n, rc, "listening to a group") : 0;
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
	.listen = netns_listen,
	.ping = netns_ping,
	.mac = netns_mac,
	.send = netns_send,
	.recv = netns_recv,
	.now = netns_now,
	.close = netns_close,
};

static bool have_program(const char *name)
{
	static const struct live_said none;
	const char *const argv[] = { name, name[0] == 'i' ? "-V" : "--version", NULL };
	struct live_said said = none;

	return live_run(argv, NULL, PROGRAM_WITHIN, &said) >= 0;
}

struct nut *nut_netns_new(char *why, size_t size)
{
	struct nut_netns *n = calloc(1, sizeof(*n));
	int rc;

	ASSERT(n != NULL);
	n->nut.ops = &ops;
	n->pings = n->mroutes = n->listens = -1;
	for (unsigned i = 0; i < NAMESPACES; i++)
		n->ns[i] = -1;
	live_init(&n->live);
	n->nut.has = NUT_CAN_REBOOT | NUT_CAN_ADDR | NUT_CAN_ROUTE | NUT_CAN_MTU | NUT_CAN_PING |
		     NUT_CAN_FORWARD | NUT_CAN_TEMP | NUT_CAN_LISTEN | NUT_USES_CLASS |
		     NUT_USES_FLOW;
	if (have_program("radvd"))
		n->nut.has |= NUT_CAN_ADVERTISE | NUT_ADV_VARS;
	if (access("/proc/net/ip6_mr_vif", F_OK) == 0)
		n->nut.has |= NUT_MCAST_ROUTING;
	rc = get_home(n);
	if (rc == 0 && have_program("ip"))
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
