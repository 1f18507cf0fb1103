/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The node under test, behind a struct of functions: a simulated node, a network namespace,
 * anything behind a script. A driver brings it into a known state and carries frames; it judges
 * nothing.
 */
#ifndef INABA_CONFORM_NUT_H
#define INABA_CONFORM_NUT_H

#include "nd/nd.h"

/* The two links of the common topology. A host is on link B only. */
enum nut_link { LINK_A, LINK_B, NUT_LINKS };

enum nut_role { NUT_HOST = 1, NUT_ROUTER = 2 };

/* What a device can be told to do, and what it does of its own. */
#define NUT_CAN_REBOOT	   0x0001u
#define NUT_CAN_ADDR	   0x0002u
#define NUT_CAN_ROUTE	   0x0004u
#define NUT_CAN_MTU	   0x0008u
#define NUT_CAN_ADVERTISE  0x0010u
#define NUT_CAN_PING	   0x0020u
#define NUT_CAN_FORWARD	   0x0040u
#define NUT_MCAST_ROUTING  0x0080u
#define NUT_USES_CLASS	   0x0100u /* has a use for the traffic class: may set or change it */
#define NUT_USES_FLOW	   0x0200u /* likewise the flow label */
#define NUT_ADV_VARS	   0x0400u /* takes all router variables, not only a prefix */
#define NUT_MLD_ROUTER	   0x0800u
#define NUT_CAN_LISTEN	   0x1000u
#define NUT_CAN_RESOLVE	   0x2000u
#define NUT_CAN_TEMP	   0x4000u
#define NUT_CAN_OPTIMISTIC 0x8000u
#define NUT_CAN_LINK	   0x10000u
#define NUT_HAS_DNA	   0x20000u    /* does simple DNA (RFC 6059), a host that is */
#define NUT_EDGE	   0x40000u    /* takes adv->edge: link A is its LAN then, link B its WAN */
#define NUT_WAITS_HOURS	   0x80000000u /* time costs nothing */

/* What RFCs let an administrator choose about MLD; all are off at first. */
enum nut_mld_option {
	NUT_MLD_V2_ONLY,     /* no compatibility with MLDv1 (RFC 3810 section 10.2) */
	NUT_MLD_DONE_ALWAYS, /* a Done even if others listen, too (RFC 2710 section 4) */
};

/* A frame of the device's, valid until the next call. */
struct nut_frame {
	time_ns when;
	enum nut_link link;
	const uint8_t *p; /* from the Ethernet header */
	size_t octets;
};

#define NUT_WHY 256

struct nut {
	const struct nut_ops *ops;
	uint32_t has;	   /* NUT_* bits */
	char why[NUT_WHY]; /* a sentence about what failed last, or empty */
};

/*
 * All int functions return 0 or a negative errno, -EOPNOTSUPP where the bit in nut.has is not
 * set. The functions before send() may be NULL if their bit is never set.
 */
struct nut_ops {
	const char *name;
	bool virtual_time; /* waiting costs nothing and time is exact: no tolerances */
	bool always_new;   /* each start() is a node that knows nothing of the last one */
	/* Bring it up in a role, with link-local addresses and nothing learned or configured. */
	int (*start)(struct nut *nut, enum nut_role role);
	void (*stop)(struct nut *nut);
	int (*reboot)(struct nut *nut);
	int (*addr)(struct nut *nut, enum nut_link link, const struct ip6_addr *a, unsigned len);
	int (*route)(struct nut *nut, enum nut_link link, const struct ip6_addr *dst, unsigned len,
		     const struct ip6_addr *via);
	int (*mtu)(struct nut *nut, enum nut_link link, uint32_t octets);
	/* Be a router that advertises this, adv->send false: no more. Without NUT_ADV_VARS only the
	 * first prefix counts. */
	int (*advertise)(struct nut *nut, enum nut_link link, const struct nd_adv *adv);
	int (*forwarding)(struct nut *nut, enum nut_link link, bool on);
	/* Pass packets of @group that come in on @from on to @to. */
	int (*mroute)(struct nut *nut, enum nut_link from, const struct ip6_addr *group,
		      enum nut_link to);
	/* Make temporary addresses of what is advertised from now on (RFC 8981). */
	int (*temp_addrs)(struct nut *nut, enum nut_link link);
	/* Treat addresses made from now on as optimistic (RFC 4429), or no more. */
	int (*optimistic)(struct nut *nut, bool on);
	/* Let a link of the device's go down or come up, as if a plug were pulled: it notices. */
	int (*link)(struct nut *nut, enum nut_link link, bool up);
	/* Be an MLD router with these variables; conf->on false: no more. */
	int (*mld_router)(struct nut *nut, enum nut_link link, const struct mld_router_conf *conf);
	/* As IPv6MulticastListen() of RFC 3810 section 4.2, always by the same socket. */
	int (*listen)(struct nut *nut, enum nut_link link, const struct ip6_addr *group,
		      bool exclude, const struct ip6_addr *source, unsigned n);
	/* Its choice, on all links. */
	int (*mld_option)(struct nut *nut, enum nut_mld_option option, bool on);
	int (*ping)(struct nut *nut, enum nut_link link, const struct ip6_addr *dst,
		    uint32_t octets);
	/* Look up the IPv6 addresses of a name; do not wait for the answer. */
	int (*resolve)(struct nut *nut, enum nut_link link, const char *name);
	struct mac (*mac)(struct nut *nut, enum nut_link link);
	void (*send)(struct nut *nut, enum nut_link link, const uint8_t *p, size_t octets);
	/* The next frame it sends no later than @until, or false when it is @until. */
	bool (*recv)(struct nut *nut, time_ns until, struct nut_frame *ret);
	time_ns (*now)(struct nut *nut);
	void (*close)(struct nut *nut);
};

/** nut_cap_name() - What a bit of nut.has stands for: "multicast routing". */
const char *nut_cap_name(uint32_t bit);

/** nut_cap_word() - The same in a word, as scripts say it (nut_exec.c): "mroute". NULL: no such bit. */
const char *nut_cap_word(uint32_t bit);

/** nut_cap_optional() - Why a device may lack it: the clause, or that only tests want it. */
const char *nut_cap_optional(uint32_t bit);

/** nut_role_name() - "host" or "router". */
const char *nut_role_name(enum nut_role role);

/** nut_sim_new() - A node of ours in virtual time; all chance in it comes from @seed. */
struct nut *nut_sim_new(uint64_t seed);

/**
 * nut_netns_new() - The kernel, in network namespaces of its own.
 * @why:	If it cannot be done, a sentence that says what to do.
 *
 * Who is not root becomes so in a user namespace, the whole process, for good.
 */
struct nut *nut_netns_new(char *why, size_t size);

/** nut_networkd_new() - Likewise, with systemd-networkd for host and router. Only for root. */
struct nut *nut_networkd_new(char *why, size_t size);

/* Anything, told by a script what to do: the verbs are in nut_exec.c. Borrowed. */
struct nut_exec_conf {
	const char *script;
	const char *dev[NUT_LINKS]; /* the tester's interfaces; that on link A may be NULL */
};

/** nut_exec_new() - Ask the script what the device can do, and open the interfaces. */
struct nut *nut_exec_new(const struct nut_exec_conf *conf, char *why, size_t size);

#endif
