/* SPDX-License-Identifier: BSD-3-Clause */
/* Between the parts of nd only. */
#ifndef INABA_ND_PART_H
#define INABA_ND_PART_H

#include "nd/nd.h"

#define ND_OCTETS_MAX (IP6_MTU_MIN - IP6_HDR_OCTETS) /* RFC 6980: never fragmented */

/*
 * send.c: one function per message. @src unspecified where the RFC says so.
 */

/** nd_send_ns() - @dst unspecified: solicited-node group of @target; @nonce: NULL, or 6 octets. */
void nd_send_ns(struct nd *nd, struct iface *ifc, const struct ip6_addr *src,
		const struct ip6_addr *dst, const struct ip6_addr *target, const uint8_t *nonce);
void nd_send_na(struct nd *nd, struct iface *ifc, const struct if_addr *target,
		const struct ip6_addr *dst, bool solicited);
/** nd_send_proxy_na() - For an address of somebody else's; not without a link-local one of ours. */
void nd_send_proxy_na(struct nd *nd, struct iface *ifc, const struct ip6_addr *target,
		      const struct ip6_addr *dst, bool solicited);
/** nd_send_news() - @a is ours, to all routers, without Override (RFC 9131 section 6.1.2). */
void nd_send_news(struct nd *nd, const struct if_addr *a);
/** nd_send_ns_at() - Solicit @router at @mac, whatever the neighbour cache says (RFC 6059 section 5.6.1). */
void nd_send_ns_at(struct nd *nd, struct iface *ifc, const struct ip6_addr *src,
		   const struct ip6_addr *router, const struct mac *mac);
void nd_send_rs(struct nd *nd, struct iface *ifc);
/** nd_send_ra() - @lifetime_s overrides the configured router lifetime: 0 in a final one. */
void nd_send_ra(struct nd *nd, struct iface *ifc, const struct ip6_addr *dst, uint16_t lifetime_s);
/** nd_adv_fits() - Does an advertisement of @adv fit a packet that is never fragmented? */
bool nd_adv_fits(const struct nd_adv *adv);
/** nd_msg_octets() - Octets that @m has; more than fit a packet that is never fragmented: SIZE_MAX. */
size_t nd_msg_octets(const struct nd_msg *m);
void nd_send_redirect(struct nd *nd, struct iface *ifc, const struct ip6_addr *target,
		      const struct mac *target_mac, const struct pkt *about);

/** nd_slla(), nd_tlla() - The link-layer address option, or NULL. */
static inline const struct mac *nd_slla(const struct nd_msg *m)
{
	return (m->opts.has & ND_HAS_SLLA) != 0 ? &m->opts.slla : NULL;
}

static inline const struct mac *nd_tlla(const struct nd_msg *m)
{
	return (m->opts.has & ND_HAS_TLLA) != 0 ? &m->opts.tlla : NULL;
}

/*
 * nd.c
 */

/** nd_disable() - No more IP on @ifc (RFC 4862 section 5.4.5): whose link-layer address is it? */
void nd_disable(struct nd *nd, struct iface *ifc);

/*
 * dad.c: RFC 4862 section 5.4.
 */
void dad_start(struct nd *nd, struct if_addr *a, bool delay);
void dad_timer(struct nd *nd, struct if_addr *a);
/** dad_looped_back() - Is @nonce of a probe that was heard one of ours? Remembered if so. */
bool dad_looped_back(struct if_addr *a, struct rd nonce);
/** dad_confirmed() - @a is known to be ours on this link (RFC 6059 section 5.8): no (more) DAD. */
void dad_confirmed(struct nd *nd, struct if_addr *a);
/** dad_failed() - Somebody else has, or tries for, the tentative address @a. */
void dad_failed(struct nd *nd, struct if_addr *a);

/*
 * iid.c: interface identifiers.
 */

/**
 * iid_addr() - The address of @ifc with the first 64 bits of @prefix.
 * @dad_counter:	How many were refused before (RFC 7217 section 5); set to what was used.
 */
struct ip6_addr iid_addr(const struct nd *nd, const struct iface *ifc,
			 const struct ip6_addr *prefix, uint8_t *dad_counter);

/** iid_may_retry() - Is there another identifier for @a to try? */
bool iid_may_retry(const struct nd *nd, const struct if_addr *a);

/** iid_retry_later() - Try another one, after a random delay: dad_timer() calls iid_retry(). */
void iid_retry_later(struct nd *nd, struct if_addr *a);
void iid_retry(struct nd *nd, struct if_addr *a);

/*
 * temp.c: RFC 8981.
 */

/** temp_prefix() - An autonomous prefix of 64 bits was advertised, with these lifetimes. */
void temp_prefix(struct nd *nd, struct iface *ifc, const struct ip6_addr *prefix,
		 time_ns preferred_until, time_ns valid_until);
void temp_timer(struct nd *nd, struct nd_if *ni);
/** temp_failed() - DAD refused a temporary address: it is ADDR_DUPLICATE now. */
void temp_failed(struct nd *nd, struct if_addr *a);

/*
 * neighbour.c
 */
void neighbour_ns(struct nd *nd, struct iface *ifc, struct pkt *pkt, const struct nd_msg *m);
void neighbour_na(struct nd *nd, struct iface *ifc, struct pkt *pkt, const struct nd_msg *m);
void neighbour_na_timer(struct nd *nd, struct nd_late *late);
void neighbour_todo(struct nd *nd);

/*
 * proxy.c: RFC 4861 section 7.2.8.
 */

/** proxy_answers() - Is @target an address of somebody else's that we answer for on @ifc? */
bool proxy_answers(const struct nd *nd, const struct iface *ifc, const struct ip6_addr *target);

/*
 * announce.c: RFC 9131 section 6.1.2.
 */

/** announce_start() - @a has just become usable. */
void announce_start(struct nd *nd, struct if_addr *a);
void announce_timer(struct nd *nd, struct if_addr *a);

/*
 * host.c
 */
void host_start(struct nd *nd, struct iface *ifc, bool delayed);
/** host_start_now() - Without delay and before there is an address. Return: false if it is off. */
bool host_start_now(struct nd *nd, struct iface *ifc);
/** host_take() - What @router's advertisement @m says of the link, or said before. */
void host_take(struct nd *nd, struct iface *ifc, const struct ip6_addr *router,
	       const struct nd_msg *m);
/** host_prefix_gone() - What @router said of a prefix does not hold any more. */
void host_prefix_gone(struct nd *nd, struct iface *ifc, const struct ip6_addr *router,
		      const struct ip6_addr *prefix, uint8_t len);
void host_stop(struct nd *nd, struct iface *ifc);
void host_ra(struct nd *nd, struct iface *ifc, struct pkt *pkt, const struct nd_msg *m);
void host_rs_timer(struct nd *nd, struct nd_if *ni);
void host_router_timer(struct nd *nd, struct nd_router *r);
/** host_router_unfound() - Nobody has answered for @addr: remembered if it is a router's. */
void host_router_unfound(struct nd *nd, struct iface *ifc, const struct ip6_addr *addr);

/** host_router_gone() - @addr is no router any more: RFC 4861 sections 6.3.5 and 7.2.5. */
void host_router_gone(struct nd *nd, struct iface *ifc, const struct ip6_addr *addr);

/*
 * dna.c: RFC 6059.
 */

/** dna_ra(), dna_na() - A message came: call it before it is acted on otherwise. */
void dna_ra(struct nd *nd, struct iface *ifc, const struct pkt *pkt, const struct nd_msg *m);
void dna_na(struct nd *nd, struct iface *ifc, const struct pkt *pkt, const struct nd_msg *m);
/** dna_down() - The link goes down; addresses are still there. */
void dna_down(struct nd *nd, struct iface *ifc);
/** dna_up() - The link is up; its link-local address has been made. */
void dna_up(struct nd *nd, struct iface *ifc);
void dna_timer(struct nd *nd, struct nd_if *ni);
void dna_stop(struct nd *nd, struct iface *ifc);
/** dna_source() - While the procedure runs: the source of router solicitations (section 5.6.2). */
bool dna_source(const struct iface *ifc, struct ip6_addr *ret);

/*
 * params.c
 */

/** params_take() - Zero is "not said". @mtu: of an MTU option, or 0. */
void params_take(struct nd *nd, struct iface *ifc, const struct nd_ra *ra, uint32_t mtu);
/** params_restore() - What one link's routers say means nothing on the next. */
void params_restore(struct nd *nd, struct iface *ifc);
/** params_redraw() - Choose ReachableTime anew. */
void params_redraw(struct nd *nd, struct nd_if *ni);

/*
 * router.c
 */
void router_start(struct nd *nd, struct iface *ifc);
void router_stop(struct nd *nd, struct iface *ifc, bool final);
void router_rs(struct nd *nd, struct iface *ifc, struct pkt *pkt, const struct nd_msg *m);
void router_timer(struct nd *nd, struct nd_if *ni);
/** router_cease() - Final advertisements, the first as soon as may be; then no more. */
void router_cease(struct nd *nd, struct iface *ifc);
/** router_again() - What is advertised has changed: it is told as soon as may be. */
void router_again(struct nd *nd, struct iface *ifc);
bool router_advertises(const struct iface *ifc);
/** router_lifetimes() - Of @p, as they are told now. */
void router_lifetimes(const struct nd_if *ni, const struct nd_adv_prefix *p, time_ns now,
		      uint32_t *valid_s, uint32_t *preferred_s);
/** router_ra() - Another router speaks: does it contradict us (RFC 4861 section 6.2.7)? */
void router_ra(struct nd *nd, struct iface *ifc, const struct ip6_addr *from,
	       const struct nd_msg *m);

/*
 * edge.c: RFC 7084, RFC 9096.
 */

/** edge_change() - @ifc is about to advertise @to in place of nd_if.adv. */
void edge_change(struct nd *nd, struct iface *ifc, const struct nd_adv *to);
/** edge_fill() - What @m, an advertisement of @ifc's, has to say because of the rules. */
void edge_fill(struct nd *nd, struct iface *ifc, struct nd_msg *m);
/** edge_lifetime() - The router lifetime. */
uint16_t edge_lifetime(struct nd *nd, const struct iface *ifc);
/** edge_refresh() - Find out how things are now; sources that are forwarded no more (L-14). */
void edge_refresh(struct nd *nd, struct iface *ifc);
/** edge_run() - If routes changed, is there still, or again, a way out? */
void edge_run(struct nd *nd);

/*
 * dns.c: RFC 8106 and its like.
 */
void dns_ra(struct nd *nd, struct iface *ifc, const struct nd_msg *m);
void dns_timer(struct nd *nd, struct nd_if *ni);
void dns_forget(struct nd *nd, struct iface *ifc);

/*
 * redirect.c: RFC 4861 section 8.
 */
void redirect_in(struct nd *nd, struct iface *ifc, struct pkt *pkt, const struct nd_msg *m);
void redirect_out(struct nd *nd, struct pkt *about);

#endif
