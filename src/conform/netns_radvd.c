/* SPDX-License-Identifier: BSD-3-Clause */
/* The kernel alone; where it is to advertise, with radvd. */
#include "base/dname.h"
#include "conform/netns.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#define VERSION_WITHIN (20 * NS_PER_S)

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
		netns_enter(n, NS_DEVICE);
		n->pid = fork();
		if (n->pid == 0)
			radvd_exec(fd[0], fd[1]);
		netns_enter(n, NS_HOME);
	}
	if (fd[0] < 0 || fd[1] < 0 || n->pid < 0) {
		rc = netns_complain(n, -ENOMEM, "radvd");
		n->pid = 0;
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

/* One option; without a lifetime radvd takes its own. */
static void put_lifetime(FILE *f, const char *name, int64_t s)
{
	if (s == UINT32_MAX)
		fprintf(f, "{ %s infinity; };\n", name);
	else if (s != ND_ADV_LIFETIME_AUTO)
		fprintf(f, "{ %s %lld; };\n", name, (long long)s);
	else
		fprintf(f, "{ };\n");
}

static void put_domains(FILE *f, const struct nd_adv_dnssl *d)
{
	struct rd in = rd_of(d->names, d->octets);
	char text[DNAME_TEXT_MAX];
	struct dname name;

	fprintf(f, "DNSSL ");
	while (in.left > 0 && dname_take(&in, &name))
		fprintf(f, "%s ", dname_text(&name, text));
	put_lifetime(f, "AdvDNSSLLifetime", d->lifetime_s);
}

static void put_dns(FILE *f, const struct nd_adv *adv)
{
	char text[IP6_TEXT_MAX];

	for (unsigned i = 0; i < adv->n_rdnss; i++) {
		fprintf(f, "RDNSS ");
		for (unsigned k = 0; k < adv->rdnss[i].n; k++)
			fprintf(f, "%s ", ip6_text(&adv->rdnss[i].addr[k], text));
		put_lifetime(f, "AdvRDNSSLifetime", adv->rdnss[i].lifetime_s);
	}
	for (unsigned i = 0; i < adv->n_dnssl; i++)
		put_domains(f, &adv->dnssl[i]);
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
	put_dns(f, adv);
	fprintf(f, "};\n");
}

static int radvd_up(struct nut_netns *n)
{
	return netns_ip(n, NS_DEVICE, "link set dev lo up\n%slink set dev b up\n",
			n->role == NUT_ROUTER ? "link set dev a up\n" : "");
}

static int radvd_advertise(struct nut_netns *n)
{
	char *conf = NULL;
	size_t octets = 0;
	FILE *f = open_memstream(&conf, &octets);
	int rc = 0;

	ASSERT(f != NULL);
	for (unsigned i = 0; i < NUT_LINKS; i++)
		if (n->adv[i].send)
			radvd_conf(f, netns_dev((enum nut_link)i), &n->adv[i]);
	fclose(f);
	if (octets > 0)
		rc = radvd_start(n, conf);
	free(conf);
	return rc;
}

/* Without it, the device is one that cannot advertise. */
static bool radvd_usable(char *why, size_t size)
{
	static const char *const argv[] = { "radvd", "--version", NULL };
	struct live_said said;

	if (live_run(argv, NULL, VERSION_WITHIN, &said) >= 0)
		return true;
	snprintf(why, size, "there is no program radvd: install radvd");
	return false;
}

const struct netns_daemon netns_radvd = { radvd_usable, radvd_up, radvd_advertise };
