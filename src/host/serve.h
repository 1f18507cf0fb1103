/* SPDX-License-Identifier: BSD-3-Clause */
/* A node as a process: real devices, real time, a control socket. */
#ifndef INABA_HOST_SERVE_H
#define INABA_HOST_SERVE_H

#include "nd/nd.h"

#define SERVE_ERR	  256 /* octets for a sentence */
#define SERVE_IFS_MAX	  16
#define SERVE_ADDRS_MAX	  64
#define SERVE_ROUTES_MAX  64
#define SERVE_PROXIED_MAX 64

struct serve_if {
	const char *name; /* of the node's interface */
	const char *dev;  /* "tap:DEV", "wire:SEGMENT", "packet:DEV" */
	bool has_mac;
	struct mac mac;	     /* else one is drawn */
	unsigned n_prefixes; /* advertised */
	struct {
		struct ip6_addr prefix;
		unsigned len;
	} prefix[ND_PREFIXES_MAX];
	unsigned mld_version; /* an MLD router of this version; 0: none */
	struct nd_adv dns;    /* of which only servers and domains count: advertised, too */
};

struct serve_addr {
	unsigned iface; /* index into serve_conf.iface */
	struct ip6_addr addr;
	unsigned len;
};

struct serve_route {
	struct ip6_addr dst;
	unsigned len;
	struct ip6_addr via; /* unspecified: on link */
	unsigned iface;
};

/* What "inaba up" was told. */
struct serve_conf {
	const char *name;
	bool forward;
	const char *edge; /* the interface towards a provider, NULL: not at a customer's edge */
	bool opaque; /* addresses are of stable, opaque identifiers (RFC 7217), with this secret */
	bool temporary;	 /* temporary addresses, too (RFC 8981) */
	bool optimistic; /* addresses are in use while DAD runs (RFC 4429) */
	uint8_t iid_secret[ND_IID_SECRET_OCTETS];
	unsigned n_ifs, n_addrs, n_routes, n_proxied;
	struct serve_if iface[SERVE_IFS_MAX];
	struct serve_addr addr[SERVE_ADDRS_MAX];
	struct serve_addr proxied[SERVE_PROXIED_MAX]; /* answered for; without a length */
	struct serve_route route[SERVE_ROUTES_MAX];
};

struct serve;

/**
 * serve_open() - Open devices and the control socket, make the node, give up privileges.
 * @err:	On failure, a sentence that says what to do.
 *
 * Return: 0, or a negative errno with everything closed again.
 */
int serve_open(const struct serve_conf *conf, struct serve **ret, char err[SERVE_ERR]);

/** serve_run() - Until SIGTERM, SIGINT or "down"; then say goodbye and free. Return: 0, -errno. */
int serve_run(struct serve *s);

#endif
