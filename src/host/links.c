/* SPDX-License-Identifier: BSD-3-Clause */
#include "host/links.h"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sys/socket.h>
#include <unistd.h>

#define READ_OCTETS 32768 /* netlink(7): a message of a dump fits */

int links_open(void)
{
	struct sockaddr_nl nl = { .nl_family = AF_NETLINK, .nl_groups = RTMGRP_LINK };
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, NETLINK_ROUTE);
	int err;

	if (fd < 0)
		return -errno;
	if (bind(fd, (struct sockaddr *)&nl, sizeof(nl)) == 0)
		return fd;
	err = -errno;
	close(fd);
	return err;
}

void links_ask(int fd)
{
	struct {
		struct nlmsghdr h;
		struct ifinfomsg i;
	} ask = {
		.h = { .nlmsg_len = sizeof(ask),
		       .nlmsg_type = RTM_GETLINK,
		       .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP },
		.i = { .ifi_family = AF_UNSPEC },
	};

	(void)send(fd, &ask, sizeof(ask), 0); /* a failure leaves the interfaces as they are */
}

static void tell(const struct nlmsghdr *h, void (*fn)(void *ctx, const struct links_event *ev),
		 void *ctx)
{
	const struct ifinfomsg *i = NLMSG_DATA(h);
	struct links_event ev = { 0 };

	if ((h->nlmsg_type != RTM_NEWLINK && h->nlmsg_type != RTM_DELLINK) ||
	    h->nlmsg_len < NLMSG_LENGTH(sizeof(*i)) || i->ifi_index <= 0 ||
	    i->ifi_family != AF_UNSPEC) /* a bridge tells of its ports, too */
		return;
	ev.kernel_ifindex = (uint32_t)i->ifi_index;
	ev.gone = h->nlmsg_type == RTM_DELLINK;
	ev.up = !ev.gone && (i->ifi_flags & IFF_UP) != 0 && (i->ifi_flags & IFF_RUNNING) != 0;
	fn(ctx, &ev);
}

void links_read(int fd, void (*fn)(void *ctx, const struct links_event *ev), void *ctx)
{
	_Alignas(struct nlmsghdr) char buf[READ_OCTETS];
	ssize_t n;

	while ((n = recv(fd, buf, sizeof(buf), MSG_DONTWAIT)) != 0) {
		unsigned left = n > 0 ? (unsigned)n : 0;

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno != ENOBUFS)
			return;
		if (n < 0)
			links_ask(fd); /* events were lost: hear it all again */
		for (struct nlmsghdr *h = (struct nlmsghdr *)buf; NLMSG_OK(h, left);
		     h = NLMSG_NEXT(h, left))
			tell(h, fn, ctx);
	}
}

uint32_t links_index(const char *name)
{
	return if_nametoindex(name);
}
