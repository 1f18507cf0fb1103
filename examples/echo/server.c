/* SPDX-License-Identifier: BSD-3-Clause */
#include "echo.h"

#define BACKLOG	  16
#define IDLE	  (30 * NS_PER_S)
#define TURNS_MAX 16 /* of one connection, before the others have theirs */

struct sockaddr_in6 echo_at(const struct sockaddr_in6 *a, unsigned n)
{
	struct sockaddr_in6 ret = *a;

	ret.sin6_port = htons((uint16_t)(ntohs(a->sin6_port) + n));
	return ret;
}

/* RFC 868: seconds since 1900, in 32 bits. */
static void put_time(struct host *h, uint8_t p[4])
{
	put_be32(p, (uint32_t)(host_wall(h) / NS_PER_S + ECHO_EPOCH_S));
}

/*
 * Datagrams.
 */

static enum echo_service service_of(const int handles[ECHO_SERVICES], int handle)
{
	enum echo_service i = ECHO_ECHO;

	while (handles[i] != handle)
		i++;
	return i;
}

static void on_udp(void *ctx, int handle, unsigned events)
{
	struct echo_server *s = ctx;
	enum echo_service service = service_of(s->udp, handle);
	struct sockaddr_in6 from;
	socklen_t len = sizeof(from);
	uint8_t buf[ECHO_BUF];
	ssize_t n = host_recvfrom(s->h, handle, buf, sizeof(buf), (struct sockaddr *)&from, &len);

	(void)events;
	if (n < 0 || service == ECHO_DISCARD)
		return;
	if (service == ECHO_TIME) {
		put_time(s->h, buf);
		n = 4;
	}
	(void)host_sendto(s->h, handle, buf, (size_t)n, (struct sockaddr *)&from, len);
}

/*
 * Connections.
 */

static void conn_close(struct echo_conn *c)
{
	host_timer_cancel(c->of->h, &c->idle);
	(void)host_close(c->of->h, c->handle);
	c->handle = 0;
}

static void on_idle(void *ctx)
{
	conn_close(ctx);
}

/* Return: false when it has ended. */
static bool conn_turn(struct echo_conn *c)
{
	struct host *h = c->of->h;
	ssize_t n;

	if (c->at < c->n) {
		n = host_sendto(h, c->handle, c->buf + c->at, c->n - c->at, NULL, 0);
		c->at += n > 0 ? (size_t)n : 0;
		return n > 0 || n == -EAGAIN;
	}
	if (c->over)
		return false;
	c->at = c->n = 0;
	n = host_recvfrom(h, c->handle, c->buf, sizeof(c->buf), NULL, NULL);
	c->n = n > 0 && c->service == ECHO_ECHO ? (size_t)n : 0;
	return n > 0 || n == -EAGAIN;
}

static void on_conn(void *ctx, int handle, unsigned events)
{
	struct echo_conn *c = ctx;

	(void)events;
	host_timer_after(c->of->h, &c->idle, IDLE);
	for (unsigned i = 0; i < TURNS_MAX; i++) {
		if (!conn_turn(c)) {
			conn_close(c);
			return;
		}
	}
	/* who does not read is not read from */
	(void)host_watch(c->of->h, handle, c->at < c->n ? POLLOUT : POLLIN, on_conn, c);
}

static void on_listener(void *ctx, int handle, unsigned events)
{
	struct echo_server *s = ctx;
	int new = host_accept(s->h, handle);
	unsigned i = 0;

	(void)events;
	if (new < 0)
		return;
	while (i < ECHO_CONNS_MAX && s->conn[i].handle != 0)
		i++;
	if (i == ECHO_CONNS_MAX) {
		(void)host_close(s->h, new);
		return;
	}
	s->conn[i] =
		(struct echo_conn){ .of = s, .handle = new, .service = service_of(s->tcp, handle) };
	host_timer_init(&s->conn[i].idle, on_idle, &s->conn[i]);
	if (s->conn[i].service == ECHO_TIME) {
		put_time(s->h, s->conn[i].buf);
		s->conn[i].n = 4;
		s->conn[i].over = true;
	}
	on_conn(&s->conn[i], new, 0);
}

/*
 * Life.
 */

static int open_at(struct echo_server *s, enum echo_service i, const struct sockaddr_in6 *at)
{
	struct sockaddr_in6 a = echo_at(at, i);
	const struct sockaddr *sa = (const struct sockaddr *)&a;
	int rc;

	s->udp[i] = host_socket(s->h, AF_INET6, SOCK_DGRAM, 0);
	if (s->udp[i] < 0)
		return s->udp[i];
	s->tcp[i] = host_socket(s->h, AF_INET6, SOCK_STREAM, 0);
	if (s->tcp[i] < 0)
		return s->tcp[i];
	rc = host_bind(s->h, s->udp[i], sa, sizeof(a));
	if (rc == 0)
		rc = host_bind(s->h, s->tcp[i], sa, sizeof(a));
	if (rc == 0)
		rc = host_listen(s->h, s->tcp[i], BACKLOG);
	if (rc == 0)
		rc = host_watch(s->h, s->udp[i], POLLIN, on_udp, s);
	if (rc == 0)
		rc = host_watch(s->h, s->tcp[i], POLLIN, on_listener, s);
	return rc;
}

int echo_server_open(struct echo_server *s, struct host *h, const struct sockaddr_in6 *at)
{
	int rc = 0;

	*s = (struct echo_server){ .h = h };
	for (enum echo_service i = ECHO_ECHO; i < ECHO_SERVICES && rc == 0; i++)
		rc = open_at(s, i, at);
	if (rc < 0)
		echo_server_close(s);
	return rc;
}

void echo_server_close(struct echo_server *s)
{
	for (unsigned i = 0; i < ECHO_CONNS_MAX; i++)
		if (s->conn[i].handle != 0)
			conn_close(&s->conn[i]);
	for (enum echo_service i = ECHO_ECHO; i < ECHO_SERVICES; i++) {
		(void)host_close(s->h, s->udp[i]); /* -EBADF where none was opened */
		(void)host_close(s->h, s->tcp[i]);
	}
}
