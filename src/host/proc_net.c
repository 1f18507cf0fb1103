/* SPDX-License-Identifier: BSD-3-Clause */
#include "host/proc_net.h"

#define DEV_SNMP6 "dev_snmp6"

/* What there is none of has a heading, as on a machine that has none of it. */
static const char flowlabel_head[] =
	"Label S Owner  Users  Linger Expires  Dst                              Opt\n";

static void proc_flowlabel(const struct node *n, struct text *t)
{
	(void)n;
	text_say(t, "%s", flowlabel_head);
}

static const struct {
	const char *name;
	void (*fn)(const struct node *n, struct text *t); /* NULL: the machine's */
} files[] = {
	{ "anycast6", proc_anycast6 },
	{ "arp", proc_arp },
	{ "dev", proc_dev },
	{ "icmp", proc_icmp },
	{ "icmp6", proc_icmp6 },
	{ "if_inet6", proc_if_inet6 },
	{ "igmp6", proc_igmp6 },
	{ "ip6_flowlabel", proc_flowlabel },
	{ "ip6_mr_cache", proc_ip6_mr_cache },
	{ "ip6_mr_vif", proc_ip6_mr_vif },
	{ "ipv6_route", proc_ipv6_route },
	{ "mcfilter6", proc_mcfilter6 },
	{ "netlink", proc_netlink },
	{ "packet", proc_packet },
	{ "raw", proc_raw },
	{ "raw6", proc_raw6 },
	{ "route", proc_route },
	{ "rt6_stats", proc_rt6_stats },
	{ "snmp", proc_snmp },
	{ "snmp6", proc_snmp6 },
	{ "sockstat", proc_sockstat },
	{ "sockstat6", proc_sockstat6 },
	{ "tcp", proc_tcp },
	{ "tcp6", proc_tcp6 },
	{ "udp", proc_udp },
	{ "udp6", proc_udp6 },
	{ "unix", NULL },
};

static const struct iface *dev_of(const struct node *n, const char *name)
{
	size_t len = strlen(DEV_SNMP6);

	if (strncmp(name, DEV_SNMP6, len) != 0 || name[len] != '/')
		return NULL;
	return ip6_if_by_name(&n->ip6, name + len + 1);
}

int proc_net_what(const struct node *n, const char *name)
{
	if (name[0] == '\0' || strcmp(name, DEV_SNMP6) == 0)
		return -EISDIR;
	for (size_t i = 0; i < ARRAY_LEN(files); i++)
		if (strcmp(files[i].name, name) == 0)
			return files[i].fn != NULL ? 0 : -EOPNOTSUPP;
	return dev_of(n, name) != NULL ? 0 : -ENOENT;
}

int proc_net(const struct node *n, const char *name, struct text *t)
{
	int rc = proc_net_what(n, name);

	if (rc < 0)
		return rc;
	if (dev_of(n, name) != NULL) {
		proc_dev_snmp6(n, dev_of(n, name), t);
		return 0;
	}
	for (size_t i = 0; i < ARRAY_LEN(files); i++)
		if (strcmp(files[i].name, name) == 0)
			files[i].fn(n, t);
	return 0;
}

int proc_net_list(const struct node *n, const char *name,
		  void (*fn)(void *ctx, const char *name, bool is_dir), void *ctx)
{
	bool devs = strcmp(name, DEV_SNMP6) == 0;

	if (!devs && name[0] != '\0')
		return -ENOENT;
	for (uint32_t i = 1; i <= IF_MAX && devs; i++)
		if (ip6_if(&n->ip6, i) != NULL)
			fn(ctx, ip6_if(&n->ip6, i)->name, false);
	for (size_t i = 0; i < ARRAY_LEN(files) && !devs; i++)
		fn(ctx, files[i].name, false);
	if (!devs)
		fn(ctx, DEV_SNMP6, true);
	return 0;
}
