/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Anything as the device under test: the tester speaks on interfaces of this machine, and a script
 * tells the device what to do. It is called with a verb and arguments; LINK is "a" or "b":
 *
 *	has				print what the device can do, a word a line: reboot addr
 *					route mtu advertise ping forwarding mroute resolve temporary
 *					optimistic link; class and flow if it has a use for the traffic
 *					class or the flow label; dna if it does simple DNA (RFC 6059);
 *					edge if what it advertises is by RFC 7084, link B its WAN
 *	mac LINK			print the link-layer address of its interface
 *	start host|router		bring it up, with nothing learned or configured
 *	stop
 *	reboot
 *	addr LINK ADDR/LEN
 *	route LINK PREFIX/LEN VIA
 *	mtu LINK OCTETS
 *	advertise LINK PREFIX/LEN	be a router that advertises this prefix; "none": no more
 *	forwarding LINK on|off
 *	temporary LINK			make temporary addresses, too, from now on
 *	optimistic on|off		treat addresses made from now on as optimistic (RFC 4429)
 *	link LINK up|down		let the link lose its carrier, or have it again; the tester's own
 *					interface may go down with it
 *	mroute LINK GROUP LINK		pass packets of a group from one link to another
 *	ping LINK DEST OCTETS		send an echo request; do not wait for the reply
 *	resolve LINK NAME		look up the IPv6 addresses of a name; do not wait
 *
 * Exit status 0: done; 77: it cannot do that; else it failed, for the reason in the last line of
 * standard error. What the device sends meanwhile is kept.
 */
#include "conform/live.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define CALL_WITHIN (60 * NS_PER_S) /* a real device may take that long to reboot */
#define CANNOT	    77		    /* as elsewhere for tests that are skipped */
#define ARGS_MAX    6

struct nut_exec {
	struct nut nut;
	struct live live;
	const char *script;
	bool has_a;
	struct mac mac[NUT_LINKS];
	struct live_said said;
};

static const char *const link_word[NUT_LINKS] = { "a", "b" };

static struct nut_exec *exec_of(struct nut *nut)
{
	return CONTAINER_OF(nut, struct nut_exec, nut);
}

/* Arguments up to a NULL. */
static int call(struct nut *nut, ...)
{
	struct nut_exec *e = exec_of(nut);
	const char *argv[ARGS_MAX + 2] = { e->script };
	char name[160];
	va_list ap;
	int rc;

	va_start(ap, nut);
	for (unsigned i = 1; i <= ARGS_MAX && (argv[i] = va_arg(ap, const char *)) != NULL; i++)
		;
	va_end(ap);
	nut->why[0] = '\0';
	rc = live_run(argv, NULL, CALL_WITHIN, &e->said);
	if (rc == 0)
		return 0;
	if (rc == CANNOT)
		return -EOPNOTSUPP;
	snprintf(name, sizeof(name), "%.120s %.30s", e->script, argv[1]);
	live_why(name, rc, &e->said, nut->why, sizeof(nut->why));
	return rc < 0 ? rc : -EIO;
}

static const char *with_len(const struct ip6_addr *a, unsigned len, char *buf, size_t size)
{
	char text[IP6_TEXT_MAX];

	snprintf(buf, size, "%s/%u", ip6_text(a, text), len);
	return buf;
}

static int exec_start(struct nut *nut, enum nut_role role)
{
	struct nut_exec *e = exec_of(nut);

	if (role == NUT_ROUTER && !e->has_a) {
		snprintf(nut->why, sizeof(nut->why), "a router has two links: --if-a DEV");
		return -EOPNOTSUPP;
	}
	live_flush(&e->live);
	return call(nut, "start", nut_role_name(role), NULL);
}

static void exec_stop(struct nut *nut)
{
	if (call(nut, "stop", NULL) < 0)
		return; /* the next start() will say so */
}

static int exec_reboot(struct nut *nut)
{
	return call(nut, "reboot", NULL);
}

static int exec_addr(struct nut *nut, enum nut_link link, const struct ip6_addr *a, unsigned len)
{
	char text[IP6_TEXT_MAX + 4];

	return call(nut, "addr", link_word[link], with_len(a, len, text, sizeof(text)), NULL);
}

static int exec_route(struct nut *nut, enum nut_link link, const struct ip6_addr *dst, unsigned len,
		      const struct ip6_addr *via)
{
	char text[IP6_TEXT_MAX + 4], gateway[IP6_TEXT_MAX];

	return call(nut, "route", link_word[link], with_len(dst, len, text, sizeof(text)),
		    ip6_text(via, gateway), NULL);
}

static int exec_mtu(struct nut *nut, enum nut_link link, uint32_t octets)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", octets);
	return call(nut, "mtu", link_word[link], text, NULL);
}

static int exec_advertise(struct nut *nut, enum nut_link link, const struct nd_adv *adv)
{
	const struct nd_adv_prefix *p = adv->prefix;
	char text[IP6_TEXT_MAX + 4];

	if (!adv->send)
		return call(nut, "advertise", link_word[link], "none", NULL);
	return call(nut, "advertise", link_word[link],
		    with_len(&p->prefix, p->len, text, sizeof(text)), NULL);
}

static int exec_forwarding(struct nut *nut, enum nut_link link, bool on)
{
	return call(nut, "forwarding", link_word[link], on ? "on" : "off", NULL);
}

static int exec_temp_addrs(struct nut *nut, enum nut_link link)
{
	return call(nut, "temporary", link_word[link], NULL);
}

static int exec_optimistic(struct nut *nut, bool on)
{
	return call(nut, "optimistic", on ? "on" : "off", NULL);
}

static int exec_link(struct nut *nut, enum nut_link link, bool up)
{
	return call(nut, "link", link_word[link], up ? "up" : "down", NULL);
}

static int exec_mroute(struct nut *nut, enum nut_link from, const struct ip6_addr *group,
		       enum nut_link to)
{
	char text[IP6_TEXT_MAX];

	return call(nut, "mroute", link_word[from], ip6_text(group, text), link_word[to], NULL);
}

static int exec_ping(struct nut *nut, enum nut_link link, const struct ip6_addr *dst,
		     uint32_t octets)
{
	char dest[IP6_TEXT_MAX], size[16];

	snprintf(size, sizeof(size), "%u", octets);
	return call(nut, "ping", link_word[link], ip6_text(dst, dest), size, NULL);
}

static int exec_resolve(struct nut *nut, enum nut_link link, const char *name)
{
	return call(nut, "resolve", link_word[link], name, NULL);
}

static struct mac exec_mac(struct nut *nut, enum nut_link link)
{
	return exec_of(nut)->mac[link];
}

static void exec_send(struct nut *nut, enum nut_link link, const uint8_t *p, size_t octets)
{
	live_send(&exec_of(nut)->live, link, p, octets);
}

static bool exec_recv(struct nut *nut, time_ns until, struct nut_frame *ret)
{
	return live_recv(&exec_of(nut)->live, until, ret);
}

static time_ns exec_now(struct nut *nut)
{
	(void)nut;
	return live_now();
}

static void exec_close(struct nut *nut)
{
	struct nut_exec *e = exec_of(nut);

	live_close(&e->live);
	free(e);
}

static const struct nut_ops ops = {
	.name = "exec",
	.start = exec_start,
	.stop = exec_stop,
	.reboot = exec_reboot,
	.addr = exec_addr,
	.route = exec_route,
	.mtu = exec_mtu,
	.advertise = exec_advertise,
	.forwarding = exec_forwarding,
	.mroute = exec_mroute,
	.temp_addrs = exec_temp_addrs,
	.optimistic = exec_optimistic,
	.link = exec_link,
	.ping = exec_ping,
	.resolve = exec_resolve,
	.mac = exec_mac,
	.send = exec_send,
	.recv = exec_recv,
	.now = exec_now,
	.close = exec_close,
};

/*
 * Beginning.
 */

/* Each line the word or the name of a capability. Return: false for one that is neither. */
static bool read_caps(char *text, uint32_t *has, const char **bad)
{
	char *rest = NULL;

	for (char *line = strtok_r(text, "\n", &rest); line != NULL;
	     line = strtok_r(NULL, "\n", &rest)) {
		uint32_t bit = 1;

		while (nut_cap_word(bit) != NULL && strcmp(line, nut_cap_word(bit)) != 0 &&
		       strcmp(line, nut_cap_name(bit)) != 0)
			bit <<= 1;
		*bad = line;
		if (nut_cap_word(bit) == NULL)
			return false;
		*has |= bit;
	}
	return true;
}

static int ask_has(struct nut_exec *e)
{
	const char *bad = "";
	int rc = call(&e->nut, "has", NULL);

	if (rc == -EOPNOTSUPP)
		return 0;
	if (rc == 0 && !read_caps(e->said.out, &e->nut.has, &bad)) {
		snprintf(e->nut.why, sizeof(e->nut.why),
			 "%.100s has: \"%.40s\" is no capability; doc/conform.md lists them",
			 e->script, bad);
		rc = -EINVAL;
	}
	if (!e->has_a)
		e->nut.has &= ~(NUT_CAN_FORWARD | NUT_MCAST_ROUTING);
	return rc;
}

static int ask_mac(struct nut_exec *e, enum nut_link link)
{
	int rc = call(&e->nut, "mac", link_word[link], NULL);

	e->said.out[strcspn(e->said.out, "\n")] = '\0';
	if (rc == 0)
		rc = mac_parse(e->said.out, &e->mac[link]);
	if (rc < 0 && e->nut.why[0] == '\0')
		snprintf(e->nut.why, sizeof(e->nut.why),
			 "%.100s mac %s: not six octets with colons: \"%.40s\"", e->script,
			 link_word[link], e->said.out);
	return rc;
}

/* The kernel of the tester's machine would answer beside the tester. */
static int keeps_out(struct nut_exec *e, const char *dev)
{
	FILE *f = fopen("/proc/net/if_inet6", "r");
	char line[128];
	int rc = 0;

	while (f != NULL && fgets(line, sizeof(line), f) != NULL) {
		const char *name = strrchr(line, ' ');

		line[strcspn(line, "\n")] = '\0';
		if (name != NULL && strcmp(name + 1, dev) == 0)
			rc = -EADDRINUSE;
	}
	if (f != NULL)
		fclose(f);
	if (rc < 0)
		snprintf(e->nut.why, sizeof(e->nut.why),
			 "interface %s: this machine speaks IPv6 there: "
			 "sysctl -w net.ipv6.conf.%s.disable_ipv6=1",
			 dev, dev);
	return rc;
}

static int begin(struct nut_exec *e, const struct nut_exec_conf *conf)
{
	int rc = ask_has(e);

	for (unsigned i = 0; rc == 0 && i < NUT_LINKS; i++) {
		if (conf->dev[i] == NULL)
			continue;
		rc = live_open(&e->live, (enum nut_link)i, conf->dev[i], e->nut.why,
			       sizeof(e->nut.why));
		if (rc == 0)
			rc = keeps_out(e, conf->dev[i]);
		if (rc == 0)
			rc = ask_mac(e, (enum nut_link)i);
	}
	return rc;
}

struct nut *nut_exec_new(const struct nut_exec_conf *conf, char *why, size_t size)
{
	struct nut_exec *e = calloc(1, sizeof(*e));

	ASSERT(e != NULL && conf->dev[LINK_B] != NULL);
	e->nut.ops = &ops;
	e->script = conf->script;
	e->has_a = conf->dev[LINK_A] != NULL;
	live_init(&e->live);
	if (begin(e, conf) == 0)
		return &e->nut;
	snprintf(why, size, "%s", e->nut.why);
	exec_close(&e->nut);
	return NULL;
}
