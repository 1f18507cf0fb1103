/* SPDX-License-Identifier: BSD-3-Clause */
#include "host/control.h"

#include <ctype.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/pcapng.h"
#include "host/metrics.h"
#include "host/seam.h"
#include "link/runtime.h"
#include "node/status.h"

#define DRAIN_MS 500 /* without progress, of a client when the process ends */

enum client_state {
	CLIENT_READING, /* its line is not complete */
	CLIENT_CLOSING, /* the answer is complete: close when it is sent */
	CLIENT_PING,	/* a session writes */
	CLIENT_CAPTURE, /* the tracer writes */
	CLIENT_HTTP,	/* the rest of its request has not come */
	CLIENT_WAITING, /* for the end of the process, which it asked for */
};

struct client {
	struct control *control;
	int fd; /* -1: free */
	enum client_state state;
	char line[CONTROL_LINE_MAX];
	size_t line_len;
	unsigned http_end; /* of the empty line, octets that have come */
	uint8_t *out;
	size_t out_len, out_room;
	bool lost;	   /* more than it would take: frames or lines are missing */
	uint32_t watching; /* events of its socket */
	struct ping *ping;
	struct lookup *lookup; /* comes before the ping */
	struct ping_conf ping_conf;
	struct pcapng cap;
	uint32_t cap_if; /* 0: all */
	uint32_t cap_number[IF_MAX + 1];
};

struct control {
	struct node *node;
	int listen_fd, epoll_fd;
	time_ns epoch;
	bool end;
	struct seam *seam;
	struct client client[CONTROL_CLIENTS_MAX];
};

bool control_name_ok(const char *name)
{
	size_t n = strlen(name);

	if (n == 0 || n >= NODE_NAME_MAX || name[0] == '.')
		return false;
	for (; *name != '\0'; name++)
		if (!isalnum((unsigned char)*name) && strchr("-_.", *name) == NULL)
			return false;
	return true;
}

int control_path(const char *name, char *buf, size_t size)
{
	char dir[PATH_MAX], err[RUNTIME_ERR];
	int rc;

	if (!control_name_ok(name))
		return -EINVAL;
	rc = runtime_dir("node", dir, sizeof(dir), err);
	if (rc < 0)
		return rc;
	rc = snprintf(buf, size, "%s/%s.sock", dir, name);
	return rc < 0 || (size_t)rc >= size ? -ENAMETOOLONG : 0;
}

static int address(const char *name, struct sockaddr_un *sun)
{
	*sun = (struct sockaddr_un){ .sun_family = AF_UNIX };
	return control_path(name, sun->sun_path, sizeof(sun->sun_path));
}

int control_listen(const char *name)
{
	struct sockaddr_un sun;
	int fd, rc = address(name, &sun);

	if (rc < 0)
		return rc;
	fd = control_connect(name, "");
	if (fd >= 0) {
		close(fd);
		return -EADDRINUSE;
	}
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (bind(fd, (struct sockaddr *)&sun, sizeof(sun)) < 0 ||
	    listen(fd, 4 * CONTROL_CLIENTS_MAX) < 0) {
		rc = -errno;
		close(fd);
		return rc;
	}
	return fd;
}

int control_connect(const char *name, const char *line)
{
	struct sockaddr_un sun;
	int fd, rc = address(name, &sun);
	size_t n = strlen(line);

	if (rc < 0)
		return rc;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (connect(fd, (struct sockaddr *)&sun, sizeof(sun)) < 0) {
		rc = -errno;
		close(fd);
		if (rc == -ECONNREFUSED) {
			unlink(sun.sun_path);
			rc = -ENOENT;
		}
		return rc;
	}
	if (n != 0 && send(fd, line, n, MSG_NOSIGNAL) != (ssize_t)n) {
		rc = -errno;
		close(fd);
		return rc;
	}
	return fd;
}

/*
 * Clients.
 */
static void client_close(struct client *cl)
{
	if (cl->ping != NULL)
		ping_stop(&cl->control->node->pings, cl->ping);
	if (cl->lookup != NULL)
		resolve_stop(&cl->control->node->resolver, cl->lookup);
	close(cl->fd); /* leaves the epoll set by itself */
	free(cl->out);
	*cl = (struct client){ .control = cl->control, .fd = -1 };
}

static bool client_room(struct client *cl, size_t n)
{
	size_t room = cl->out_room;
	uint8_t *p;

	if (n > CONTROL_OUT_MAX - cl->out_len) {
		cl->lost = true;
		return false;
	}
	while (room < cl->out_len + n)
		room = room != 0 ? room * 2 : 4096;
	if (room == cl->out_room)
		return true;
	p = realloc(cl->out, room);
	if (p == NULL)
		return false;
	cl->out = p;
	cl->out_room = room;
	return true;
}

static void client_write(struct client *cl, const void *p, size_t n)
{
	if (!client_room(cl, n))
		return;
	memcpy(cl->out + cl->out_len, p, n);
	cl->out_len += n;
}

/* Nothing more is read once the answer is complete; that it has gone is always told. */
static void watch(struct client *cl)
{
	struct epoll_event ev = { .events = (cl->state != CLIENT_CLOSING ? EPOLLIN : 0u) |
					    (cl->out_len > 0 ? EPOLLOUT : 0u),
				  .data.ptr = cl };

	if (cl->watching != ev.events)
		epoll_ctl(cl->control->epoll_fd, EPOLL_CTL_MOD, cl->fd, &ev);
	cl->watching = ev.events;
}

static void client_flush(struct client *cl)
{
	ssize_t n = 0;

	if (cl->out_len > 0)
		n = send(cl->fd, cl->out, cl->out_len, MSG_NOSIGNAL | MSG_DONTWAIT);
	if (n < 0 && errno != EAGAIN && errno != EINTR) {
		client_close(cl);
		return;
	}
	if (n > 0) {
		cl->out_len -= (size_t)n;
		memmove(cl->out, cl->out + n, cl->out_len);
	}
	if (cl->out_len == 0 && cl->state == CLIENT_CLOSING)
		client_close(cl);
	else
		watch(cl);
}

static void client_json(struct client *cl, struct jsonw *j)
{
	const char *text;
	size_t n;

	if (jsonw_finish(j, &text, &n) == 0)
		client_write(cl, text, n);
	jsonw_done(j);
}

static void client_error(struct client *cl, const char *text)
{
	struct jsonw j;

	jsonw_init(&j, 0);
	jsonw_object(&j);
	jsonw_key(&j, "error");
	jsonw_string(&j, text);
	jsonw_object_end(&j);
	client_json(cl, &j);
	cl->state = CLIENT_CLOSING;
}

/*
 * Requests.
 */
static void do_status(struct client *cl)
{
	struct jsonw j;

	jsonw_init(&j, 2);
	status_write(cl->control->node, &j);
	client_json(cl, &j);
	cl->state = CLIENT_CLOSING;
}

static void do_metrics(struct client *cl, bool http)
{
	struct text t = { .n = 0 }, head = { .n = 0 };

	metrics_write(cl->control->node, &t);
	if (t.err == 0 && http) {
		text_say(&head,
			 "HTTP/1.1 200 OK\r\nContent-Type: " METRICS_TYPE
			 "\r\nContent-Length: %zu\r\nConnection: close\r\n\r\n",
			 t.n);
		client_write(cl, head.buf, head.n);
	}
	if (t.err == 0)
		client_write(cl, t.buf, t.n);
	text_done(&head);
	text_done(&t);
	cl->state = CLIENT_CLOSING;
}

/* "GET /metrics HTTP/1.1", and headers of which none matters, up to an empty line. */
static void do_http(struct client *cl, const char *args)
{
	static const char not_found[] =
		"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

	if (strncmp(args, "/metrics ", 9) == 0) {
		cl->state = CLIENT_HTTP;
		return;
	}
	client_write(cl, not_found, sizeof(not_found) - 1);
	cl->state = CLIENT_CLOSING;
}

static void http_read(struct client *cl, const char *p, size_t n)
{
	static const char end[] = "\n\r\n"; /* behind a line of which the CR has come */

	for (size_t i = 0; i < n && cl->http_end < sizeof(end) - 1; i++)
		cl->http_end = p[i] == end[cl->http_end] ? cl->http_end + 1 : p[i] == '\n';
	if (cl->http_end == sizeof(end) - 1)
		do_metrics(cl, true);
}

static void on_ping(void *ctx, const struct ping_result *r)
{
	static const char *const names[] = {
		[PING_EVENT_REPLY] = "reply", [PING_EVENT_TIMEOUT] = "timeout",
		[PING_EVENT_ERROR] = "error", [PING_EVENT_SEND] = "send",
		[PING_EVENT_DONE] = "done",
	};
	struct client *cl = ctx;
	uint32_t sent = cl->ping != NULL ? cl->ping->sent : 0;
	struct jsonw j;

	jsonw_init(&j, 0);
	jsonw_object(&j);
	jsonw_key(&j, "event");
	jsonw_string(&j, names[r->event]);
	jsonw_key(&j, "seq");
	jsonw_u64(&j, r->seq);
	jsonw_key(&j, "rtt_ns");
	jsonw_u64(&j, r->rtt);
	jsonw_key(&j, "from");
	jsonw_addr(&j, &r->from);
	jsonw_key(&j, "octets");
	jsonw_u64(&j, r->octets);
	jsonw_key(&j, "hop_limit");
	jsonw_u64(&j, r->hop_limit);
	jsonw_key(&j, "type");
	jsonw_u64(&j, r->type);
	jsonw_key(&j, "code");
	jsonw_u64(&j, r->code);
	jsonw_key(&j, "errno");
	jsonw_i64(&j, -r->err);
	jsonw_key(&j, "sent");
	jsonw_u64(&j, sent);
	jsonw_object_end(&j);
	client_json(cl, &j);
	if (r->event == PING_EVENT_DONE) {
		cl->ping = NULL; /* its owner frees it */
		cl->state = CLIENT_CLOSING;
	}
}

static void begin_ping(struct client *cl)
{
	struct jsonw j;
	int rc = ping_start(&cl->control->node->pings, &cl->ping_conf, &cl->ping);

	if (rc < 0) {
		client_error(cl, rc == -EINVAL ? "ping: too large" : "ping: too many at once");
		return;
	}
	jsonw_init(&j, 0);
	jsonw_object(&j);
	jsonw_key(&j, "event");
	jsonw_string(&j, "start");
	jsonw_key(&j, "address");
	jsonw_addr(&j, &cl->ping_conf.dst);
	jsonw_object_end(&j);
	client_json(cl, &j);
	cl->state = CLIENT_PING;
}

static void on_resolved(void *ctx, const struct resolve_result *r)
{
	char text[DNAME_TEXT_MAX], line[DNAME_TEXT_MAX + 128];
	struct client *cl = ctx;

	cl->lookup = NULL; /* its owner has freed it */
	if (r->end == RESOLVE_OK) {
		cl->ping_conf.dst = r->addr[0];
		begin_ping(cl);
		return;
	}
	snprintf(line, sizeof(line), "%s: %s", dname_text(&r->name, text),
		 resolve_end_text(r->end));
	client_error(cl, line);
}

static void do_resolve(struct client *cl, const char *name)
{
	struct resolve_asker asker = { on_resolved, cl };
	int rc = resolve_start(&cl->control->node->resolver, name, &asker, &cl->lookup);

	if (rc == 0)
		cl->state = CLIENT_PING;
	else
		client_error(cl, rc == -EINVAL ? "ping: bad arguments"
					       : "ping: too many names at once");
}

static void do_ping(struct client *cl, char *args)
{
	struct node *n = cl->control->node;
	struct ping_conf cf = { .hop_limit = -1, .fn = on_ping, .ctx = cl };
	char dest[DNAME_MAX + 1], oif[IF_NAME_MAX];
	unsigned long interval_ms, timeout_ms;
	const struct iface *ifc;

	if (sscanf(args, "%255s %15s %u %u %lu %lu %d", dest, oif, &cf.count, &cf.octets,
		   &interval_ms, &timeout_ms, &cf.hop_limit) < 6 ||
	    interval_ms == 0 || interval_ms > 86400000 || timeout_ms > 86400000 ||
	    cf.hop_limit < -1 || cf.hop_limit > 255) {
		client_error(cl, "ping: bad arguments");
		return;
	}
	cf.interval = interval_ms * NS_PER_MS;
	cf.timeout = timeout_ms * NS_PER_MS;
	if (strcmp(oif, "-") != 0) {
		ifc = ip6_if_by_name(&n->ip6, oif);
		if (ifc == NULL) {
			client_error(cl, "ping: the node has no such interface");
			return;
		}
		cf.oif = if_index(ifc);
	}
	cl->ping_conf = cf;
	if (ip6_parse(dest, &cl->ping_conf.dst) == 0)
		begin_ping(cl);
	else
		do_resolve(cl, dest);
}

/* Frames are rendered straight into the client's queue; one that does not fit is lost. */
static void capture_frame(struct client *cl, const struct pcapng_frame *f)
{
	size_t n = pcapng_frame_octets(&cl->cap, f);
	struct wr w;

	if (!client_room(cl, n))
		return;
	w = wr_of(cl->out + cl->out_len, n);
	pcapng_frame(&cl->cap, &w, f);
	cl->out_len += wr_len(&w);
}

static void on_trace(void *ctx, const struct trace *t)
{
	struct control *c = ctx;
	struct pcapng_frame f = { .when = t->now };

	if ((t->kind != TRACE_RX && t->kind != TRACE_TX) || t->pkt == NULL)
		return;
	f.dir = t->kind == TRACE_RX ? PCAPNG_IN : PCAPNG_OUT;
	f.p = t->pkt->p;
	f.len = t->pkt->len;
	for (unsigned i = 0; i < CONTROL_CLIENTS_MAX; i++) {
		struct client *cl = &c->client[i];

		if (cl->fd < 0 || cl->state != CLIENT_CAPTURE ||
		    (cl->cap_if != 0 && cl->cap_if != t->ifindex) || t->ifindex > IF_MAX)
			continue;
		f.iface = cl->cap_number[t->ifindex];
		capture_frame(cl, &f);
	}
}

static void update_tracer(struct control *c)
{
	bool any = false;

	for (unsigned i = 0; i < CONTROL_CLIENTS_MAX; i++)
		any = any || (c->client[i].fd >= 0 && c->client[i].state == CLIENT_CAPTURE);
	node_trace(c->node, (struct tracer){ any ? on_trace : NULL, c });
}

static void do_capture(struct client *cl, const char *name)
{
	struct pcapng_conf conf = { .epoch = cl->control->epoch };
	struct node *n = cl->control->node;
	const struct iface *only = NULL;
	uint8_t head[16384];
	struct wr w = wr_of(head, sizeof(head));

	if (strcmp(name, "-") != 0) {
		only = ip6_if_by_name(&n->ip6, name);
		if (only == NULL) {
			client_error(cl, "capture: the node has no such interface");
			return;
		}
		cl->cap_if = if_index(only);
	}
	pcapng_begin(&cl->cap, &w, &conf);
	for (uint32_t i = 1; i <= IF_MAX; i++) {
		const struct iface *ifc = n->ip6.ifs[i];

		if (ifc != NULL && !ifc->loopback && (only == NULL || only == ifc))
			cl->cap_number[i] = pcapng_iface(&cl->cap, &w, ifc->name);
	}
	client_write(cl, head, wr_len(&w));
	cl->state = CLIENT_CAPTURE;
	update_tracer(cl->control);
}

/* The descriptor goes with an octet, to be closed here. */
static void do_seam(struct client *cl)
{
	union {
		char room[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control = { .room = { 0 } };
	char octet = 0;
	struct iovec iov = { &octet, 1 };
	struct msghdr m = { .msg_iov = &iov,
			    .msg_iovlen = 1,
			    .msg_control = control.room,
			    .msg_controllen = sizeof(control.room) };
	struct cmsghdr *h = CMSG_FIRSTHDR(&m);
	int fd = seam_client(cl->control->seam);

	if (fd < 0) {
		client_error(cl, "the node serves too many programs already");
		return;
	}
	h->cmsg_level = SOL_SOCKET;
	h->cmsg_type = SCM_RIGHTS;
	h->cmsg_len = CMSG_LEN(sizeof(fd));
	memcpy(CMSG_DATA(h), &fd, sizeof(fd));
	(void)sendmsg(cl->fd, &m, MSG_NOSIGNAL | MSG_DONTWAIT);
	close(fd);
	cl->state = CLIENT_CLOSING;
}

static void request(struct client *cl, time_ns now)
{
	char *args = strchr(cl->line, ' ');

	if (args != NULL)
		*args++ = '\0';
	if (strcmp(cl->line, "status") == 0) {
		do_status(cl);
	} else if (strcmp(cl->line, "ping") == 0 && args != NULL) {
		do_ping(cl, args);
		node_settle(cl->control->node, now);
	} else if (strcmp(cl->line, "capture") == 0 && args != NULL) {
		do_capture(cl, args);
	} else if (strcmp(cl->line, "metrics") == 0) {
		do_metrics(cl, false);
	} else if (strcmp(cl->line, "GET") == 0 && args != NULL) {
		do_http(cl, args);
	} else if (strcmp(cl->line, "seam") == 0) {
		do_seam(cl);
	} else if (strcmp(cl->line, "down") == 0) {
		cl->control->end = true;
		cl->state = CLIENT_WAITING;
	} else {
		client_error(cl, "unknown request");
	}
}

/* A client that will send no more gets what waits for it, and a ping its last line. */
static void client_eof(struct client *cl, bool gone)
{
	struct ping *ping = cl->ping;

	if (gone || cl->state == CLIENT_READING || cl->state == CLIENT_WAITING ||
	    cl->state == CLIENT_HTTP) {
		client_close(cl);
	} else if (cl->state == CLIENT_CAPTURE) {
		cl->state = CLIENT_CLOSING;
	} else if (cl->state == CLIENT_PING && ping == NULL) {
		client_close(cl); /* the name is not known yet */
	} else if (cl->state == CLIENT_PING) {
		on_ping(cl, &(struct ping_result){ .event = PING_EVENT_DONE });
		ping_stop(&cl->control->node->pings, ping);
	}
}

static void client_read(struct client *cl, bool gone, time_ns now)
{
	char *at = cl->line + cl->line_len, *end;
	char sink[256];
	bool reading = cl->state == CLIENT_READING;
	ssize_t n;

	n = reading ? recv(cl->fd, at, sizeof(cl->line) - 1 - cl->line_len, MSG_DONTWAIT)
		    : recv(cl->fd, sink, sizeof(sink), MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) { /* also when a line leaves no room for its end */
		client_eof(cl, gone || n < 0);
		return;
	}
	if (!reading) {
		if (cl->state == CLIENT_HTTP)
			http_read(cl, sink, (size_t)n);
		client_flush(cl);
		return;
	}
	cl->line_len += (size_t)n;
	cl->line[cl->line_len] = '\0';
	end = memchr(cl->line, '\n', cl->line_len);
	if (end == NULL)
		return;
	*end = '\0';
	request(cl, now);
	if (cl->state == CLIENT_HTTP) { /* what came with the line, from its end on */
		*end = '\n';
		http_read(cl, end, (size_t)(cl->line + cl->line_len - end));
	}
	client_flush(cl);
}

static void accept_client(struct control *c)
{
	int fd = accept4(c->listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	static const char busy[] = "{\"error\": \"the node has too many clients already\"}\n";
	struct epoll_event ev = { .events = EPOLLIN };

	if (fd < 0)
		return;
	for (unsigned i = 0; i < CONTROL_CLIENTS_MAX; i++) {
		struct client *cl = &c->client[i];

		if (cl->fd >= 0)
			continue;
		ev.data.ptr = cl;
		*cl = (struct client){ .control = c, .fd = fd, .watching = EPOLLIN };
		if (epoll_ctl(c->epoll_fd, EPOLL_CTL_ADD, fd, &ev) < 0)
			client_close(cl);
		return;
	}
	(void)send(fd, busy, sizeof(busy) - 1, MSG_NOSIGNAL);
	close(fd);
}

struct control *control_new(struct node *n, int listen_fd, int epoll_fd, time_ns epoch)
{
	struct control *c = calloc(1, sizeof(*c));
	struct epoll_event ev = { .events = EPOLLIN, .data.ptr = c };

	if (c == NULL)
		return NULL;
	c->node = n;
	c->listen_fd = listen_fd;
	c->epoll_fd = epoll_fd;
	c->epoch = epoch;
	c->seam = seam_new(n, epoll_fd);
	if (c->seam == NULL) {
		free(c);
		return NULL;
	}
	for (unsigned i = 0; i < CONTROL_CLIENTS_MAX; i++)
		c->client[i] = (struct client){ .control = c, .fd = -1 };
	if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, listen_fd, &ev) < 0) {
		seam_free(c->seam);
		free(c);
		return NULL;
	}
	return c;
}

/* The rest of a capture, whose last frame would be cut short else; but not for ever. */
static void client_drain(struct client *cl)
{
	struct pollfd p = { .fd = cl->fd, .events = POLLOUT };

	while (cl->fd >= 0 && cl->out_len > 0 && poll(&p, 1, DRAIN_MS) > 0)
		client_flush(cl);
}

void control_free(struct control *c)
{
	if (c == NULL)
		return;
	node_trace(c->node, (struct tracer){ 0 });
	for (unsigned i = 0; i < CONTROL_CLIENTS_MAX; i++) {
		client_drain(&c->client[i]);
		if (c->client[i].fd >= 0)
			client_close(&c->client[i]);
	}
	seam_free(c->seam);
	close(c->listen_fd);
	free(c);
}

bool control_event(struct control *c, void *what, uint32_t events, time_ns now)
{
	struct client *cl = what;

	if (what == c) {
		accept_client(c);
		return true;
	}
	if (cl < c->client || cl >= c->client + CONTROL_CLIENTS_MAX)
		return seam_event(c->seam, what, events);
	if (cl->fd >= 0 && (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0)
		client_read(cl, (events & (EPOLLHUP | EPOLLERR)) != 0, now);
	return true;
}

int control_patience(const struct control *c)
{
	return seam_patience(c->seam);
}

bool control_has_work(const struct control *c)
{
	return seam_has_work(c->seam);
}

void control_flush(struct control *c)
{
	seam_flush(c->seam);
	for (unsigned i = 0; i < CONTROL_CLIENTS_MAX; i++)
		if (c->client[i].fd >= 0 && c->client[i].state != CLIENT_READING)
			client_flush(&c->client[i]);
	update_tracer(c);
}

bool control_wants_end(const struct control *c)
{
	return c->end;
}
