/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Raw IGMP sockets, as far as daemons that route groups of both families need one: smcrouted does not
 * begin with IPv6 where MRT_INIT of IPv4 fails, and knows no interface that is not one of IPv4's, too. It
 * may have these; but there is no multicast routing of IPv4, so each route that it wants to add is refused,
 * and nothing ever arrives.
 */
#include "transport/opt.h"

#include <linux/mroute.h>

static ssize_t mrt4_sendmsg(struct sock *s, const struct msghdr *msg, int flags)
{
	(void)s;
	(void)msg;
	(void)flags;
	return -ENETUNREACH;
}

static int mrt4_setsockopt(struct sock *s, int level, int name, const void *val, socklen_t len)
{
	(void)s;
	(void)val;
	if (level != IPPROTO_IP || name < MRT_BASE || name > MRT_MAX)
		return -ENOPROTOOPT;
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

static int mrt4_getsockopt(struct sock *s, int level, int name, void *val, socklen_t *len)
{
	(void)s;
	(void)level;
	(void)name;
	(void)val;
	(void)len;
	return -ENOPROTOOPT;
}

const struct sock_kind mrt4_kind = {
	.type = SOCK_RAW,
	.protocol = IPPROTO_IGMP,
	.sendmsg = mrt4_sendmsg,
	.recvmsg = dgram_recvmsg,
	.shutdown = dgram_shutdown,
	.poll = dgram_poll,
	.setsockopt = mrt4_setsockopt,
	.getsockopt = mrt4_getsockopt,
};
