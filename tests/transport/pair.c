/* SPDX-License-Identifier: BSD-3-Clause */
#include "pair.h"

#include <stdio.h>
#include <stdlib.h>

static struct world_node *node_on(struct pair *p, const char *name, unsigned n)
{
	struct world_node *wn = world_add_node(&p->w, name);
	struct mac mac = { { 2, 0, 0, 0, 0, (uint8_t)n } };
	uint32_t ifindex = world_plug_as(wn, "e0", p->wire, &mac);
	struct ip6_addr a = { { 0x20, 0x01, 0x0d, 0xb8, [15] = (uint8_t)n } };

	assert_int_equal(ifindex, PAIR_ZONE);
	assert_int_equal(
		nd_addr_add(&wn->node->nd, world_if(wn, ifindex), &a, 64, ADDR_STATIC, true), 0);
	world_touch(wn);
	return wn;
}

void pair_init(struct pair *p)
{
	struct wire_conf conf = { .delay = NS_PER_MS };

	memset(p, 0, sizeof(*p));
	world_init(&p->w, &(struct world_conf){ .seed = 1 });
	p->wire = world_add_wire(&p->w, "wire", &conf);
	p->a = node_on(p, "a", 1);
	p->b = node_on(p, "b", 2);
	world_run(&p->w, p->w.now + 60 * NS_PER_S);
}

void pair_done(struct pair *p)
{
	world_done(&p->w);
}

void pair_run(struct pair *p, unsigned ms)
{
	world_touch(p->a);
	world_touch(p->b);
	world_run(&p->w, p->w.now + ms * NS_PER_MS);
}

uint64_t pair_drops(const struct world_node *n, enum drop why)
{
	return node_drops(n->node, why);
}

struct sock *open_on(struct world_node *n, int type, int protocol)
{
	struct sock *s = NULL;

	assert_int_equal(sock_open(pair_socks(n), AF_INET6, type, protocol, &s), 0);
	return s;
}

struct sockaddr_in6 in6(const char *text, unsigned port)
{
	struct sockaddr_in6 ret = { .sin6_family = AF_INET6 };
	char buf[64] = "::";
	struct ip6_addr a;
	char *zone;

	if (text != NULL)
		snprintf(buf, sizeof(buf), "%s", text);
	zone = strchr(buf, '%');
	if (zone != NULL) {
		*zone = '\0';
		ret.sin6_scope_id = (uint32_t)strtoul(zone + 1, NULL, 10);
	}
	assert_int_equal(ip6_parse(buf, &a), 0);
	memcpy(&ret.sin6_addr, a.b, sizeof(a.b));
	put_be16((uint8_t *)&ret.sin6_port, (uint16_t)port);
	return ret;
}

int bind_to(struct sock *s, const char *text, unsigned port)
{
	struct sockaddr_in6 a = in6(text, port);

	return sock_bind(s, (const struct sockaddr *)&a, sizeof(a));
}

int connect_to(struct sock *s, const char *text, unsigned port)
{
	struct sockaddr_in6 a = in6(text, port);

	return sock_connect(s, (const struct sockaddr *)&a, sizeof(a));
}

/* What leaves the node waits there for pair_run(). */
static int send_msg(struct sock *s, const char *to, unsigned port, const void *p, size_t n,
		    void *control, size_t control_octets)
{
	struct sockaddr_in6 a = in6(to, port);
	struct iovec iov = { .iov_base = (void *)(uintptr_t)p, .iov_len = n };
	struct msghdr msg = { .msg_name = to != NULL ? &a : NULL,
			      .msg_namelen = to != NULL ? sizeof(a) : 0,
			      .msg_iov = &iov,
			      .msg_iovlen = 1,
			      .msg_control = control,
			      .msg_controllen = control_octets };
	struct node *node = CONTAINER_OF(s->of, struct node, socks);
	int rc = (int)sock_sendmsg(s, &msg, 0);

	node_settle(node, node->env.now);
	return rc;
}

int send_octets(struct sock *s, const char *to, unsigned port, const void *p, size_t n)
{
	return send_msg(s, to, port, p, n, NULL, 0);
}

int send_to(struct sock *s, const char *to, unsigned port, const char *data)
{
	return send_octets(s, to, port, data, strlen(data));
}

int send_with(struct sock *s, const char *to, unsigned port, const char *data, int type,
	      const void *p, size_t n)
{
	uint8_t control[512] __attribute__((aligned(8))) = { 0 };
	struct cmsghdr *c = (struct cmsghdr *)(void *)control;

	assert_true(CMSG_SPACE(n) <= sizeof(control));
	*c = (struct cmsghdr){ CMSG_LEN(n), IPPROTO_IPV6, type };
	memcpy(CMSG_DATA(c), p, n);
	return send_msg(s, to, port, data, strlen(data), control, CMSG_SPACE(n));
}

struct got recv_from(struct sock *s, size_t room, int flags)
{
	struct got g = { .flags = 0 };
	struct sockaddr_in6 from = { 0 };
	struct iovec iov = { .iov_base = g.data, .iov_len = room };
	struct msghdr msg = { .msg_name = &from,
			      .msg_namelen = sizeof(from),
			      .msg_iov = &iov,
			      .msg_iovlen = 1,
			      .msg_control = g.control,
			      .msg_controllen = sizeof(g.control) };
	char text[IP6_TEXT_MAX];
	struct ip6_addr a;

	g.rc = (int)sock_recvmsg(s, &msg, flags);
	g.flags = msg.msg_flags;
	g.control_octets = msg.msg_controllen;
	memcpy(a.b, &from.sin6_addr, sizeof(a.b));
	if (from.sin6_scope_id != 0)
		snprintf(g.from, sizeof(g.from), "[%s%%%u]:%u", ip6_text(&a, text),
			 from.sin6_scope_id, get_be16((const uint8_t *)&from.sin6_port));
	else
		snprintf(g.from, sizeof(g.from), "[%s]:%u", ip6_text(&a, text),
			 get_be16((const uint8_t *)&from.sin6_port));
	return g;
}

void assert_recv(struct sock *s, const char *from, const char *data)
{
	struct got g = recv_from(s, sizeof(g.data) - 1, 0);

	assert_int_equal(g.rc, strlen(data));
	g.data[g.rc] = '\0';
	assert_string_equal(g.data, data);
	assert_string_equal(g.from, from);
}

void assert_nothing(struct sock *s)
{
	assert_int_equal(recv_from(s, 1, 0).rc, -EAGAIN);
}

const uint8_t *got_cmsg(const struct got *g, int level, int type, size_t *n)
{
	for (size_t at = 0; at + sizeof(struct cmsghdr) <= g->control_octets;) {
		struct cmsghdr h;

		memcpy(&h, g->control + at, sizeof(h));
		assert_true(h.cmsg_len >= sizeof(h) && h.cmsg_len <= g->control_octets - at);
		if (h.cmsg_level == level && h.cmsg_type == type) {
			if (n != NULL)
				*n = h.cmsg_len - CMSG_LEN(0);
			return g->control + at + CMSG_LEN(0);
		}
		at += CMSG_ALIGN(h.cmsg_len);
	}
	return NULL;
}

int got_int(const struct got *g, int type)
{
	const uint8_t *p = got_cmsg(g, IPPROTO_IPV6, type, NULL);
	int v = -1000;

	if (p != NULL)
		memcpy(&v, p, sizeof(v));
	return v;
}

int set_int(struct sock *s, int level, int name, int v)
{
	return sock_setsockopt(s, level, name, &v, sizeof(v));
}

int get_int(struct sock *s, int level, int name)
{
	int v = 0, rc;
	socklen_t len = sizeof(v);

	rc = sock_getsockopt(s, level, name, &v, &len);
	if (rc == 0)
		assert_int_equal(len, sizeof(v));
	return rc < 0 ? rc : v;
}
