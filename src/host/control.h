/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The control socket of a node that runs as a process: a Unix stream socket in the runtime
 * directory. A client sends one line and reads the answer until the node closes.
 *
 *	status				the node's state: one JSON object (node/status.h)
 *	ping DEST OIF COUNT OCTETS INTERVAL_MS TIMEOUT_MS [HOP_LIMIT]
 *					one JSON object a line for each event; OIF "-" for none,
 *					DEST an address or a name to resolve; COUNT 0 until the client shuts its side down
 *	capture IF			pcapng of what passes IF ("-": all), until the client shuts
 *					its side down
 *	metrics				counters in the text format of Prometheus; and so, as HTTP, for
 *					"GET /metrics": curl --unix-socket, or socat from a port
 *	seam				an octet with a descriptor: sockets for programs (host/seam.h)
 *	down				final advertisements, then the process ends, and with it the
 *					connection
 *
 * What is refused is answered with {"error": "..."}.
 */
#ifndef INABA_HOST_CONTROL_H
#define INABA_HOST_CONTROL_H

#include "node/node.h"

#define CONTROL_CLIENTS_MAX 16
#define CONTROL_LINE_MAX    512
#define CONTROL_OUT_MAX	    (4u << 20) /* octets that may wait for a slow client */

struct control;

/**
 * control_new() - Serve @n on a listening socket.
 * @listen_fd:	Given. Non-blocking.
 * @epoll_fd:	Where the sockets are watched; data.ptr is what control_event() takes.
 * @epoch:	Unix time of time 0, for captures.
 */
struct control *control_new(struct node *n, int listen_fd, int epoll_fd, time_ns epoch);
void control_free(struct control *c);

/**
 * control_event() - @what of an epoll event is ready.
 *
 * Return: false if @what is none of this control's.
 */
bool control_event(struct control *c, void *what, uint32_t events, time_ns now);

/** control_flush() - Send what waits for clients; call it before sleeping. */
void control_flush(struct control *c);

/** control_patience() - When control_flush() is to be called at the latest, in ms; -1: never. */
int control_patience(const struct control *c);

/** control_has_work() - Is control_flush() to be called again before sleeping? */
bool control_has_work(const struct control *c);

/** control_wants_end() - Has a client asked the process to end? */
bool control_wants_end(const struct control *c);

/** control_name_ok() - 1 to 31 letters, digits, - _ . and no dot in front. */
bool control_name_ok(const char *name);

/** control_path() - RUNTIME/node/NAME.sock. Return: 0, -EINVAL for a bad name, -ENAMETOOLONG. */
int control_path(const char *name, char *buf, size_t size);

/** control_listen() - Make the socket of @name. Return: its descriptor, or a negative errno. */
int control_listen(const char *name);

/**
 * control_connect() - For clients: connect to node @name and send @line.
 *
 * Return: a descriptor to read the answer from; -ENOENT if no such node runs (a socket that was
 * left behind is removed), or another negative errno.
 */
int control_connect(const char *name, const char *line);

#endif
