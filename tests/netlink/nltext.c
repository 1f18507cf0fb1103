/* SPDX-License-Identifier: BSD-3-Clause */
#include "netlink/nltext.h"

#include <linux/fib_rules.h>
#include <linux/if_addrlabel.h>
#include <linux/netconf.h>
#include <linux/nexthop.h>

struct text {
	char buf[NLTEXT_LINE];
	size_t n;
};

static void add(struct text *t, const char *s)
{
	size_t n = strlen(s);

	ASSERT(t->n + n < sizeof(t->buf));
	memcpy(t->buf + t->n, s, n + 1);
	t->n += n;
}

static void add_hex(struct text *t, struct rd v)
{
	char two[3];

	for (size_t i = 0; i < v.left; i++) {
		snprintf(two, sizeof(two), "%02x", v.p[i]);
		add(t, two);
	}
}

/* How a kind of message is shown: octets of its header, and attributes, as bits, that are. */
struct shown {
	uint16_t type;
	size_t head;
	uint64_t attrs;
};

#define BIT(n) (UINT64_C(1) << (n))

static const struct shown kinds[] = {
	{ RTM_NEWLINK, sizeof(struct ifinfomsg),
	  BIT(IFLA_IFNAME) | BIT(IFLA_MTU) | BIT(IFLA_OPERSTATE) | BIT(IFLA_LINKMODE) |
		  BIT(IFLA_ADDRESS) | BIT(IFLA_BROADCAST) | BIT(IFLA_GROUP) |
		  BIT(IFLA_PROMISCUITY) | BIT(IFLA_CARRIER) | BIT(IFLA_QDISC) },
	{ RTM_NEWADDR, sizeof(struct ifaddrmsg), ~BIT(IFA_PROTO) },
	{ RTM_NEWROUTE, sizeof(struct rtmsg), UINT64_MAX },
	{ RTM_NEWRULE, sizeof(struct fib_rule_hdr), UINT64_MAX },
	{ RTM_NEWNEIGH, sizeof(struct ndmsg), BIT(NDA_DST) | BIT(NDA_LLADDR) },
	{ RTM_NEWNETCONF, sizeof(struct netconfmsg), UINT64_MAX },
	{ RTM_NEWNEXTHOP, sizeof(struct nhmsg), BIT(NHA_FDB) - 1 },
	{ RTM_NEWADDRLABEL, sizeof(struct ifaddrlblmsg), UINT64_MAX },
};

static const struct shown *shown_of(uint16_t type)
{
	for (unsigned i = 0; i < ARRAY_LEN(kinds); i++)
		if (kinds[i].type == (type & ~1u)) /* NEW, and DEL behind it */
			return &kinds[i];
	return NULL;
}

static const char *lifetime(uint32_t seconds)
{
	if (seconds == 0)
		return "0";
	return seconds == UINT32_MAX ? "ever" : "some";
}

static void add_value(struct text *t, uint16_t kind, unsigned type, struct rd v)
{
	struct ifa_cacheinfo life;
	struct rta_cacheinfo route;

	if (kind == RTM_NEWADDR && type == IFA_CACHEINFO && v.left >= sizeof(life)) {
		memcpy(&life, v.p, sizeof(life));
		add(t, lifetime(life.ifa_prefered));
		add(t, "/");
		add(t, lifetime(life.ifa_valid));
	} else if (kind == RTM_NEWROUTE && type == RTA_CACHEINFO && v.left >= sizeof(route)) {
		memcpy(&route, v.p, sizeof(route));
		add(t, lifetime((uint32_t)route.rta_expires));
		v = rd_of(&route.rta_error, sizeof(route.rta_error));
		add(t, "/");
		add_hex(t, v);
	} else {
		add_hex(t, v);
	}
}

static void add_attrs(struct text *t, const struct shown *k, struct rd list)
{
	struct rd at[64] = { { 0 } };
	struct nlattr a;
	struct rd v;
	char name[16];

	while (rd_copy(&list, &a, sizeof(a))) {
		unsigned type = a.nla_type & NL_TYPE_OF;

		if (a.nla_len < sizeof(a) || !rd_take(&list, a.nla_len - sizeof(a), &v))
			break;
		rd_skip(&list, MIN(list.left, nl_padding(a.nla_len)));
		if (type < 64 && (k->attrs & BIT(type)) != 0)
			at[type] = v;
	}
	for (unsigned type = 0; type < 64; type++) {
		if (at[type].p == NULL)
			continue;
		snprintf(name, sizeof(name), " %u=", type);
		add(t, name);
		add_value(t, k->type, type, at[type]);
	}
}

static void message(const struct nlmsghdr *h, struct rd body, nltext_line *fn, void *ctx)
{
	struct text t = { .n = 0 };
	const struct shown *k = shown_of(h->nlmsg_type);
	char word[64];
	struct rd head = { .left = 0 };
	int err = 0;

	if (h->nlmsg_type == NLMSG_ERROR || h->nlmsg_type == NLMSG_DONE) {
		rd_copy(&body, &err, sizeof(err));
		snprintf(word, sizeof(word), "%s %d",
			 h->nlmsg_type == NLMSG_ERROR ? "error" : "done", err);
		add(&t, word);
	} else {
		snprintf(word, sizeof(word), "%u %x", h->nlmsg_type, h->nlmsg_flags);
		add(&t, word);
		if (k != NULL && rd_take(&body, k->head, &head)) {
			add(&t, " ");
			add_hex(&t, head);
			rd_skip(&body, MIN(body.left, nl_padding(k->head)));
			add_attrs(&t, k, body);
		}
	}
	/* the kernel has the link-layer addresses of groups among its neighbours */
	if (k == NULL || k->type != RTM_NEWNEIGH || head.p[8] != LINUX_NUD_NOARP)
		fn(ctx, t.buf);
}

unsigned nltext(const void *p, size_t octets, nltext_line *fn, void *ctx)
{
	struct rd in = rd_of(p, octets);
	struct nlmsghdr h;
	struct rd body;
	unsigned ends = 0;

	while (rd_copy(&in, &h, sizeof(h))) {
		ASSERT(h.nlmsg_len >= sizeof(h) && rd_take(&in, h.nlmsg_len - sizeof(h), &body));
		rd_skip(&in, MIN(in.left, nl_padding(h.nlmsg_len)));
		message(&h, body, fn, ctx);
		ends += h.nlmsg_type == NLMSG_ERROR || h.nlmsg_type == NLMSG_DONE;
	}
	return ends;
}

static int digit(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *at = c != '\0' ? strchr(digits, c) : NULL;

	return at != NULL ? (int)(at - digits) : -1;
}

size_t nltext_request(const char *line, uint32_t seq, uint8_t *ret, size_t room)
{
	size_t n = 0;

	if (line[0] != '>' || line[1] != ' ')
		return 0;
	for (line += 2; digit(line[0]) >= 0 && digit(line[1]) >= 0 && n < room; line += 2)
		ret[n++] = (uint8_t)(digit(line[0]) << 4 | digit(line[1]));
	if (n >= NL_HDR)
		memcpy(ret + offsetof(struct nlmsghdr, nlmsg_seq), &seq, sizeof(seq));
	return n;
}
