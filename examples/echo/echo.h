/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * An example of a daemon and its client that know of the world only what host/host.h offers: so they run on
 * the kernel, on a node as a program ("inaba exec"), and inside a simulated node in virtual time.
 *
 * The server offers echo (RFC 862) at a port, discard (RFC 863) at the next and time (RFC 868) at the one
 * behind that, each by UDP and TCP. The client tries them one after the other and says what it found.
 */
#ifndef INABA_EXAMPLES_ECHO_H
#define INABA_EXAMPLES_ECHO_H

#include <netinet/in.h>

#include "host/host.h"

#define ECHO_CONNS_MAX 16
#define ECHO_BUF       4096
#define ECHO_DATA      32	   /* octets of a datagram of the client's */
#define ECHO_STREAM    100000	   /* octets of its stream */
#define ECHO_EPOCH_S   2208988800u /* from 1900, where RFC 868 begins to count, to 1970 */

enum echo_service { ECHO_ECHO, ECHO_DISCARD, ECHO_TIME, ECHO_SERVICES };

struct echo_server;

/* A connection: what was read and not yet written back is buf[at] to buf[n]. */
struct echo_conn {
	struct echo_server *of;
	int handle; /* 0: free */
	enum echo_service service;
	struct host_timer idle;
	bool over; /* nothing more is read */
	size_t at, n;
	uint8_t buf[ECHO_BUF];
};

struct echo_server {
	struct host *h;
	int udp[ECHO_SERVICES], tcp[ECHO_SERVICES];
	struct echo_conn conn[ECHO_CONNS_MAX];
};

/** echo_server_open() - Serve at @at and the two ports behind. Return: 0, or a negative errno. */
int echo_server_open(struct echo_server *s, struct host *h, const struct sockaddr_in6 *at);
void echo_server_close(struct echo_server *s);

enum echo_step { ECHO_UDP, ECHO_UDP_TIME, ECHO_TCP, ECHO_TCP_NOBODY, ECHO_DONE };

struct echo_client {
	struct host *h;
	struct sockaddr_in6 to;
	void (*say)(void *ctx, const char *line);
	void (*done)(void *ctx, bool ok);
	void *ctx;
	enum echo_step step;
	int handle; /* 0: none */
	bool ok, connected;
	struct host_timer timer;
	unsigned tries;
	uint8_t data[ECHO_DATA];
	size_t sent, got;
};

/** echo_client_start() - Try the server at @to; @say and @done are the caller's, set before. */
void echo_client_start(struct echo_client *c, struct host *h, const struct sockaddr_in6 *to);

/** echo_client_end() - Also before it is done, or was started. */
void echo_client_end(struct echo_client *c);

/** echo_at() - @a with its port moved by @n. */
struct sockaddr_in6 echo_at(const struct sockaddr_in6 *a, unsigned n);

#endif
