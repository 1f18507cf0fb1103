/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Theory of operation. Pieces of one datagram wait in the buffers in which they came, in the
 * order of their offsets, none overlapping another. While they wait, pkt->value is the offset of
 * a piece, pkt->l4_off where its data begins behind the fragment header; the headers stay, for
 * the error to quote.
 *
 * A piece is judged alone first (check_alone), then against the pieces that are there (place).
 * What contradicts them ends the datagram: its pieces go, and it is remembered as refused until
 * its time is over, so that its later pieces go the same way (RFC 5722 section 4). When the last
 * hole is closed a new packet is built from all pieces.
 *
 *	nothing --piece--> waiting --last hole closed--> a packet
 *	                   waiting --contradiction--> refused
 *	                   waiting, refused --60 s, or no room--> nothing
 *
 * Everything is bounded: octets and datagrams of the table, datagrams of a source, pieces of a
 * datagram. The oldest makes room.
 *
 * Read first: RFC 8200 section 4.5, RFC 5722 section 4, RFC 6946 section 4, RFC 7112 section 5.
 */
#include "ip6/frag.h"

#include <stdlib.h>

const struct frag_conf FRAG_CONF_DEFAULT = {
	.octets_max = 4 << 20,
	.datagrams_max = 1024,
	.per_source_max = 64,
	.pieces_max = 128,
	.timeout = 60 * NS_PER_S,
};

_Static_assert(sizeof(struct frag_key) == 2 * IP6_ADDR_OCTETS + 8, "no padding");

enum frag_state {
	FRAG_FREE,    /* on t->spare, in no table, its timer idle */
	FRAG_WAITING, /* has pieces and a hole; on t->waiting */
	FRAG_REFUSED, /* has no pieces and takes none; on t->refused */
};

struct frag_dgram {
	struct hnode node;	/* in t->tab */
	struct hnode by_source; /* in t->sources */
	struct list on;		/* t->waiting, t->refused or t->spare */
	struct timer timer;	/* TIMER_FRAG, from the first arrival */
	struct frag_key key;
	uint64_t seq;	    /* order of arrival */
	struct pkt *pieces; /* by offset, linked by pkt->next */
	uint32_t n_pieces;
	uint32_t octets;  /* of their buffers */
	uint32_t have;	  /* octets of data */
	uint32_t end;	  /* of the data, once the last piece was seen; else 0 */
	uint16_t largest; /* fragment, as a whole packet */
	uint8_t ecn_seen; /* a bit for each codepoint */
	uint8_t flags;	  /* PKT_MULTICAST of any piece */
	uint8_t state;	  /* enum frag_state */
	enum drop why;	  /* refused for */
};

void frag_init(struct frag_table *t, struct env *env, const struct frag_conf *conf)
{
	*t = (struct frag_table){ .env = env, .conf = *conf };
	ASSERT(conf->datagrams_max > 0 && conf->per_source_max > 0 && conf->pieces_max > 0);
	list_init(&t->waiting);
	list_init(&t->refused);
	list_init(&t->spare);
	t->id_key.k[0] = rng_u64(&env->rng);
	t->id_key.k[1] = rng_u64(&env->rng);
	for (unsigned i = 0; i < FRAG_COUNTERS; i++)
		t->id_counter[i] = rng_u32(&env->rng);
}

static uint32_t piece_off(const struct pkt *pkt)
{
	return pkt->value;
}

static uint32_t piece_len(const struct pkt *pkt)
{
	return pkt->len - pkt->l4_off;
}

static uint32_t piece_end(const struct pkt *pkt)
{
	return piece_off(pkt) + piece_len(pkt);
}

static const uint8_t *piece_frag_hdr(const struct pkt *pkt)
{
	return pkt->p + pkt->l4_off - IP6_FRAG_OCTETS;
}

static bool piece_more(const struct pkt *pkt)
{
	return (get_be16(piece_frag_hdr(pkt) + IP6_FRAG_OFFSET_OFF) & IP6_FRAG_MORE) != 0;
}

/* Does the zone, that is, the link, belong to what the address means? */
static bool is_of_link(const struct ip6_addr *a)
{
	return (a->b[0] == 0xfe && (a->b[1] & 0xc0) == 0x80) ||
	       (a->b[0] == 0xff && (a->b[1] & 0x0f) <= 2);
}

static struct frag_key key_of(const struct pkt *pkt, uint32_t id)
{
	struct frag_key key = { .src = ip6_hdr_src(pkt->p), .dst = ip6_hdr_dst(pkt->p), .id = id };

	if (is_of_link(&key.src) || is_of_link(&key.dst))
		key.ifindex = pkt->ifindex;
	return key;
}

static uint32_t key_hash(const struct frag_table *t, const struct frag_key *key)
{
	return (uint32_t)siphash(&t->env->key, key, sizeof(*key));
}

static struct frag_dgram *find(const struct frag_table *t, const struct frag_key *key)
{
	uint32_t hash = key_hash(t, key);

	for (struct hnode *n = htab_first(&t->tab, hash); n != NULL; n = htab_next(n)) {
		struct frag_dgram *d = CONTAINER_OF(n, struct frag_dgram, node);

		if (memcmp(&d->key, key, sizeof(*key)) == 0)
			return d;
	}
	return NULL;
}

/* All pieces leave the datagram, into @q. */
static void take_pieces(struct frag_table *t, struct frag_dgram *d, struct pktq *q)
{
	struct pkt *pkt, *next;

	for (pkt = d->pieces; pkt != NULL; pkt = next) {
		next = pkt->next;
		pktq_put(q, pkt);
	}
	t->octets -= d->octets;
	d->pieces = NULL;
	d->n_pieces = d->octets = 0;
}

static void drop_pieces(struct frag_table *t, struct frag_dgram *d, enum drop why)
{
	struct pktq q = { 0 };

	take_pieces(t, d, &q);
	env_drop_queue(t->env, &q, why);
}

/* The one place where a datagram changes its state. */
static void enter(struct frag_table *t, struct frag_dgram *d, enum frag_state state)
{
	ASSERT(d != NULL);
	switch (state) {
	case FRAG_WAITING:
		ASSERT(d->state == FRAG_FREE);
		timer_set(&t->env->timers, &d->timer, time_after(t->env->now, t->conf.timeout));
		list_add_tail(&t->waiting, &d->on);
		t->datagrams++;
		break;
	case FRAG_REFUSED:
		ASSERT(d->state == FRAG_WAITING && d->pieces == NULL);
		list_del(&d->on);
		list_add_tail(&t->refused, &d->on);
		break;
	case FRAG_FREE:
		ASSERT(d->state != FRAG_FREE && d->pieces == NULL);
		timer_cancel(&t->env->timers, &d->timer);
		htab_del(&t->tab, &d->node);
		htab_del(&t->sources, &d->by_source);
		list_del(&d->on);
		list_add_head(&t->spare, &d->on);
		t->datagrams--;
		break;
	}
	d->state = (uint8_t)state;
}

static void give_up(struct frag_table *t, struct frag_dgram *d, enum drop why)
{
	drop_pieces(t, d, why);
	enter(t, d, FRAG_FREE);
}

void frag_done(struct frag_table *t)
{
	struct pktq q = { 0 };

	LIST_FOR_EACH(it, &t->refused)
		enter(t, LIST_ENTRY(it, struct frag_dgram, on), FRAG_FREE);
	LIST_FOR_EACH(it, &t->waiting) {
		struct frag_dgram *d = LIST_ENTRY(it, struct frag_dgram, on);

		take_pieces(t, d, &q);
		enter(t, d, FRAG_FREE);
	}
	pktq_free(&q);
	LIST_FOR_EACH(it, &t->spare) {
		list_del(it);
		free(LIST_ENTRY(it, struct frag_dgram, on));
	}
	htab_done(&t->tab);
	htab_done(&t->sources);
	ASSERT(t->datagrams == 0 && t->octets == 0);
}

/* Room for one datagram of @key more: the oldest of its source goes, or the oldest of all. */
static void make_room(struct frag_table *t, const struct frag_key *key)
{
	uint32_t hash = hash_addr(&t->env->key, &key->src, 0);
	struct frag_dgram *oldest = NULL;
	uint32_t n = 0;

	for (struct hnode *h = htab_first(&t->sources, hash); h != NULL; h = htab_next(h)) {
		struct frag_dgram *d = CONTAINER_OF(h, struct frag_dgram, by_source);

		if (!ip6_eq(&d->key.src, &key->src))
			continue;
		n++;
		if (oldest == NULL || d->seq < oldest->seq)
			oldest = d;
	}
	if (n >= t->conf.per_source_max)
		give_up(t, oldest, DROP_FRAG_SOURCE_FULL);
	if (t->datagrams < t->conf.datagrams_max)
		return;
	/* one that is refused is a smaller loss than one that may still be completed */
	oldest = LIST_ENTRY(!list_is_empty(&t->refused) ? t->refused.next : t->waiting.next,
			    struct frag_dgram, on);
	give_up(t, oldest, DROP_FRAG_FULL);
}

static struct frag_dgram *dgram_alloc(struct frag_table *t)
{
	struct frag_dgram *d;

	if (list_is_empty(&t->spare))
		return malloc(sizeof(*d));
	d = LIST_ENTRY(t->spare.next, struct frag_dgram, on);
	list_del(&d->on);
	return d;
}

static struct frag_dgram *dgram_new(struct frag_table *t, const struct frag_key *key)
{
	struct frag_dgram *d;

	make_room(t, key);
	d = dgram_alloc(t);
	if (d == NULL)
		return NULL;
	*d = (struct frag_dgram){ .key = *key, .seq = ++t->seq, .state = FRAG_FREE };
	timer_init(&d->timer, TIMER_FRAG);
	if (htab_add(&t->tab, &d->node, key_hash(t, key)) < 0) {
		list_add_head(&t->spare, &d->on);
		return NULL;
	}
	if (htab_add(&t->sources, &d->by_source, hash_addr(&t->env->key, &key->src, 0)) < 0) {
		htab_del(&t->tab, &d->node);
		list_add_head(&t->spare, &d->on);
		return NULL;
	}
	enter(t, d, FRAG_WAITING);
	return d;
}

/* Octets for @pkt among the pieces held; the oldest others go. */
static bool make_octets(struct frag_table *t, const struct frag_dgram *keep, const struct pkt *pkt)
{
	LIST_FOR_EACH(it, &t->waiting) {
		struct frag_dgram *d = LIST_ENTRY(it, struct frag_dgram, on);

		if (pkt->size <= t->conf.octets_max - MIN(t->octets, t->conf.octets_max))
			return true;
		if (d != keep)
			give_up(t, d, DROP_FRAG_FULL);
	}
	return pkt->size <= t->conf.octets_max - MIN(t->octets, t->conf.octets_max);
}

static enum drop param_prob(struct frag_error *err, uint8_t code, uint32_t ptr, enum drop why)
{
	*err = (struct frag_error){ .type = ICMP6_PARAM_PROB, .code = code, .param = ptr };
	return why;
}

/*
 * What is wrong with a fragment whatever others say; @err gets the error to send. Sizes are those
 * of RFC 8200 section 4.5, counted with this fragment's own headers.
 */
static enum drop check_alone(const struct pkt *pkt, const struct ip6_walk *w,
			     struct frag_error *err)
{
	struct rd whole = rd_of(pkt->p, pkt->len);
	uint32_t begin = w->off + (uint32_t)IP6_FRAG_OCTETS;
	uint32_t len = pkt->len - begin;

	if (w->frag_more && len % IP6_EXT_UNIT != 0)
		return param_prob(err, ICMP6_PARAM_FIELD, IP6_PLEN_OFF, DROP_FRAG_LEN);
	if (w->off - (uint32_t)IP6_HDR_OCTETS + w->frag_off + len > IP6_PLEN_MAX)
		return param_prob(err, ICMP6_PARAM_FIELD, w->off + IP6_FRAG_OFFSET_OFF,
				  DROP_FRAG_TOO_BIG);
	if (w->frag_off == 0 && !ip6_chain_is_whole(whole, pkt->p[w->off], begin))
		return param_prob(err, ICMP6_PARAM_FRAG, 0, DROP_FRAG_FIRST_CHAIN);
	return len == 0 && !w->frag_atomic ? DROP_FRAG_TINY : DROP_NONE;
}

/* RFC 8200 section 4.5 lets exact duplicates pass; one that differs in an octet is an overlap. */
static bool is_duplicate(const struct pkt *a, const struct pkt *b)
{
	return piece_off(a) == piece_off(b) && piece_len(a) == piece_len(b) &&
	       piece_more(a) == piece_more(b) &&
	       memcmp(a->p + a->l4_off, b->p + b->l4_off, piece_len(a)) == 0;
}

/* Do the pieces, @pkt among them, agree where the datagram ends? @next would follow @pkt. */
static bool ends_agree(const struct frag_dgram *d, const struct pkt *pkt, const struct pkt *next)
{
	if (!piece_more(pkt))
		return next == NULL && (d->end == 0 || d->end == piece_end(pkt));
	return d->end == 0 || piece_end(pkt) < d->end;
}

/*
 * The link to put @pkt at, or why it does not fit in. DROP_FRAG_DUPLICATE is about the piece
 * alone, all others end the datagram.
 */
static enum drop place(const struct frag_table *t, struct frag_dgram *d, const struct pkt *pkt,
		       struct pkt ***ret)
{
	struct pkt **at = &d->pieces;

	while (*at != NULL && piece_end(*at) <= piece_off(pkt))
		at = &(*at)->next;
	if (*at != NULL && is_duplicate(*at, pkt))
		return DROP_FRAG_DUPLICATE;
	if (*at != NULL && piece_off(*at) < piece_end(pkt))
		return DROP_FRAG_OVERLAP;
	if (!ends_agree(d, pkt, *at))
		return DROP_FRAG_LAST;
	if (d->n_pieces >= t->conf.pieces_max)
		return DROP_FRAG_PIECES;
	*ret = at;
	return DROP_NONE;
}

static void hold(struct frag_table *t, struct frag_dgram *d, struct pkt **at, struct pkt *pkt)
{
	pkt->next = *at;
	*at = pkt;
	d->n_pieces++;
	d->octets += pkt->size;
	t->octets += pkt->size;
	d->have += piece_len(pkt);
	if (!piece_more(pkt))
		d->end = piece_end(pkt);
	d->largest = (uint16_t)MAX(d->largest, MIN(pkt->len, (uint32_t)UINT16_MAX));
	d->ecn_seen |= (uint8_t)(1 << (ip6_hdr_class(pkt->p) & IP6_ECN_MASK));
	d->flags |= pkt->flags & PKT_MULTICAST;
}

/* RFC 3168 section 5.3: congestion may not get lost, nor be told to who does not know of it. */
static bool ecn_of(const struct frag_dgram *d, uint8_t *tclass)
{
	if ((d->ecn_seen & 1 << IP6_ECN_CE) == 0)
		return true;
	if ((d->ecn_seen & 1 << IP6_ECN_NOT_ECT) != 0)
		return false;
	*tclass |= IP6_ECN_CE;
	return true;
}

/* The packet that the pieces make; they stay. NULL with @why set if there is none. */
static struct pkt *build(struct frag_table *t, const struct frag_dgram *d, enum drop *why)
{
	const struct pkt *first = d->pieces;
	uint32_t hdrs = first->l4_off - (uint32_t)IP6_FRAG_OCTETS;
	uint8_t tclass = ip6_hdr_class(first->p);
	struct pkt *pkt;

	*why = DROP_FRAG_TOO_BIG; /* the first fragment may have more headers than others */
	if (hdrs - IP6_HDR_OCTETS + d->end > IP6_PLEN_MAX)
		return NULL;
	*why = DROP_FRAG_ECN;
	if (!ecn_of(d, &tclass))
		return NULL;
	*why = DROP_NO_BUFFER;
	pkt = pkt_new(t->env->pool, hdrs + d->end);
	if (pkt == NULL)
		return NULL;
	memcpy(pkt_put(pkt, hdrs), first->p, hdrs);
	for (const struct pkt *f = first; f != NULL; f = f->next)
		memcpy(pkt_put(pkt, piece_len(f)), f->p + f->l4_off, piece_len(f));
	put_be16(pkt->p + IP6_PLEN_OFF, (uint16_t)(pkt->len - IP6_HDR_OCTETS));
	pkt->p[first->nh_off] = *piece_frag_hdr(first);
	ip6_hdr_set_class(pkt->p, tclass);
	pkt->ifindex = first->ifindex;
	pkt->flags = (uint8_t)((first->flags & ~PKT_FRAGMENT) | d->flags | PKT_REASSEMBLED);
	pkt->frag_max = d->largest;
	return pkt;
}

/* @w goes on where the fragment header of the first piece was. */
static void walk_on(struct ip6_walk *w, const struct pkt *pkt, uint16_t off, uint16_t nh_off)
{
	w->off = off;
	w->nh_off = nh_off;
	w->next = pkt->p[nh_off];
	w->n_hdrs++;
	w->router_alert = (pkt->flags & PKT_ROUTER_ALERT) != 0;
}

static struct pkt *complete(struct frag_table *t, struct frag_dgram *d, struct ip6_walk *w)
{
	uint16_t off = (uint16_t)(d->pieces->l4_off - IP6_FRAG_OCTETS);
	uint16_t nh_off = d->pieces->nh_off;
	struct pktq q = { 0 };
	enum drop why;
	struct pkt *pkt = build(t, d, &why);

	if (pkt == NULL) {
		give_up(t, d, why);
		return NULL;
	}
	take_pieces(t, d, &q);
	pktq_free(&q);
	enter(t, d, FRAG_FREE);
	walk_on(w, pkt, off, nh_off);
	return pkt;
}

/* RFC 6946 section 4: nothing else matters. The header stays where it is. */
static struct pkt *atomic(struct pkt *pkt, struct ip6_walk *w)
{
	pkt->flags |= PKT_REASSEMBLED; /* RFC 6980 section 5 counts it as a fragment */
	pkt->frag_max = (uint16_t)MIN(pkt->len, (uint32_t)UINT16_MAX);
	walk_on(w, pkt, (uint16_t)(w->off + IP6_FRAG_OCTETS), w->off);
	return pkt;
}

static struct pkt *dropped(struct frag_table *t, struct pkt *pkt, enum drop why)
{
	env_drop(t->env, pkt, why);
	return NULL;
}

/* The datagram that @pkt belongs to, with room for @pkt; or NULL with @why set. */
static struct frag_dgram *dgram_of(struct frag_table *t, const struct pkt *pkt, uint32_t id,
				   enum drop *why)
{
	struct frag_key key = key_of(pkt, id);
	struct frag_dgram *d = find(t, &key);

	if (d != NULL)
		return d;
	*why = DROP_FRAG_FULL;
	if (pkt->size > t->conf.octets_max)
		return NULL;
	*why = DROP_NO_BUFFER;
	return dgram_new(t, &key);
}

static struct pkt *add(struct frag_table *t, struct frag_dgram *d, struct pkt *pkt,
		       struct ip6_walk *w)
{
	struct pkt **at;
	enum drop why = place(t, d, pkt, &at);

	if (why == DROP_FRAG_DUPLICATE)
		return dropped(t, pkt, why);
	if (why != DROP_NONE) {
		d->why = why;
		drop_pieces(t, d, why);
		enter(t, d, FRAG_REFUSED);
		return dropped(t, pkt, why);
	}
	if (!make_octets(t, d, pkt)) {
		give_up(t, d, DROP_FRAG_FULL);
		return dropped(t, pkt, DROP_FRAG_FULL);
	}
	hold(t, d, at, pkt);
	return d->end != 0 && d->have == d->end ? complete(t, d, w) : NULL;
}

struct pkt *frag_input(struct frag_table *t, struct pkt *pkt, struct ip6_walk *w,
		       struct frag_error *err)
{
	struct frag_error answer = { .quote = NULL };
	struct frag_dgram *d;
	enum drop why;

	ASSERT(w->next == IP6_NH_FRAGMENT && w->why == DROP_NONE);
	ASSERT(w->off + (uint32_t)IP6_FRAG_OCTETS <= pkt->len);
	why = check_alone(pkt, w, &answer);
	if (why != DROP_NONE && answer.type == 0)
		return dropped(t, pkt, why);
	if (why != DROP_NONE) {
		answer.quote = pkt;
		answer.why = why;
		*err = answer;
		return NULL;
	}
	if (w->frag_atomic)
		return atomic(pkt, w);
	d = dgram_of(t, pkt, w->frag_id, &why);
	if (d == NULL)
		return dropped(t, pkt, why);
	if (d->state == FRAG_REFUSED)
		return dropped(t, pkt, d->why);
	pkt->value = w->frag_off;
	pkt->l4_off = (uint16_t)(w->off + IP6_FRAG_OCTETS);
	pkt->nh_off = w->nh_off;
	pkt->flags |= PKT_FRAGMENT;
	return add(t, d, pkt, w);
}

void frag_timer(struct frag_table *t, struct timer *timer, struct frag_error *err)
{
	struct frag_dgram *d = CONTAINER_OF(timer, struct frag_dgram, timer);
	struct pktq q = { 0 };

	take_pieces(t, d, &q);
	enter(t, d, FRAG_FREE);
	if (q.head != NULL && piece_off(q.head) == 0)
		*err = (struct frag_error){ .quote = pktq_get(&q),
					    .type = ICMP6_TIME_EXCEEDED,
					    .code = ICMP6_TIME_REASSEMBLY,
					    .why = DROP_FRAG_TIMEOUT };
	env_drop_queue(t->env, &q, DROP_FRAG_TIMEOUT);
}
