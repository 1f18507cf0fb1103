/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The destination cache of RFC 4861 section 5.1, for the destinations that differ from what the
 * routes say: those with a path MTU smaller than the first link's (RFC 8201), and those that
 * were redirected. Bounded; when it is full the entry that was touched longest ago goes.
 *
 * Also a memory of large packets that this node sent, so that a Packet Too Big is believed only
 * when it quotes one of them (RFC 8201 section 4 and 6, RFC 4443 section 5.2).
 */
#ifndef INABA_IP6_PATH_H
#define INABA_IP6_PATH_H

#include "base/env.h"
#include "base/rd.h"

struct path_conf {
	uint32_t max;	  /* entries */
	time_ns mtu_life; /* RFC 8201 section 4: at least 5, recommended 10 minutes */
};

extern const struct path_conf PATH_CONF_DEFAULT;

struct path {
	struct hnode node;
	struct list lru;
	struct ip6_addr dst;
	uint32_t ifindex; /* zone of a link-local destination, else 0 */
	uint32_t mtu;	  /* 0: not known to be smaller */
	time_ns mtu_expires;
	struct ip6_addr gateway; /* unspecified: not redirected */
	uint32_t gateway_if;
	struct ip6_addr redirected_src; /* of packets that go there; unspecified: any */
	uint32_t fib_generation; /* a redirect holds only while the routes stay as they were */
};

#define PATH_SENT_MAX 1024 /* large packets remembered; a power of two */

struct path_table {
	struct env *env;
	struct path_conf conf;
	struct htab tab;
	struct list lru;
	struct timer timer; /* TIMER_PATH */
	uint64_t *sent;	    /* digests, made when the first large packet is sent */
	uint32_t sent_at;
};

void path_init(struct path_table *t, struct env *env, const struct path_conf *conf);
void path_done(struct path_table *t);

/** path_find() - The entry of @dst, or NULL. @ifindex: zone, or 0. */
struct path *path_find(struct path_table *t, const struct ip6_addr *dst, uint32_t ifindex);

/** path_mtu() - Path MTU of @dst if it is known to be less than @link_mtu, else @link_mtu. */
uint32_t path_mtu(struct path_table *t, const struct ip6_addr *dst, uint32_t ifindex,
		  uint32_t link_mtu);

/** path_sent() - Remember a packet of ours of more than 1,280 octets, from its IPv6 header. */
void path_sent(struct path_table *t, const struct pkt *pkt);

/** path_quoted() - Is @quote, from its IPv6 header, what an error quotes of a packet of ours? */
bool path_quoted(const struct path_table *t, struct rd quote);

/**
 * path_too_big() - A believable Packet Too Big for @dst arrived. Only ever lowers the MTU.
 *
 * Return: true when it changed something.
 */
bool path_too_big(struct path_table *t, const struct ip6_addr *dst, uint32_t ifindex, uint32_t mtu);

/**
 * path_redirect() - From now on, @gateway is the first hop to @dst.
 * @src:	For packets from there only (RFC 8028 section 3.4); unspecified: for all.
 */
void path_redirect(struct path_table *t, const struct ip6_addr *dst, const struct ip6_addr *src,
		   const struct ip6_addr *gateway, uint32_t gateway_if, uint32_t fib_generation);

/** path_forget_gateway() - Take back all redirects to @gateway (RFC 4861 section 7.3.3). */
void path_forget_gateway(struct path_table *t, const struct ip6_addr *gateway, uint32_t ifindex);

/** path_flush_if() - The interface is gone. */
void path_flush_if(struct path_table *t, uint32_t ifindex);

/** path_timer() - TIMER_PATH is due: what is too old goes (RFC 8201 section 4). */
void path_timer(struct path_table *t);

#endif
