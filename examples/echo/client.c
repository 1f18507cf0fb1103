/* SPDX-License-Identifier: BSD-3-Clause */
/* One step after the other: step_begin() opens and sends, a callback or the timer ends it. */
#include "echo.h"

#include <stdio.h>

#define TRY	     NS_PER_S /* for each datagram */
#define TRIES	     3
#define STREAM_TIME  (20 * NS_PER_S)
#define CHUNK	     8192
#define MAY_DIFFER_S 2 /* clocks */

static void step_begin(struct echo_client *c);

static void step_end(struct echo_client *c, bool ok, const char *what)
{
	static const char *const names[] = { "udp echo", "udp time", "tcp echo", "tcp nobody" };
	char line[128];

	host_timer_cancel(c->h, &c->timer);
	(void)host_close(c->h, c->handle);
	c->handle = 0;
	c->ok = c->ok && ok;
	snprintf(line, sizeof(line), "%s: %s", names[c->step], what);
	c->say(c->ctx, line);
	c->step++;
	step_begin(c);
}

static void step_fail(struct echo_client *c, ssize_t rc)
{
	step_end(c, false, strerror((int)-rc));
}

/*
 * Datagrams.
 */

/* What is lost is sent again. */
static void on_try(void *ctx)
{
	struct echo_client *c = ctx;

	if (c->tries++ == TRIES) {
		step_end(c, false, "no answer");
		return;
	}
	host_timer_after(c->h, &c->timer, TRY);
	(void)host_sendto(c->h, c->handle, c->data, sizeof(c->data), NULL, 0);
}

static void on_udp(void *ctx, int handle, unsigned events)
{
	struct echo_client *c = ctx;
	uint8_t buf[ECHO_DATA + 1];
	ssize_t n = host_recvfrom(c->h, handle, buf, sizeof(buf), NULL, NULL);
	int64_t ours, theirs;

	(void)events;
	if (n == -EAGAIN)
		return;
	if (n < 0) {
		step_fail(c, n);
	} else if (c->step == ECHO_UDP) {
		if (n == ECHO_DATA && memcmp(buf, c->data, ECHO_DATA) == 0)
			step_end(c, true, "the same");
	} else if (n == 4) {
		theirs = (int64_t)get_be32(buf) - ECHO_EPOCH_S;
		ours = (int64_t)(host_wall(c->h) / NS_PER_S);
		if (theirs > ours + MAY_DIFFER_S || theirs < ours - MAY_DIFFER_S)
			step_end(c, false, "another than ours");
		else
			step_end(c, true, "as ours");
	}
}

static void udp_begin(struct echo_client *c, const struct sockaddr_in6 *to)
{
	int rc;

	c->tries = 0;
	host_random(c->h, c->data, sizeof(c->data));
	rc = host_connect(c->h, c->handle, (const struct sockaddr *)to, sizeof(*to));
	if (rc == 0)
		rc = host_watch(c->h, c->handle, POLLIN, on_udp, c);
	if (rc < 0)
		step_fail(c, rc);
	else
		on_try(c);
}

/*
 * Streams.
 */

static void on_late(void *ctx)
{
	step_end(ctx, false, "takes too long");
}

static uint8_t octet(const struct echo_client *c, size_t i)
{
	return (uint8_t)(c->data[i % ECHO_DATA] + i / ECHO_DATA);
}

/* Return: 0, or what has gone wrong. */
static ssize_t stream_send(struct echo_client *c)
{
	uint8_t buf[CHUNK];
	size_t n = MIN(sizeof(buf), ECHO_STREAM - c->sent);
	ssize_t rc;

	for (size_t i = 0; i < n; i++)
		buf[i] = octet(c, c->sent + i);
	rc = host_sendto(c->h, c->handle, buf, n, NULL, 0);
	if (rc < 0)
		return rc == -EAGAIN ? 0 : rc;
	c->sent += (size_t)rc;
	return c->sent == ECHO_STREAM ? host_shutdown(c->h, c->handle, SHUT_WR) : 0;
}

static void stream_recv(struct echo_client *c)
{
	uint8_t buf[CHUNK];
	ssize_t n = host_recvfrom(c->h, c->handle, buf, sizeof(buf), NULL, NULL);

	if (n == 0) {
		step_end(c, c->got == ECHO_STREAM,
			 c->got == ECHO_STREAM ? "the same" : "too short");
		return;
	}
	if (n < 0) {
		if (n != -EAGAIN)
			step_fail(c, n);
		return;
	}
	for (size_t i = 0; i < (size_t)n; i++, c->got++)
		if (c->got >= c->sent || buf[i] != octet(c, c->got)) {
			step_end(c, false, "not what was sent");
			return;
		}
}

/* Of connecting. Whatever goes wrong later, reading and writing tell. */
static int outcome(struct echo_client *c)
{
	int error = 0;
	socklen_t len = sizeof(error);
	int rc = host_getsockopt(c->h, c->handle, SOL_SOCKET, SO_ERROR, &error, &len);

	return rc < 0 ? rc : -error;
}

static void on_tcp(void *ctx, int handle, unsigned events)
{
	struct echo_client *c = ctx;
	ssize_t rc = c->connected ? 0 : outcome(c);

	c->connected = true;
	if (c->step == ECHO_TCP_NOBODY) {
		step_end(c, rc == -ECONNREFUSED, rc < 0 ? strerror((int)-rc) : "somebody");
		return;
	}
	if (rc == 0 && (events & POLLOUT) != 0 && c->sent < ECHO_STREAM)
		rc = stream_send(c);
	if (rc < 0) {
		step_fail(c, rc);
		return;
	}
	(void)host_watch(c->h, handle, POLLIN | (c->sent < ECHO_STREAM ? POLLOUT : 0u), on_tcp, c);
	if ((events & (POLLIN | POLLERR | POLLHUP)) != 0)
		stream_recv(c);
}

static void tcp_begin(struct echo_client *c, const struct sockaddr_in6 *to)
{
	int rc = host_connect(c->h, c->handle, (const struct sockaddr *)to, sizeof(*to));

	c->connected = false;
	c->sent = c->got = 0;
	host_timer_init(&c->timer, on_late, c);
	host_timer_after(c->h, &c->timer, STREAM_TIME);
	if (rc == 0 || rc == -EINPROGRESS)
		rc = host_watch(c->h, c->handle, POLLOUT, on_tcp, c);
	if (rc < 0)
		step_fail(c, rc);
}

/*
 * Steps.
 */

static void step_begin(struct echo_client *c)
{
	static const unsigned port[] = { ECHO_ECHO, ECHO_TIME, ECHO_ECHO, ECHO_SERVICES };
	bool udp = c->step < ECHO_TCP;
	struct sockaddr_in6 to;

	if (c->step == ECHO_DONE) {
		c->done(c->ctx, c->ok);
		return;
	}
	to = echo_at(&c->to, port[c->step]);
	c->handle = host_socket(c->h, AF_INET6, udp ? SOCK_DGRAM : SOCK_STREAM, 0);
	if (c->handle < 0)
		step_fail(c, c->handle);
	else if (udp)
		udp_begin(c, &to);
	else
		tcp_begin(c, &to);
}

void echo_client_start(struct echo_client *c, struct host *h, const struct sockaddr_in6 *to)
{
	c->h = h;
	c->to = *to;
	c->step = ECHO_UDP;
	c->handle = 0;
	c->ok = true;
	host_timer_init(&c->timer, on_try, c);
	step_begin(c);
}

void echo_client_end(struct echo_client *c)
{
	if (c->h == NULL)
		return;
	host_timer_cancel(c->h, &c->timer);
	(void)host_close(c->h, c->handle);
	c->handle = 0;
}
