/* SPDX-License-Identifier: BSD-3-Clause */
#include "host/seam_files.h"

#include <linux/sockios.h>
#include <net/if_arp.h>
#include <stdio.h>

#include "host/proc_net.h"
#include "nd/dns.h"
#include "nd/nd.h"
#include "node/sysctl.h"

/*
 * resolv.conf(5): the name servers and domains that routers have told of.
 */

static void servers(const struct iface *ifc, struct text *t)
{
	const struct nd_dns *d = &nd_if(ifc)->dns;
	char text[IP6_TEXT_MAX];

	for (unsigned i = 0; i < d->servers.n; i++) {
		struct ip6_addr a = nd_said_addr(&d->servers.item[i]);

		text_say(t, "nameserver %s%s%s\n", ip6_text(&a, text),
			 ip6_is_linklocal(&a) ? "%" : "", ip6_is_linklocal(&a) ? ifc->name : "");
	}
}

static void domains(const struct iface *ifc, struct text *t)
{
	const struct nd_dns *d = &nd_if(ifc)->dns;
	char text[DNAME_TEXT_MAX];

	for (unsigned i = 0; i < d->domains.n; i++) {
		struct dname name = nd_said_name(&d->domains.item[i]);

		text_say(t, " %s", dname_text(&name, text));
	}
}

static void resolv_conf(const struct node *n, struct text *t)
{
	bool any = false;

	for (uint32_t i = 1; i <= IF_MAX; i++) {
		const struct iface *ifc = ip6_if(&n->ip6, i);

		if (ifc == NULL || nd_if(ifc) == NULL)
			continue;
		servers(ifc, t);
		any = any || nd_if(ifc)->dns.domains.n > 0;
	}
	if (!any)
		return;
	text_say(t, "search");
	for (uint32_t i = 1; i <= IF_MAX; i++) {
		const struct iface *ifc = ip6_if(&n->ip6, i);

		if (ifc != NULL && nd_if(ifc) != NULL)
			domains(ifc, t);
	}
	text_say(t, "\n");
}

/*
 * Which files there are.
 */

#define PROC_NET "/proc/net"
#define PROC_SYS "/proc/sys/net"
#define RESOLV	 "/etc/resolv.conf"

/* What of @path lies below @dir, "" if it is that; NULL if it is elsewhere. */
static const char *below(const char *path, const char *dir)
{
	size_t len = strlen(dir);

	if (strncmp(path, dir, len) != 0)
		return NULL;
	if (path[len] == '/')
		return path + len + 1;
	return path[len] == '\0' ? path + len : NULL;
}

int seam_file_what(struct node *n, const char *path)
{
	const char *name;
	int rc;

	if (strcmp(path, RESOLV) == 0)
		return SEAM_FILE_RO;
	name = below(path, PROC_SYS);
	if (name != NULL) {
		rc = sysctl_what(n, name);
		return rc < 0		  ? rc
		       : rc == SYSCTL_DIR ? SEAM_FILE_DIR
		       : rc == SYSCTL_RW  ? SEAM_FILE_RW
					  : SEAM_FILE_RO;
	}
	name = below(path, PROC_NET);
	if (name == NULL)
		return -EOPNOTSUPP;
	rc = proc_net_what(n, name);
	return rc == -EISDIR ? SEAM_FILE_DIR : rc < 0 ? rc : SEAM_FILE_RO;
}

int seam_file(struct node *n, const char *path, struct text *t)
{
	const char *name = below(path, PROC_SYS);
	char buf[SYSCTL_TEXT_MAX];
	int rc;

	if (strcmp(path, RESOLV) == 0) {
		resolv_conf(n, t);
		return t->n == 0 ? -EOPNOTSUPP : t->err;
	}
	if (name != NULL) {
		rc = sysctl_read(n, name, buf);
		if (rc > 0)
			text_put(t, buf, (size_t)rc);
	} else {
		name = below(path, PROC_NET);
		rc = name != NULL ? proc_net(n, name, t) : -EOPNOTSUPP;
	}
	return rc < 0 ? rc : t->err;
}

static void say_name(struct text *t, enum seam_file_what what, const char *name)
{
	static const char letters[] = {
		[SEAM_FILE_DIR] = 'd', [SEAM_FILE_RO] = 'r', [SEAM_FILE_RW] = 'w'
	};

	text_say(t, "%c%s", letters[what], name);
	text_put(t, "", 1);
}

static void list_sysctl(void *ctx, const char *name, enum sysctl_what what)
{
	say_name(ctx,
		 what == SYSCTL_DIR  ? SEAM_FILE_DIR
		 : what == SYSCTL_RW ? SEAM_FILE_RW
				     : SEAM_FILE_RO,
		 name);
}

static void list_net(void *ctx, const char *name, bool is_dir)
{
	say_name(ctx, is_dir ? SEAM_FILE_DIR : SEAM_FILE_RO, name);
}

int seam_file_list(struct node *n, const char *path, struct text *t)
{
	const char *name = below(path, PROC_SYS);
	int rc = -EOPNOTSUPP;

	if (name != NULL)
		rc = sysctl_list(n, name, list_sysctl, t);
	else if ((name = below(path, PROC_NET)) != NULL)
		rc = proc_net_list(n, name, list_net, t);
	return rc < 0 ? rc : t->err;
}

int seam_file_write(struct node *n, const char *path, const char *data, size_t octets)
{
	const char *name = below(path, PROC_SYS);

	return name != NULL ? sysctl_write(n, name, data, octets) : -EACCES;
}
