/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What has changed, for whoever must be told with the thing itself in hand: netlink makes its
 * notifications of it. (The tracer is for people, and tells less of more.) Costs a test of one bit
 * where nobody wants to know.
 */
#ifndef INABA_BASE_NEWS_H
#define INABA_BASE_NEWS_H

#include "base/base.h"

/* What @of points to stands beside it. It is there still, or for the last time. */
enum news {
	NEWS_LINK,	  /* struct iface: new, up, down, another MTU */
	NEWS_LINK_UP,	  /* struct iface */
	NEWS_LINK_DOWN,	  /* struct iface */
	NEWS_LINK_GONE,	  /* struct iface */
	NEWS_CONF,	  /* struct iface: forwarding */
	NEWS_ADDR_BEGIN,  /* struct if_addr: may be used from now on */
	NEWS_ADDR,	  /* struct if_addr: another state or lifetime */
	NEWS_ADDR_END,	  /* struct if_addr: may be used no more, but is there */
	NEWS_ADDR_GONE,	  /* struct if_addr */
	NEWS_ROUTE,	  /* struct route: new */
	NEWS_ROUTE_AGAIN, /* struct route: in the place of one */
	NEWS_ROUTE_GONE,  /* struct route */
	NEWS_RULE,	  /* struct rule: new */
	NEWS_RULE_GONE,	  /* struct rule */
	NEWS_NEIGH,	  /* struct neigh: new, or another state or address */
	NEWS_NEIGH_GONE,  /* struct neigh */
	NEWS_PREFIX,	  /* struct news_prefix: a router advertised it */
	NEWS_NUM
};

/* An advertised prefix (RFC 4861 section 4.6.2). */
struct news_prefix {
	uint32_t ifindex;
	const uint8_t *prefix; /* 16 octets */
	uint8_t len;
	bool on_link, autonomous;
	uint32_t valid_s, preferred_s; /* UINT32_MAX: infinity */
};

/* @fn must not change the node. */
struct watch {
	uint32_t wanted; /* bits, by enum news */
	void (*fn)(void *ctx, enum news what, const void *of);
	void *ctx;
};

#endif
