/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The neighbour cache under any sequence of events, with a clock that the input moves. After
 * each event the books must balance; at the end every packet must have been seen off.
 */
#include "link/neigh.h"

#define ADDRS 24
#define MACS  4

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct fuzz {
	struct pkt_pool pool;
	struct env env;
	struct link_if eth[2];
	struct neigh_table t;
	uint64_t sent, left, taken;
	time_ns asked[2][ADDRS];	/* when each was last solicited */
	struct neigh_ref ref[2][ADDRS]; /* and which entry it was then */
};

static struct ip6_addr addr_of(unsigned i)
{
	return (struct ip6_addr){ { 0xfe, 0x80, [15] = (uint8_t)i } };
}

static void drain(struct fuzz *f)
{
	struct pkt *pkt;

	for (unsigned i = 0; i < 2; i++) {
		while ((pkt = pktq_get(&f->eth[i].tx)) != NULL) {
			ASSERT(get_be16(pkt->p + ETH_TYPE_OFF) == ETH_TYPE_IP6);
			ASSERT(pkt->p[ETH_DST_OFF] == 2);
			f->left++;
			pkt_free(pkt);
		}
	}
}

/* One entry against its own state. */
static void check_entry(const struct fuzz *f, const struct neigh *n)
{
	bool lladdr = nud_has_lladdr(&n->nud);
	bool armed = timer_is_armed(&n->timer);

	ASSERT(n->in_tab);
	ASSERT(!lladdr || n->waiting.n == 0);
	ASSERT(n->nud.state != NUD_INCOMPLETE || n->waiting.n > 0);
	ASSERT(n->waiting.n <= f->t.conf.queue_pkts);
	ASSERT(n->nud.deadline == TIME_NEVER || (armed && n->timer.when <= n->nud.deadline));
	ASSERT(n->nud.deadline >= f->env.now);
	ASSERT(armed || n->nud.state == NUD_PERMANENT);
	ASSERT(list_is_on(&n->on_age) ==
	       (!lladdr || n->nud.state == NUD_STALE || n->nud.state == NUD_UNREACHABLE));
	ASSERT(neigh_find(&f->t, n->nif->lif, &n->addr) == n);
}

static void check(const struct fuzz *f)
{
	const struct neigh_table *t = &f->t;
	uint32_t in_tab = 0, unresolved = 0, waiting = 0, failed = 0;

	for (struct neigh *n = neigh_iter(t, NULL); n != NULL; n = neigh_iter(t, n)) {
		check_entry(f, n);
		in_tab++;
		unresolved += !nud_has_lladdr(&n->nud);
		waiting += n->waiting.n;
	}
	LIST_FOR_EACH(it, &t->unresolved) {
		const struct neigh *n = LIST_ENTRY(it, struct neigh, on_age);

		if (n->in_tab)
			continue;
		failed++;
		waiting += n->waiting.n;
		ASSERT(n->nud.state == NUD_FREE && !timer_is_armed(&n->timer));
	}
	ASSERT(t->n == in_tab + failed && t->n <= t->conf.max);
	ASSERT(t->n_unresolved == unresolved + failed);
	ASSERT(t->n_waiting == waiting);
	ASSERT(t->n_waiting <= t->conf.queue_total + t->n_unresolved);
}

/* 7.3.3 MUST NOT: no entry is solicited twice within RetransTimer (both interfaces: 1 s, 7 s). */
static void check_rate(struct fuzz *f, struct neigh *n)
{
	unsigned i = n->nif->lif->ifindex - 1, a = n->addr.b[15];
	time_ns retrans = i == 0 ? NS_PER_S : 7 * NS_PER_S;

	if (neigh_deref(&f->ref[i][a]) == n)
		ASSERT(f->env.now >= f->asked[i][a] + retrans);
	f->ref[i][a] = neigh_ref(n);
	f->asked[i][a] = f->env.now;
}

static void work(struct fuzz *f, bool take)
{
	struct pktq q = { 0 };
	enum nud_do what;
	struct neigh *n;

	while ((n = neigh_todo(&f->t, &what)) != NULL) {
		enum nud_state s = n->nud.state;

		ASSERT(what != NUD_DO_NS_UCAST || s == NUD_PROBE);
		ASSERT(what != NUD_DO_NS_MCAST || s == NUD_INCOMPLETE || s == NUD_UNREACHABLE);
		ASSERT(what != NUD_DO_UNREACH || s == NUD_FREE);
		if (what != NUD_DO_UNREACH)
			check_rate(f, n);
		else if (take)
			neigh_take_waiting(&f->t, n, &q);
	}
	f->taken += q.n;
	pktq_free(&q);
}

static void run_to(struct fuzz *f, time_ns to)
{
	struct timer *timer;

	while (timers_next(&f->env.timers) <= to) {
		f->env.now = timers_next(&f->env.timers);
		while ((timer = timers_pop(&f->env.timers, f->env.now)) != NULL)
			neigh_timer(&f->t, timer, f->env.now);
		work(f, true);
	}
	f->env.now = to;
	timers_pop(&f->env.timers, to);
}

static void send_to(struct fuzz *f, struct link_if *lif, const struct ip6_addr *a)
{
	struct pkt *pkt = pkt_new(&f->pool, 40);

	ASSERT(pkt != NULL);
	memset(pkt_put(pkt, 40), 0, 40);
	f->sent++;
	neigh_send(&f->t, lif, a, pkt);
}

/* Three octets of input: what, to whom, how. */
static void event(struct fuzz *f, uint8_t what, uint8_t who, uint8_t how)
{
	struct link_if *lif = &f->eth[who >> 7];
	struct ip6_addr a = addr_of(who % ADDRS);
	struct mac m = { { 2, 0, 0, 0, 0, how % MACS } };
	struct mac *lladdr = (how & 0x10) != 0 ? &m : NULL;
	struct neigh *n = neigh_find(&f->t, lif, &a);

	switch (what % 12) {
	case 0:
	case 1:
	case 2:
		send_to(f, lif, &a);
		break;
	case 3:
	case 4:
		neigh_advert(&f->t, lif, &a, lladdr, how & 0xe0);
		break;
	case 5:
		neigh_hint(&f->t, lif, &a, lladdr, (enum neigh_role)((how >> 5) % 3));
		break;
	case 6:
		if (n != NULL)
			neigh_confirm(&f->t, n);
		break;
	case 7:
		if (how < 40)
			neigh_set(&f->t, lif, &a, &m);
		else
			neigh_get(&f->t, lif, &a);
		break;
	case 8:
		if (n != NULL && (how & 1) != 0)
			neigh_del(&f->t, n);
		else if (how < 20)
			neigh_flush(&f->t, lif);
		break;
	case 9:
		work(f, (how & 1) != 0);
		break;
	default:
		work(f, true); /* a step ends before time moves */
		run_to(f, f->env.now + ((uint64_t)how * how * how << (who % 16)) * NS_PER_US);
		break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t seed[RNG_SEED_OCTETS] = { 0 };
	struct neigh_conf conf = NEIGH_CONF_DEFAULT;
	struct nud_conf nud = NUD_CONF_DEFAULT;
	static struct fuzz f;

	memset(&f, 0, sizeof(f));
	conf.max = 12;
	conf.max_unresolved = 5;
	conf.queue_pkts = 3;
	conf.queue_total = 8;
	pkt_pool_init(&f.pool, 100000, 0);
	env_init(&f.env, &f.pool, seed, 0);
	neigh_init(&f.t, &f.env, &conf);
	for (uint32_t i = 0; i < 2; i++) {
		f.eth[i] = (struct link_if){
			.ifindex = i + 1, .mtu = 1500, .up = true, .tx_max = 1000
		};
		ASSERT(neigh_if_add(&f.t, &f.eth[i], &nud) != NULL);
		nud.retrans = 7 * NS_PER_S;
		nud.backoff = 0;
	}
	for (; size >= 3; data += 3, size -= 3) {
		event(&f, data[0], data[1], data[2]);
		drain(&f);
		check(&f);
	}
	neigh_done(&f.t);
	ASSERT(f.env.timers.n == 0);
	for (unsigned d = 0; d < DROP_NUM; d++)
		f.left += f.env.drops[d];
	ASSERT(f.sent == f.left + f.taken);
	pkt_pool_done(&f.pool);
	return 0;
}
