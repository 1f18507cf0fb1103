/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Memberships of sockets: groups and their source filters (RFC 3493 section 5.2, RFC 3678), anycast
 * addresses. What all listeners of an interface want together is MLD's affair: mld_listen().
 */
#ifndef INABA_TRANSPORT_MCAST_H
#define INABA_TRANSPORT_MCAST_H

#include "transport/sock.h"

/** mcast_setsockopt() - The options of IPPROTO_IPV6 that are about groups. Return: -ENOPROTOOPT: none of them. */
int mcast_setsockopt(struct sock *s, int name, const void *val, socklen_t len);
int mcast_getsockopt(struct sock *s, int name, void *val, socklen_t *len);

/** mcast4_join(), mcast4_leave() - IP_ADD_MEMBERSHIP and its opposite; @group is mapped. */
int mcast4_join(struct sock *s, uint32_t ifindex, const struct ip6_addr *group);
int mcast4_leave(struct sock *s, uint32_t ifindex, const struct ip6_addr *group);

/** mcast_wants() - Does the socket's own filter let it through (RFC 3678 section 1, RFC 3810 section 4.1)? */
bool mcast_wants(const struct sock *s, uint32_t ifindex, const struct ip6_addr *group,
		 const struct ip6_addr *src);

/** mcast_done() - Leave all; @ifindex: those of an interface that is gone; 0: of any. */
void mcast_done(struct sock *s, uint32_t ifindex);

#endif
