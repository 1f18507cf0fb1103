/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Theory of operation. A lookup is a list of names to try, one by one: what was asked for, alone or within
 * the search list. With a dot in it, it is tried as it stands first (RFC 1535 section 6), so that no
 * advertised domain can stand in front of a real name. Each name is one question, with an id
 * and a source port of its own that nobody can guess (RFC 5452), put to the servers in the order in
 * which RFC 8106 section 6.2 keeps them, all of them before any is asked again (RFC 1035 section
 * 4.2.1), up to RESOLVE_TRIES times, with twice the patience each round. A server that says that it
 * cannot tell, or that cannot be reached, is passed over at once. "No" ends the question, and the next
 * name is tried.
 *
 * The list of servers is looked at anew before each query: one that was withdrawn, or whose time is
 * over, is asked no more, even in the middle of a lookup.
 *
 * An answer counts only from a server that was asked, from its port 53, to the address and port it
 * was asked from, and to the same question; anything else is dropped and the wait goes on. There is no
 * TCP: a truncated answer is the end, and says so.
 *
 * Read RFC 8106 sections 5 to 7, RFC 1034 section 5.3.1, RFC 5452 section 9, RFC 2308.
 */
#include "node/resolve.h"

#include <linux/errqueue.h>
#include <stdlib.h>

#define PORT_MIN   1024 /* RFC 6056 section 3.2: of queries, all that are nobody's by right */
#define PORT_TRIES 32
#define OOB_OCTETS 128 /* of ancillary data */

void resolver_init(struct resolver *r, struct nd *nd, struct socks *socks)
{
	*r = (struct resolver){ .nd = nd, .socks = socks };
	list_init(&r->all);
}

static struct env *env_of(const struct resolver *r)
{
	return r->nd->ip6->env;
}

void resolve_stop(struct resolver *r, struct lookup *l)
{
	timer_cancel(&env_of(r)->timers, &l->timer);
	sock_close(l->sock);
	list_del(&l->on);
	r->n--;
	free(l);
}

void resolver_flush(struct resolver *r)
{
	free(r->cache);
	r->cache = NULL;
}

void resolver_done(struct resolver *r)
{
	LIST_FOR_EACH(it, &r->all)
		resolve_stop(r, LIST_ENTRY(it, struct lookup, on));
	resolver_flush(r);
}

const char *resolve_end_text(enum resolve_end end)
{
	static const char *const texts[] = {
		[RESOLVE_OK] = "found",
		[RESOLVE_NO_SERVER] = "no name server is known: no router advertised one",
		[RESOLVE_SILENT] = "no name server answers",
		[RESOLVE_REFUSED] = "the name servers cannot tell",
		[RESOLVE_UNREACHABLE] = "no name server can be reached",
		[RESOLVE_NO_NAME] = "there is no such name",
		[RESOLVE_NO_ADDR] = "it has no IPv6 address",
		[RESOLVE_TRUNCATED] =
			"the answer is too long for a datagram, and TCP is not there yet",
		[RESOLVE_LOOP] = "its aliases lead nowhere",
	};

	return texts[end];
}

static void finish(struct resolver *r, struct lookup *l, const struct resolve_result *result)
{
	struct resolve_asker asker = l->asker;

	resolve_stop(r, l);
	if (asker.fn != NULL)
		asker.fn(asker.ctx, result);
}

static void fail_with(struct resolver *r, struct lookup *l, enum resolve_end end)
{
	struct resolve_result result = { .end = end, .name = l->name[0] };

	finish(r, l, &result);
}

/*
 * The cache.
 */
static struct resolve_cached *cache_find(struct resolver *r, const struct dname *name)
{
	for (unsigned i = 0; r->cache != NULL && i < RESOLVE_CACHE_MAX; i++)
		if (r->cache[i].until > env_of(r)->now && dname_eq(&r->cache[i].name, name))
			return &r->cache[i];
	return NULL;
}

/* When it is full, what would end first makes room. */
static void cache_put(struct resolver *r, const struct dname *name, const struct dns_reply *reply)
{
	uint32_t most = reply->verdict == DNS_ADDRS ? RESOLVE_TTL_MAX_S : RESOLVE_NO_MAX_S;
	struct resolve_cached *c;

	if (reply->ttl_s == 0)
		return;
	if (r->cache == NULL)
		r->cache = calloc(RESOLVE_CACHE_MAX, sizeof(*r->cache));
	c = r->cache;
	for (unsigned i = 1; c != NULL && i < RESOLVE_CACHE_MAX; i++)
		if (r->cache[i].until < c->until)
			c = &r->cache[i];
	if (c == NULL)
		return;
	c->name = *name;
	c->reply = *reply;
	c->until = time_after(env_of(r)->now, MIN(reply->ttl_s, most) * NS_PER_S);
}

/*
 * The order of addresses: RFC 6724 section 6.
 */
static void candidate(struct resolver *r, const struct ip6_addr *a, struct dst_cand *d,
		      struct src_cand *s)
{
	struct ip6_addr src;
	const struct if_addr *own;
	int rc = ip6_source(r->nd->ip6, a, 0, &src);

	*d = (struct dst_cand){ .addr = *a, .unreachable = rc == -ENETUNREACH };
	own = rc == 0 ? ip6_local(r->nd->ip6, &src, 0) : NULL;
	if (own == NULL)
		return;
	*s = (struct src_cand){ .addr = src,
				.ifindex = if_index(own->ifc),
				.prefix_len = own->prefix_len,
				.deprecated = own->state == ADDR_DEPRECATED,
				.optimistic = own->state == ADDR_OPTIMISTIC };
	d->src = s;
}

static void found(struct resolver *r, struct lookup *l, const struct dns_reply *reply)
{
	struct resolve_result result = { .end = RESOLVE_OK,
					 .name = reply->canonical,
					 .n = reply->n };
	struct dst_cand dst[DNS_ADDRS_MAX];
	struct src_cand src[DNS_ADDRS_MAX];

	for (unsigned i = 0; i < reply->n; i++)
		candidate(r, &reply->addr[i], &dst[i], &src[i]);
	ip6_sort_dests(&r->nd->ip6->policy, dst, reply->n);
	for (unsigned i = 0; i < reply->n; i++)
		result.addr[i] = dst[i].addr;
	finish(r, l, &result);
}

/*
 * Questions.
 */
static void arrived(void *ctx, struct sock *sock);

static int bind_any(struct resolver *r, struct sock *s)
{
	struct sockaddr_in6 sin6 = { .sin6_family = AF_INET6 };
	int rc = -EADDRINUSE;

	for (unsigned i = 0; rc == -EADDRINUSE && i < PORT_TRIES; i++) {
		uint16_t port = (uint16_t)rng_between(&env_of(r)->rng, PORT_MIN, UINT16_MAX);

		put_be16((uint8_t *)&sin6.sin6_port, port);
		rc = sock_bind(s, (const struct sockaddr *)&sin6, sizeof(sin6));
	}
	return rc;
}

/* Without a socket each query fails: nothing can be sent. */
static void begin(struct resolver *r, struct lookup *l)
{
	static const int on = 1;

	sock_close(l->sock);
	l->sock = NULL;
	l->n_servers = 0;
	l->id = (uint16_t)rng_u32(&env_of(r)->rng);
	l->asking = true;
	if (sock_open(r->socks, AF_INET6, SOCK_DGRAM, 0, &l->sock) < 0)
		return;
	(void)sock_setsockopt(l->sock, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof(on));
	(void)sock_setsockopt(l->sock, IPPROTO_IPV6, IPV6_RECVERR, &on, sizeof(on));
	sock_on_ready(l->sock, arrived, l);
	if (bind_any(r, l->sock) == 0)
		return;
	sock_close(l->sock);
	l->sock = NULL;
}

/* RFC 8106 section 5.1: a link-local server is asked by the link that it was learned on. */
static struct resolve_server *server_get(struct lookup *l, const struct ip6_addr *addr,
					 uint32_t ifindex)
{
	uint32_t oif = ip6_is_linklocal(addr) ? ifindex : 0;

	for (unsigned i = 0; i < l->n_servers; i++)
		if (l->server[i].oif == oif && ip6_eq(&l->server[i].addr, addr))
			return &l->server[i];
	if (l->n_servers == RESOLVE_SERVERS_MAX)
		return NULL;
	l->server[l->n_servers] = (struct resolve_server){ .addr = *addr, .oif = oif };
	return &l->server[l->n_servers++];
}

/* Of the servers known now, in order, the first of those asked least; NULL if all were asked enough. */
static struct resolve_server *choose(struct resolver *r, struct lookup *l, unsigned *known)
{
	struct resolve_server *best = NULL;

	*known = 0;
	for (uint32_t i = 1; i <= IF_MAX; i++) {
		const struct iface *ifc = ip6_if(r->nd->ip6, i);

		if (ifc == NULL || ifc->nd == NULL)
			continue;
		for (unsigned k = 0; k < nd_if(ifc)->dns.servers.n; k++) {
			struct ip6_addr a = nd_said_addr(&nd_if(ifc)->dns.servers.item[k]);
			struct resolve_server *s = server_get(l, &a, i);

			++*known;
			if (s != NULL && !s->failed && s->tries < RESOLVE_TRIES &&
			    (best == NULL || s->tries < best->tries))
				best = s;
		}
	}
	return best;
}

/* What goes out with, and comes in with, a datagram. */
struct oob {
	struct iovec iov;
	struct sockaddr_in6 peer;
	uint8_t control[OOB_OCTETS] __attribute__((aligned(8)));
	struct msghdr msg;
};

static void oob_init(struct oob *o, void *p, size_t n)
{
	memset(o, 0, sizeof(*o));
	o->iov = (struct iovec){ .iov_base = p, .iov_len = n };
	o->msg = (struct msghdr){ .msg_name = &o->peer,
				  .msg_namelen = sizeof(o->peer),
				  .msg_iov = &o->iov,
				  .msg_iovlen = 1,
				  .msg_control = o->control,
				  .msg_controllen = sizeof(o->control) };
}

static bool oob_get(struct oob *o, int type, void *to, size_t n)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&o->msg); c != NULL; c = CMSG_NXTHDR(&o->msg, c)) {
		if (c->cmsg_level != IPPROTO_IPV6 || c->cmsg_type != type ||
		    c->cmsg_len < CMSG_LEN(n))
			continue;
		memcpy(to, CMSG_DATA(c), n);
		return true;
	}
	return false;
}

static int query(struct resolver *r, struct lookup *l, struct resolve_server *s)
{
	uint8_t octets[DNS_QUERY_OCTETS];
	struct wr w = wr_of(octets, sizeof(octets));
	struct in6_pktinfo info = { .ipi6_ifindex = s->oif };
	struct cmsghdr *c;
	struct oob o;
	int rc = ip6_source(r->nd->ip6, &s->addr, s->oif, &s->src);

	if (rc < 0 || l->sock == NULL)
		return rc < 0 ? rc : -ENOBUFS;
	dns_query_build(&w, l->id, &l->name[l->at]);
	ASSERT(!w.overflow);
	oob_init(&o, octets, wr_len(&w));
	o.peer.sin6_family = AF_INET6;
	o.peer.sin6_scope_id = s->oif;
	put_be16((uint8_t *)&o.peer.sin6_port, DNS_PORT);
	memcpy(&o.peer.sin6_addr, s->addr.b, sizeof(s->addr.b));
	memcpy(&info.ipi6_addr, s->src.b, sizeof(s->src.b));
	c = CMSG_FIRSTHDR(&o.msg);
	*c = (struct cmsghdr){ CMSG_LEN(sizeof(info)), IPPROTO_IPV6, IPV6_PKTINFO };
	memcpy(CMSG_DATA(c), &info, sizeof(info));
	o.msg.msg_controllen = CMSG_SPACE(sizeof(info));
	rc = (int)sock_sendmsg(l->sock, &o.msg, 0);
	return MIN(rc, 0);
}

static enum resolve_end why_not(const struct lookup *l, unsigned known)
{
	enum resolve_end end = known == 0 ? RESOLVE_NO_SERVER : RESOLVE_UNREACHABLE;

	for (unsigned i = 0; known > 0 && i < l->n_servers; i++) {
		if (l->server[i].tries > 0 && !l->server[i].failed)
			return RESOLVE_SILENT;
		if (l->server[i].said)
			end = RESOLVE_REFUSED;
	}
	return end;
}

/* Ask the next server, or give up. */
static void ask(struct resolver *r, struct lookup *l)
{
	struct resolve_server *s;
	unsigned known;

	while ((s = choose(r, l, &known)) != NULL) {
		s->tries++;
		l->last = (unsigned)(s - l->server);
		if (query(r, l, s) == 0) {
			timer_set(&env_of(r)->timers, &l->timer,
				  time_after(env_of(r)->now, RESOLVE_TIMEOUT << (s->tries - 1)));
			return;
		}
		s->failed = true;
	}
	fail_with(r, l, why_not(l, known));
}

static void heard(struct resolver *r, struct lookup *l, const struct dns_reply *reply);

/* The question name[at], by the cache or by the servers; behind the last one it is over. */
static void question(struct resolver *r, struct lookup *l)
{
	const struct resolve_cached *c;

	if (l->at == l->n_names) {
		fail_with(r, l, l->exists ? RESOLVE_NO_ADDR : RESOLVE_NO_NAME);
		return;
	}
	c = cache_find(r, &l->name[l->at]);
	if (c != NULL) {
		heard(r, l, &c->reply);
		return;
	}
	begin(r, l);
	ask(r, l);
}

/* A "no" is the end of one name; RESOLVE_NAMES_MAX bounds the recursion through the cache. */
static void heard(struct resolver *r, struct lookup *l, const struct dns_reply *reply)
{
	switch (reply->verdict) {
	case DNS_ADDRS:
		found(r, l, reply);
		return;
	case DNS_NO_ADDR:
		l->exists = true;
		l->at++;
		question(r, l);
		return;
	case DNS_NO_NAME:
		l->at++;
		question(r, l);
		return;
	case DNS_TRUNCATED:
		fail_with(r, l, RESOLVE_TRUNCATED);
		return;
	case DNS_LOOP:
		fail_with(r, l, RESOLVE_LOOP);
		return;
	case DNS_REFUSED:
	case DNS_BAD:
	case DNS_OTHER:
		break;
	}
	ASSERT_NOT_REACHED();
}

static void name_add(struct lookup *l, const struct dname *name, const struct dname *suffix)
{
	struct dname whole = *name;

	if (l->n_names == RESOLVE_NAMES_MAX)
		return;
	if (suffix == NULL || dname_append(&whole, suffix) == 0)
		l->name[l->n_names++] = whole;
}

/* All but one place are the search list's. */
static void names_search(const struct resolver *r, struct lookup *l, const struct dname *name)
{
	for (uint32_t i = 1; i <= IF_MAX; i++) {
		const struct iface *ifc = ip6_if(r->nd->ip6, i);

		if (ifc == NULL || ifc->nd == NULL)
			continue;
		for (unsigned k = 0; k < nd_if(ifc)->dns.domains.n; k++) {
			struct dname suffix = nd_said_name(&nd_if(ifc)->dns.domains.item[k]);

			if (l->n_names < RESOLVE_NAMES_MAX - 1)
				name_add(l, name, &suffix);
		}
	}
}

static void names_make(const struct resolver *r, struct lookup *l, const struct dname *name,
		       bool rooted)
{
	bool first = rooted || dname_labels(name) > RESOLVE_NDOTS;

	if (first)
		name_add(l, name, NULL);
	if (!rooted)
		names_search(r, l, name);
	if (!first)
		name_add(l, name, NULL);
}

int resolve_start(struct resolver *r, const char *text, const struct resolve_asker *asker,
		  struct lookup **ret)
{
	struct dname name;
	struct lookup *l;
	int rc = dname_parse(text, &name);

	if (rc < 0)
		return rc;
	if (r->n == RESOLVES_MAX)
		return -ENOSPC;
	l = calloc(1, sizeof(*l));
	if (l == NULL)
		return -ENOMEM;
	l->asker = *asker;
	l->of = r;
	names_make(r, l, &name, text[strlen(text) - 1] == '.');
	timer_init(&l->timer, TIMER_RESOLVE);
	list_add_tail(&r->all, &l->on);
	r->n++;
	if (ret != NULL)
		*ret = l;
	timer_set(&env_of(r)->timers, &l->timer, env_of(r)->now);
	return 0;
}

void resolve_timer(struct resolver *r, struct timer *timer)
{
	struct lookup *l = CONTAINER_OF(timer, struct lookup, timer);

	if (l->asking)
		ask(r, l);
	else
		question(r, l);
}

/*
 * What comes back.
 */
static struct resolve_server *server_find(struct lookup *l, const struct ip6_addr *addr,
					  const struct ip6_addr *own, uint32_t ifindex)
{
	for (unsigned i = 0; i < l->n_servers; i++) {
		struct resolve_server *s = &l->server[i];

		if (s->tries > 0 && ip6_eq(&s->addr, addr) &&
		    (own == NULL || ip6_eq(&s->src, own)) && (s->oif == 0 || s->oif == ifindex))
			return s;
	}
	return NULL;
}

static void passed_over(struct resolver *r, struct lookup *l, struct resolve_server *s, bool said)
{
	bool waited_for = s == &l->server[l->last] && !s->failed;

	s->failed = true;
	s->said = said;
	if (waited_for)
		ask(r, l);
}

/* The lookup goes on by it, or ends. */
static void response(struct resolver *r, struct lookup *l, struct oob *o, struct rd data)
{
	struct in6_pktinfo info = { .ipi6_ifindex = 0 };
	struct ip6_addr from, own;
	struct resolve_server *s = NULL;
	struct dns_reply reply;

	(void)oob_get(o, IPV6_PKTINFO, &info, sizeof(info));
	memcpy(from.b, &o->peer.sin6_addr, sizeof(from.b));
	memcpy(own.b, &info.ipi6_addr, sizeof(own.b));
	if (get_be16((const uint8_t *)&o->peer.sin6_port) == DNS_PORT)
		s = server_find(l, &from, &own, info.ipi6_ifindex);
	if (s == NULL) {
		env_count_drop(env_of(r), info.ipi6_ifindex, DROP_DNS_NOBODY);
		return;
	}
	dns_reply_parse(data, l->id, &l->name[l->at], &reply);
	env_count_drop(env_of(r), info.ipi6_ifindex,
		       reply.verdict == DNS_BAD	    ? DROP_DNS_BAD
		       : reply.verdict == DNS_OTHER ? DROP_DNS_OTHER
						    : DROP_DNS_DONE);
	if (reply.verdict == DNS_BAD || reply.verdict == DNS_OTHER)
		return;
	if (reply.verdict == DNS_REFUSED) {
		passed_over(r, l, s, true);
		return;
	}
	if (reply.verdict == DNS_ADDRS || reply.verdict == DNS_NO_NAME ||
	    reply.verdict == DNS_NO_ADDR)
		cache_put(r, &l->name[l->at], &reply);
	heard(r, l, &reply);
}

/* An ICMPv6 error about a query. */
static void unreached(struct resolver *r, struct lookup *l, struct oob *o)
{
	struct {
		struct sock_extended_err ee;
		struct sockaddr_in6 offender;
	} err = { 0 };
	struct ip6_addr to;
	struct resolve_server *s;

	if (!oob_get(o, IPV6_RECVERR, &err, sizeof(err)) || err.ee.ee_type == ICMP6_TOO_BIG)
		return;
	memcpy(to.b, &o->peer.sin6_addr, sizeof(to.b));
	s = get_be16((const uint8_t *)&o->peer.sin6_port) == DNS_PORT
		    ? server_find(l, &to, NULL, o->peer.sin6_scope_id)
		    : NULL;
	if (s != NULL)
		passed_over(r, l, s, false);
}

/* One thing at a time: by then the socket may be gone. If it is not, the rest has its turn. */
static void arrived(void *ctx, struct sock *sock)
{
	struct lookup *l = ctx;
	struct resolver *r = l->of;
	uint8_t octets[IP6_PLEN_MAX];
	struct oob o;
	ssize_t n;

	ASSERT(sock == l->sock);
	oob_init(&o, octets, sizeof(octets));
	n = sock_recvmsg(sock, &o.msg, MSG_ERRQUEUE);
	if (n >= 0) {
		sock_on_ready(sock, arrived, l);
		unreached(r, l, &o);
		return;
	}
	oob_init(&o, octets, sizeof(octets));
	n = sock_recvmsg(sock, &o.msg, 0);
	sock_on_ready(sock, arrived, l);
	if (n >= 0)
		response(r, l, &o, rd_of(octets, (size_t)n));
}
