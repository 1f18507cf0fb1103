/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Theory of operation: systemd-networkd leaves nothing of IPv6's autoconfiguration to the kernel: it
 * reads router advertisements and sends them itself. Here it runs without systemd, in a mount
 * namespace of its own: /run is empty, so there is no bus to talk to and no udev to wait for;
 * /sys is read-only, which tells it that devices are none of its business and ready; and whatever
 * the machine has configured for it is out of sight. Its configuration is read when it starts, so
 * that it is started anew for each change, and told to keep the addresses and routes that it finds.
 *
 * It wants to become the user systemd-network, so only root can do this.
 */
#include "base/dname.h"
#include "conform/netns.h"

#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define UP_WITHIN_MS 10000
#define LOOK_MS	     10
#define CONF_DIR     "/run/systemd/network"

static const char *program(void)
{
	static const char *const where[] = { "/usr/lib/systemd/systemd-networkd",
					     "/lib/systemd/systemd-networkd" };

	for (size_t i = 0; i < ARRAY_LEN(where); i++)
		if (access(where[i], X_OK) == 0)
			return where[i];
	return NULL;
}

/*
 * systemd.network(5).
 */

static const char *yes_no(bool yes)
{
	return yes ? "yes" : "no";
}

static const char *pref_word(enum nd_pref pref)
{
	return pref == ND_PREF_HIGH ? "high" : pref == ND_PREF_LOW ? "low" : "medium";
}

static void put_life(FILE *f, const char *name, uint32_t s)
{
	if (s == UINT32_MAX)
		fprintf(f, "%s=infinity\n", name);
	else
		fprintf(f, "%s=%u\n", name, s);
}

/* It has one lifetime for all: the first counts. */
static void put_dns(FILE *f, const struct nd_adv *adv)
{
	int64_t s = adv->n_rdnss > 0   ? adv->rdnss[0].lifetime_s
		    : adv->n_dnssl > 0 ? adv->dnssl[0].lifetime_s
				       : ND_ADV_LIFETIME_AUTO;
	char addr[IP6_TEXT_MAX], text[DNAME_TEXT_MAX];
	struct dname name;

	fprintf(f, "EmitDNS=%s\nEmitDomains=%s\n", yes_no(adv->n_rdnss > 0),
		yes_no(adv->n_dnssl > 0));
	if (s != ND_ADV_LIFETIME_AUTO)
		put_life(f, "DNSLifetimeSec", (uint32_t)s);
	for (unsigned i = 0; i < adv->n_rdnss; i++)
		for (unsigned k = 0; k < adv->rdnss[i].n; k++)
			fprintf(f, "DNS=%s\n", ip6_text(&adv->rdnss[i].addr[k], addr));
	for (unsigned i = 0; i < adv->n_dnssl; i++) {
		struct rd in = rd_of(adv->dnssl[i].names, adv->dnssl[i].octets);

		while (in.left > 0 && dname_take(&in, &name))
			fprintf(f, "Domains=%s\n", dname_text(&name, text));
	}
}

/* It has no words for intervals, hop limit, MTU, reachable and retransmission time. */
static void put_adv(FILE *f, const struct nd_adv *adv)
{
	fprintf(f,
		"[IPv6SendRA]\nManaged=%s\nOtherInformation=%s\nRouterLifetimeSec=%u\n"
		"RouterPreference=%s\n",
		yes_no(adv->managed), yes_no(adv->other_config), adv->default_lifetime_s,
		pref_word(adv->pref));
	put_dns(f, adv);
	for (unsigned i = 0; i < adv->n_prefixes; i++) {
		const struct nd_adv_prefix *p = &adv->prefix[i];
		char text[IP6_TEXT_MAX];

		fprintf(f, "[IPv6Prefix]\nPrefix=%s/%u\nOnLink=%s\nAddressAutoconfiguration=%s\n",
			ip6_text(&p->prefix, text), p->len, yes_no(p->on_link),
			yes_no(p->autonomous));
		put_life(f, "ValidLifetimeSec", p->valid_s);
		put_life(f, "PreferredLifetimeSec", p->preferred_s);
	}
}

static bool put_link(const struct nut_netns *n, enum nut_link link)
{
	const struct nd_adv *adv = &n->adv[link];
	char path[64];
	FILE *f;

	snprintf(path, sizeof(path), CONF_DIR "/%s.network", netns_dev(link));
	f = fopen(path, "w");
	if (f == NULL)
		return false;
	fprintf(f,
		"[Match]\nName=%s\n[Network]\nLinkLocalAddressing=ipv6\nIPv6AcceptRA=%s\n"
		"IPv6SendRA=%s\nKeepConfiguration=yes\n",
		netns_dev(link), yes_no(n->role == NUT_HOST), yes_no(adv->send));
	if (adv->send)
		put_adv(f, adv);
	return fclose(f) == 0;
}

/*
 * Running it.
 */

/* In the child, whose network namespace is the device's. */
static bool furnish(const struct nut_netns *n)
{
	unsigned first = n->role == NUT_ROUTER ? LINK_A : LINK_B;

	if (unshare(CLONE_NEWNS) != 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
	    mount("sysfs", "/sys", "sysfs", MS_RDONLY, NULL) != 0 ||
	    mount("tmpfs", "/run", "tmpfs", 0, "mode=755") != 0 ||
	    mount("tmpfs", "/etc/systemd", "tmpfs", 0, "mode=755") != 0 ||
	    mkdir("/run/systemd", 0755) != 0 || mkdir(CONF_DIR, 0755) != 0)
		return false;
	for (unsigned i = first; i <= LINK_B; i++)
		if (!put_link(n, (enum nut_link)i))
			return false;
	return true;
}

static _Noreturn void become_networkd(const struct nut_netns *n)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	umask(022);
	if (!furnish(n))
		_exit(126);
	setenv("SYSTEMD_LOG_TARGET", "console", 1);
	setenv("SYSTEMD_LOG_LEVEL", "crit", 1);
	unsetenv("NOTIFY_SOCKET");
	execl(program(), "systemd-networkd", (char *)NULL);
	_exit(127);
}

static int networkd_start(struct nut_netns *n)
{
	ASSERT(n->pid == 0);
	netns_enter(n, NS_DEVICE);
	n->pid = fork();
	if (n->pid == 0)
		become_networkd(n);
	netns_enter(n, NS_HOME);
	if (n->pid > 0)
		return 0;
	n->pid = 0;
	return netns_complain(n, -errno, "systemd-networkd");
}

/* It sets links up when all else about them is configured. */
static bool is_up(int fd, enum nut_link link)
{
	struct ifreq ifr = { .ifr_flags = 0 };

	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", netns_dev(link));
	return ioctl(fd, SIOCGIFFLAGS, &ifr) == 0 && (ifr.ifr_flags & IFF_UP) != 0;
}

static bool has_ended(struct nut_netns *n)
{
	if (waitpid(n->pid, NULL, WNOHANG) == 0)
		return false;
	n->pid = 0;
	return true;
}

static int await_links(struct nut_netns *n)
{
	bool up = false;
	int fd;

	netns_enter(n, NS_DEVICE);
	fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	netns_enter(n, NS_HOME);
	if (fd < 0)
		return netns_complain(n, -errno, "a socket");
	for (unsigned ms = 0; !up && ms < UP_WITHIN_MS && !has_ended(n); ms += LOOK_MS) {
		up = is_up(fd, LINK_B) && (n->role == NUT_HOST || is_up(fd, LINK_A));
		if (!up)
			poll(NULL, 0, LOOK_MS);
	}
	close(fd);
	if (up)
		return 0;
	return netns_complain(n, -ETIMEDOUT,
			      n->pid != 0 ? "systemd-networkd sets no link up"
					  : "systemd-networkd ended at once");
}

static int networkd_up(struct nut_netns *n)
{
	int rc = netns_ip(n, NS_DEVICE, "link set dev lo up\n");

	if (rc == 0)
		rc = networkd_start(n);
	return rc == 0 ? await_links(n) : rc;
}

static bool networkd_usable(char *why, size_t size)
{
	if (program() == NULL)
		snprintf(why, size, "there is no systemd-networkd: install systemd");
	else if (geteuid() != 0)
		snprintf(why, size, "systemd-networkd becomes another user: run this as root");
	else
		return true;
	return false;
}

const struct netns_daemon netns_networkd = { networkd_usable, networkd_up, networkd_start };
