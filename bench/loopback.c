/* SPDX-License-Identifier: BSD-3-Clause */
#include "loopback.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <unistd.h>

static bool connected(struct loopback *l, int type)
{
	struct sockaddr_in6 at = { .sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT };
	socklen_t len = sizeof(at);
	int on = 1, listener;

	l->to = socket(AF_INET6, type | SOCK_CLOEXEC, 0);
	l->from = socket(AF_INET6, type | SOCK_CLOEXEC, 0);
	if (l->to < 0 || l->from < 0 || bind(l->to, (struct sockaddr *)&at, len) < 0 ||
	    getsockname(l->to, (struct sockaddr *)&at, &len) < 0 ||
	    (type == SOCK_STREAM && listen(l->to, 1) < 0) ||
	    connect(l->from, (struct sockaddr *)&at, len) < 0)
		return false;
	if (type != SOCK_STREAM)
		return true;
	listener = l->to;
	l->to = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	close(listener);
	return l->to >= 0 && setsockopt(l->to, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) == 0 &&
	       setsockopt(l->from, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) == 0;
}

bool loopback_open(struct loopback *l, int type, char note[BENCH_NOTE_MAX])
{
	bool ok;

	*l = (struct loopback){ -1, -1 };
	ok = connected(l, type);
	if (!ok)
		snprintf(note, BENCH_NOTE_MAX, "%s", strerror(errno));
	return ok;
}

void loopback_close(struct loopback *l)
{
	if (l->from >= 0)
		close(l->from);
	if (l->to >= 0)
		close(l->to);
}

void loopback_turns(const struct loopback *l, unsigned n)
{
	char c = 'x';

	for (unsigned i = 0; i < n; i++) {
		ASSERT(send(l->from, &c, 1, 0) == 1);
		ASSERT(recv(l->to, &c, 1, 0) == 1);
		ASSERT(send(l->to, &c, 1, 0) == 1);
		ASSERT(recv(l->from, &c, 1, 0) == 1);
	}
}

void loopback_datagrams(const struct loopback *l, unsigned n, unsigned octets)
{
	char text[64] = { 0 };

	ASSERT(octets <= sizeof(text));
	for (unsigned i = 0; i < n; i++)
		ASSERT(send(l->from, text, octets, 0) == (ssize_t)octets);
	for (unsigned i = 0; i < n; i++)
		ASSERT(recv(l->to, text, sizeof(text), 0) == (ssize_t)octets);
}
