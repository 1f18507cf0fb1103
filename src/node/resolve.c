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

#include <stdlib.h>

#include "node/udp.h"

void resolver_init(struct resolver *r, struct nd *nd)
{
	*r = (struct resolver){ .nd = nd };
	list_init(&r->all);
}

static struct env *env_of(const struct resolver *r)
{
	return r->nd->ip6->env;
}

void resolve_stop(struct resolver *r, struct lookup *l)
{
	timer_cancel(&env_of(r)->timers, &l->timer);
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
static bool port_in_use(const struct resolver *r, uint16_t port)
{
	LIST_FOR_EACH(it, &r->all) {
		const struct lookup *l = LIST_ENTRY(it, struct lookup, on);

		if (l->asking && l->port == port)
			return true;
	}
	return false;
}

static void begin(struct resolver *r, struct lookup *l)
{
	struct rng *rng = &env_of(r)->rng;

	l->asking = false;
	l->n_servers = 0;
	l->id = (uint16_t)rng_u32(rng);
	do
		l->port = (uint16_t)rng_between(rng, 1024, UINT16_MAX);
	while (port_in_use(r, l->port));
	l->asking = true;
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

static int query(struct resolver *r, struct lookup *l, struct resolve_server *s)
{
	struct udp u = { .dst = s->addr, .sport = l->port, .dport = DNS_PORT };
	uint8_t octets[DNS_QUERY_OCTETS];
	struct wr w = wr_of(octets, sizeof(octets));
	int rc = ip6_source(r->nd->ip6, &s->addr, s->oif, &u.src);

	if (rc < 0)
		return rc;
	dns_query_build(&w, l->id, &l->name[l->at]);
	ASSERT(!w.overflow);
	u.data = rd_of(octets, wr_len(&w));
	s->src = u.src;
	return udp_send(r->nd->ip6, &u, s->oif);
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
static struct lookup *lookup_find(const struct resolver *r, uint16_t port)
{
	LIST_FOR_EACH(it, &r->all) {
		struct lookup *l = LIST_ENTRY(it, struct lookup, on);

		if (l->asking && l->port == port)
			return l;
	}
	return NULL;
}

static struct resolve_server *server_find(struct lookup *l, const struct ip6_addr *addr,
					  const struct ip6_addr *own, uint32_t ifindex)
{
	for (unsigned i = 0; i < l->n_servers; i++) {
		struct resolve_server *s = &l->server[i];

		if (s->tries > 0 && ip6_eq(&s->addr, addr) && ip6_eq(&s->src, own) &&
		    (s->oif == 0 || s->oif == ifindex))
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

bool resolve_input(struct resolver *r, struct pkt *pkt)
{
	struct resolve_server *s;
	struct dns_reply reply;
	struct lookup *l;
	struct udp u;
	enum drop why = udp_parse(pkt, &u);

	l = why == DROP_NONE ? lookup_find(r, u.dport) : NULL;
	if (l == NULL)
		return false;
	s = u.sport == DNS_PORT ? server_find(l, &u.src, &u.dst, pkt->ifindex) : NULL;
	if (s == NULL) {
		env_drop(env_of(r), pkt, DROP_DNS_NOBODY);
		return true;
	}
	dns_reply_parse(u.data, l->id, &l->name[l->at], &reply);
	env_drop(env_of(r), pkt,
		 reply.verdict == DNS_BAD     ? DROP_DNS_BAD
		 : reply.verdict == DNS_OTHER ? DROP_DNS_OTHER
					      : DROP_DNS_DONE);
	if (reply.verdict == DNS_BAD || reply.verdict == DNS_OTHER)
		return true;
	if (reply.verdict == DNS_REFUSED) {
		passed_over(r, l, s, true);
		return true;
	}
	if (reply.verdict == DNS_ADDRS || reply.verdict == DNS_NO_NAME ||
	    reply.verdict == DNS_NO_ADDR)
		cache_put(r, &l->name[l->at], &reply);
	heard(r, l, &reply);
	return true;
}

bool resolve_error(struct resolver *r, struct pkt *pkt)
{
	const uint8_t *m = pkt->p + pkt->l4_off;
	struct rd quote = rd_of(m + 8, pkt->len - pkt->l4_off - 8u);
	struct resolve_server *s = NULL;
	struct ip6_addr src, dst;
	struct lookup *l;
	uint32_t off;
	uint8_t next;

	if (m[0] == ICMP6_TOO_BIG || !ip6_upper_find(quote, &next, &off) || next != IP6_NH_UDP ||
	    quote.left < off + UDP_HDR_OCTETS || get_be16(quote.p + off + 2) != DNS_PORT)
		return false;
	src = ip6_hdr_src(quote.p);
	dst = ip6_hdr_dst(quote.p);
	l = lookup_find(r, get_be16(quote.p + off));
	if (l != NULL)
		s = server_find(l, &dst, &src, pkt->ifindex);
	if (s == NULL)
		return false;
	env_drop(env_of(r), pkt, DROP_ICMP6_ERROR_DONE);
	passed_over(r, l, s, false);
	return true;
}
