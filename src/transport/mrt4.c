/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Multicast routing of IPv4, of which there is none, as far as daemons that route groups of both families need
 * it: smcrouted does not begin with IPv6 where MRT_INIT of IPv4 fails, and knows no interface that is not one of
 * IPv4's, too. It may have these, and each route that it wants to add is refused.
 */
#include "transport/opt.h"

#include <linux/mroute.h>

bool mrt4_is(const struct sock *s, int level, int name)
{
	return s->protocol == IPPROTO_IGMP && level == IPPROTO_IP && name >= MRT_BASE &&
	       name <= MRT_MAX;
}

int mrt4_setsockopt(int name, socklen_t len)
{
	switch (name) {
	case MRT_INIT:
	case MRT_ASSERT:
	case MRT_PIM:
		return len == sizeof(int) ? 0 : -EINVAL;
	case MRT_DONE:
	case MRT_ADD_VIF:
	case MRT_DEL_VIF:
	case MRT_FLUSH:
		return 0;
	default:
		return -EOPNOTSUPP;
	}
}
