/* SPDX-License-Identifier: BSD-3-Clause */
/* inaba up: read the arguments into a serve_conf, start the process, wait until it serves. */
#define _GNU_SOURCE 1 /* close_range() */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cmd/cmd.h"
#include "host/control.h"
#include "host/secret.h"
#include "host/serve.h"

#define WORD "up"

struct up {
	struct serve_conf conf;
	bool foreground;
};

/* Split "IF=REST" in place. */
static char *split(char *text, char at)
{
	char *p = strchr(text, at);

	if (p == NULL || p == text || p[1] == '\0')
		return NULL;
	*p = '\0';
	return p + 1;
}

static int find_if(const struct up *up, const char *name)
{
	for (unsigned i = 0; i < up->conf.n_ifs; i++)
		if (strcmp(up->conf.iface[i].name, name) == 0)
			return (int)i;
	return -1;
}

static int add_link(struct up *up, char *arg)
{
	char *dev = split(arg, '=');

	if (dev == NULL)
		return usage(WORD, "--link wants IF=tap:DEV, IF=packet:DEV or IF=wire:SEGMENT");
	if (strncmp(dev, "tap:", 4) != 0 && strncmp(dev, "packet:", 7) != 0 &&
	    strncmp(dev, "wire:", 5) != 0)
		return usage(WORD, "--link: \"%s\" is not tap:DEV, packet:DEV or wire:SEGMENT",
			     dev);
	if (strpbrk(arg, " %/\t\n") != NULL || strcmp(arg, "-") == 0)
		return usage(WORD, "--link: \"%s\" is no name for an interface", arg);
	if (strlen(arg) >= IF_NAME_MAX || strcmp(arg, "lo") == 0)
		return usage(WORD, "--link: \"%s\" is no name for an interface", arg);
	if (find_if(up, arg) >= 0)
		return usage(WORD, "--link: interface %s is given twice", arg);
	if (up->conf.n_ifs == SERVE_IFS_MAX)
		return usage(WORD, "--link: at most %d interfaces", SERVE_IFS_MAX);
	up->conf.iface[up->conf.n_ifs++] = (struct serve_if){ .name = arg, .dev = dev };
	return EXIT_OK;
}

static int add_mac(struct up *up, char *arg)
{
	char *text = split(arg, '=');
	int i = text != NULL ? find_if(up, arg) : -1;
	static const struct mac none;
	struct mac mac;

	if (i < 0)
		return usage(WORD, "--mac wants IF=MAC, with IF named by a --link before it");
	if (mac_parse(text, &mac) < 0 || mac_is_group(&mac) || mac_eq(&mac, &none))
		return usage(WORD, "--mac: \"%s\" is no unicast address like 02:00:00:00:00:01",
			     text);
	up->conf.iface[i].mac = mac;
	up->conf.iface[i].has_mac = true;
	return EXIT_OK;
}

static int add_addr(struct up *up, char *arg)
{
	char *text = split(arg, '=');
	int i = text != NULL ? find_if(up, arg) : -1;
	struct serve_addr a;

	if (i < 0)
		return usage(WORD, "--addr wants IF=ADDR/LEN, with IF named by a --link before it");
	if (addr_parse_prefix(text, &a.addr, &a.len) < 0 || addr_is_mcast(&a.addr) ||
	    addr_is_any(&a.addr) || ip6_is_loopback(&a.addr) || mapped_is_loopback(&a.addr) ||
	    mapped_is_on_link(&a.addr) || ip6_is_v4mapped(&a.addr) != (strchr(text, ':') == NULL))
		return usage(WORD,
			     "--addr: \"%s\" is no address like 2001:db8::1/64 or 192.0.2.1/24",
			     text);
	for (unsigned k = 0; k < up->conf.n_addrs; k++)
		if (up->conf.addr[k].iface == (unsigned)i &&
		    ip6_eq(&up->conf.addr[k].addr, &a.addr))
			return usage(WORD, "--addr: %s is given twice", text);
	if (up->conf.n_addrs == SERVE_ADDRS_MAX)
		return usage(WORD, "--addr: at most %d addresses", SERVE_ADDRS_MAX);
	a.iface = (unsigned)i;
	up->conf.addr[up->conf.n_addrs++] = a;
	return EXIT_OK;
}

static int add_proxy(struct up *up, char *arg)
{
	char *text = split(arg, '=');
	int i = text != NULL ? find_if(up, arg) : -1;
	struct serve_addr a = { .iface = (unsigned)i };

	if (i < 0)
		return usage(WORD, "--proxy wants IF=ADDR, with IF named by a --link before it");
	if (ip6_parse(text, &a.addr) < 0 || !ip6_is_unicast(&a.addr) || ip6_is_loopback(&a.addr))
		return usage(WORD, "--proxy: \"%s\" is no address like 2001:db8::5", text);
	for (unsigned k = 0; k < up->conf.n_proxied; k++)
		if (up->conf.proxied[k].iface == a.iface &&
		    ip6_eq(&up->conf.proxied[k].addr, &a.addr))
			return usage(WORD, "--proxy: %s is given twice", text);
	for (unsigned k = 0; k < up->conf.n_addrs; k++)
		if (up->conf.addr[k].iface == a.iface && ip6_eq(&up->conf.addr[k].addr, &a.addr))
			return usage(WORD, "--proxy: %s is an address of the node's own", text);
	if (up->conf.n_proxied == SERVE_PROXIED_MAX)
		return usage(WORD, "--proxy: at most %d addresses", SERVE_PROXIED_MAX);
	up->conf.proxied[up->conf.n_proxied++] = a;
	return EXIT_OK;
}

static int add_route(struct up *up, char *arg)
{
	char *via = split(arg, '=');
	char *ifname = via != NULL ? split(via, '%') : NULL;
	int i = ifname != NULL ? find_if(up, ifname) : -1;
	struct serve_route r = { .dst = IP6_UNSPEC };

	if (i < 0)
		return usage(WORD, "--route wants PREFIX/LEN=VIA%%IF, or default=VIA%%IF");
	if (strcmp(arg, "default") != 0 &&
	    (addr_parse_prefix(arg, &r.dst, &r.len) < 0 || addr_is_mcast(&r.dst)))
		return usage(WORD,
			     "--route: \"%s\" is no prefix like 2001:db8:1::/48 or 198.51.100.0/24",
			     arg);
	if (addr_parse(via, &r.via) < 0 || addr_is_mcast(&r.via))
		return usage(WORD, "--route: \"%s\" is no address", via);
	if (strcmp(arg, "default") == 0 && ip6_is_v4mapped(&r.via)) {
		r.dst = MAPPED_ANY;
		r.len = IP4_MAPPED_BITS;
	}
	if (ip6_is_v4mapped(&r.dst) != ip6_is_v4mapped(&r.via))
		return usage(WORD, "--route: %s and %s are of two families", arg, via);
	if (up->conf.n_routes == SERVE_ROUTES_MAX)
		return usage(WORD, "--route: at most %d routes", SERVE_ROUTES_MAX);
	r.dst = ip6_prefix(&r.dst, r.len);
	r.iface = (unsigned)i;
	for (unsigned k = 0; k < up->conf.n_routes; k++)
		if (memcmp(&up->conf.route[k], &r, sizeof(r)) == 0)
			return usage(WORD, "--route: the one to %s is given twice", arg);
	up->conf.route[up->conf.n_routes++] = r;
	return EXIT_OK;
}

static int add_advertise(struct up *up, char *arg)
{
	char *text = split(arg, '=');
	int i = text != NULL ? find_if(up, arg) : -1;
	struct serve_if *si = i >= 0 ? &up->conf.iface[i] : NULL;
	struct ip6_addr p;
	unsigned len;

	if (si == NULL)
		return usage(WORD, "--advertise wants IF=PREFIX/LEN, with IF named by a --link "
				   "before it");
	if (ip6_parse_prefix(text, &p, &len) < 0 || ip6_is_mcast(&p) || ip6_is_linklocal(&p))
		return usage(WORD, "--advertise: \"%s\" is no prefix like 2001:db8:1::/64", text);
	if (si->n_prefixes == ND_PREFIXES_MAX)
		return usage(WORD, "--advertise: at most %d prefixes", ND_PREFIXES_MAX);
	si->prefix[si->n_prefixes].prefix = ip6_prefix(&p, len);
	si->prefix[si->n_prefixes++].len = len;
	return EXIT_OK;
}

static int set_edge(struct up *up, char *arg)
{
	if (find_if(up, arg) < 0)
		return usage(WORD, "--edge wants IF, named by a --link before it");
	if (up->conf.edge != NULL)
		return usage(WORD, "--edge: %s and %s: one link leads to the provider",
			     up->conf.edge, arg);
	up->conf.edge = arg;
	return EXIT_OK;
}

/* IF, or IF=VERSION. */
static int add_mld(struct up *up, char *arg)
{
	char *version = split(arg, '=');
	int i = find_if(up, arg);

	if (i < 0)
		return usage(WORD,
			     "--mld wants IF or IF=VERSION, with IF named by a --link before it");
	if (version != NULL && strcmp(version, "1") != 0 && strcmp(version, "2") != 0)
		return usage(WORD, "--mld: version \"%s\" is neither 1 nor 2", version);
	up->conf.iface[i].mld_version = version != NULL ? (unsigned)(version[0] - '0') : 2;
	return EXIT_OK;
}

static int add_rdnss(struct up *up, char *arg)
{
	char *text = split(arg, '=');
	int i = text != NULL ? find_if(up, arg) : -1;
	struct ip6_addr a;

	if (i < 0)
		return usage(WORD, "--rdnss wants IF=ADDR, with IF named by a --link before it");
	if (ip6_parse(text, &a) < 0 || ip6_is_unspec(&a) || ip6_is_mcast(&a) || ip6_is_loopback(&a))
		return usage(WORD, "--rdnss: \"%s\" is no address like 2001:db8::53", text);
	if (nd_adv_add_rdnss(&up->conf.iface[i].dns, &a, ND_ADV_LIFETIME_AUTO) < 0)
		return usage(WORD, "--rdnss: at most %d servers", ND_ADV_SERVERS_MAX);
	return EXIT_OK;
}

static int add_dnssl(struct up *up, char *arg)
{
	char *text = split(arg, '=');
	int i = text != NULL ? find_if(up, arg) : -1;
	struct dname name;

	if (i < 0)
		return usage(WORD, "--dnssl wants IF=DOMAIN, with IF named by a --link before it");
	if (dname_parse(text, &name) < 0)
		return usage(WORD, "--dnssl: \"%s\" is no domain like example.com", text);
	if (nd_adv_add_dnssl(&up->conf.iface[i].dns, &name, ND_ADV_LIFETIME_AUTO) < 0)
		return usage(WORD, "--dnssl: at most %d octets of domains", ND_ADV_NAMES_OCTETS);
	return EXIT_OK;
}

static int add_opaque(struct up *up, char *arg)
{
	int rc = secret_load(arg, up->conf.iid_secret);

	_Static_assert(SECRET_OCTETS == ND_IID_SECRET_OCTETS, "one secret");
	if (rc == -EACCES)
		return failed(WORD, "--opaque: %s: give it to yourself alone: chmod 600", arg);
	if (rc == -EINVAL)
		return failed(WORD,
			      "--opaque: %s: no secret; name a file that is not there, to be made",
			      arg);
	if (rc < 0)
		return failed(WORD, "--opaque: %s: %s", arg, strerror(-rc));
	up->conf.opaque = true;
	return EXIT_OK;
}

static int parse(struct up *up, int argc, char **argv)
{
	static const struct {
		const char *word;
		int (*fn)(struct up *up, char *arg);
	} options[] = {
		{ "--link", add_link },	    { "--mac", add_mac },
		{ "--addr", add_addr },	    { "--route", add_route },
		{ "--proxy", add_proxy },   { "--advertise", add_advertise },
		{ "--opaque", add_opaque }, { "--edge", set_edge },
		{ "--mld", add_mld },	    { "--rdnss", add_rdnss },
		{ "--dnssl", add_dnssl },
	};

	for (int i = 1; i < argc; i++) {
		size_t o = 0;
		int rc;

		if (strcmp(argv[i], "--forward") == 0) {
			up->conf.forward = true;
			continue;
		}
		if (strcmp(argv[i], "--temporary") == 0) {
			up->conf.temporary = true;
			continue;
		}
		if (strcmp(argv[i], "--optimistic") == 0) {
			up->conf.optimistic = true;
			continue;
		}
		if (strcmp(argv[i], "--foreground") == 0) {
			up->foreground = true;
			continue;
		}
		if (argv[i][0] != '-') {
			if (up->conf.name != NULL)
				return usage(WORD, "two names: %s and %s", up->conf.name, argv[i]);
			if (!control_name_ok(argv[i]))
				return no_node(WORD, argv[i], -EINVAL);
			up->conf.name = argv[i];
			continue;
		}
		while (o < ARRAY_LEN(options) && strcmp(argv[i], options[o].word) != 0)
			o++;
		if (o == ARRAY_LEN(options))
			return usage(WORD, "unknown option %s", argv[i]);
		if (++i == argc)
			return usage(WORD, "%s wants a value", argv[i - 1]);
		rc = options[o].fn(up, argv[i]);
		if (rc != EXIT_OK)
			return rc;
	}
	if (up->conf.name == NULL)
		return usage(WORD, "a name for the node is missing");
	if (up->conf.n_ifs == 0)
		return usage(WORD, "a node needs at least one --link");
	return EXIT_OK;
}

static int start(const struct up *up, struct serve **s)
{
	char err[SERVE_ERR] = "";
	int rc = serve_open(&up->conf, s, err);

	return rc < 0 ? failed(WORD, "%s", err) : EXIT_OK;
}

/* The child serves; its start is reported through a pipe, so that "up" ends when all is open. */
static int start_child(const struct up *up, int report)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	struct serve *s;
	int rc;

	setsid();
	rc = start(up, &s);
	if (write(report, &rc, sizeof(rc)) != (ssize_t)sizeof(rc) || rc != EXIT_OK)
		return rc;
	close(report);
	if (null >= 0) {
		dup2(null, STDIN_FILENO);
		dup2(null, STDOUT_FILENO);
		dup2(null, STDERR_FILENO);
	}
	if (chdir("/") < 0)
		return EXIT_FAILED;
	return serve_run(s) == 0 ? EXIT_OK : EXIT_FAILED;
}

int cmd_up(int argc, char **argv)
{
	struct up *up = calloc(1, sizeof(*up));
	int rc, pipe_fd[2];
	struct serve *s;
	pid_t pid;

	if (up == NULL)
		return failed(WORD, "no memory");
	rc = parse(up, argc, argv);
	if (rc == EXIT_OK && up->foreground) {
		rc = start(up, &s);
		if (rc == EXIT_OK)
			rc = serve_run(s) == 0 ? EXIT_OK : EXIT_FAILED;
	} else if (rc == EXIT_OK) {
		close_range(STDERR_FILENO + 1, ~0U, 0); /* not for a process that stays */
		if (pipe(pipe_fd) < 0 || (pid = fork()) < 0) {
			rc = failed(WORD, "%s", strerror(errno));
		} else if (pid == 0) {
			close(pipe_fd[0]);
			rc = start_child(up, pipe_fd[1]);
			free(up);
			exit(rc);
		} else {
			close(pipe_fd[1]);
			if (read(pipe_fd[0], &rc, sizeof(rc)) != (ssize_t)sizeof(rc))
				rc = failed(WORD, "the node died while it started");
		}
	}
	free(up);
	return rc;
}
