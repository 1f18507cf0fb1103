/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Theory of operation
 *
 * A frame leaves its port when the frames before it have (rate), crosses the wire (delay and
 * jitter), and so has one time of arrival. Who hears it is looked up by its destination, as by a
 * switch that knows every station; for each of them fate is drawn and, unless lost, a flight is
 * put on the heap. All flights of a frame share its buffer: copies are made only when a receiver
 * takes it, and the last one takes the original. A multicast to a thousand stations therefore
 * costs a thousand heap entries of 32 octets and never more copies than are in use.
 *
 * While a frame is on the wire two of its notes are ours: ifindex holds the sending port, value
 * the number of flights.
 *
 * A port pulled out, or moved to another part, while a frame is under way to it does not get it:
 * both are tested when the frame is sent and again when it arrives.
 */
#include "link/wire.h"

#include <stdlib.h>

#define HEAP_ARITY 4u
#define ROOM_MIN   16u

struct wire_ear {
	uint32_t port;
	uint32_t refs;
};

struct wire_addr {
	struct hnode node;
	struct mac mac;
	struct wire_ears ears;
};

static const struct mac mac_broadcast = { { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff } };
static const struct mac mac_all_nodes = { { 0x33, 0x33, 0, 0, 0, 1 } };

void wire_init(struct wire *w, struct pkt_pool *pool, uint64_t seed, uint64_t stream)
{
	*w = (struct wire){ .pool = pool, .flight_max = WIRE_FLIGHT_MAX };
	rng_init_u64(&w->rng, seed, stream);
	w->key.k[0] = rng_u64(&w->rng);
	w->key.k[1] = rng_u64(&w->rng);
}

static void flight_unref(struct pkt *pkt)
{
	ASSERT(pkt->value > 0);
	if (--pkt->value == 0)
		pkt_free(pkt);
}

void wire_done(struct wire *w)
{
	struct hnode *next, *node = htab_iter(&w->addrs, NULL);

	for (uint32_t i = 0; i < w->n_flights; i++)
		flight_unref(w->heap[i].pkt);
	for (; node != NULL; node = next) {
		struct wire_addr *a = CONTAINER_OF(node, struct wire_addr, node);

		next = htab_iter(&w->addrs, node);
		htab_del(&w->addrs, node);
		free(a->ears.ear);
		free(a);
	}
	htab_done(&w->addrs);
	free(w->unfiltered.ear);
	free(w->heap);
	free(w->port);
	*w = (struct wire){ 0 };
}

/* Make room for one more element of @size octets. False: no memory, nothing changed. */
static bool grow(void **array, uint32_t n, uint32_t *room, size_t size)
{
	uint32_t want = MAX(*room * 2, ROOM_MIN);
	void *p;

	if (n < *room)
		return true;
	p = realloc(*array, want * size);
	if (p == NULL)
		return false;
	*array = p;
	*room = want;
	return true;
}

/* Who hears what */

/* Index of the first ear whose port is not less than @port. */
static uint32_t ears_find(const struct wire_ears *s, uint32_t port)
{
	uint32_t from = 0, to = s->n;

	while (from < to) {
		uint32_t mid = from + (to - from) / 2;

		if (s->ear[mid].port < port)
			from = mid + 1;
		else
			to = mid;
	}
	return from;
}

static int ears_add(struct wire_ears *s, uint32_t port)
{
	uint32_t i = ears_find(s, port);
	void *array = s->ear;

	if (i < s->n && s->ear[i].port == port) {
		s->ear[i].refs++;
		return 0;
	}
	if (!grow(&array, s->n, &s->room, sizeof(s->ear[0])))
		return -ENOMEM;
	s->ear = array;
	memmove(s->ear + i + 1, s->ear + i, (s->n - i) * sizeof(s->ear[0]));
	s->ear[i] = (struct wire_ear){ .port = port, .refs = 1 };
	s->n++;
	return 0;
}

static int ears_del(struct wire_ears *s, uint32_t port)
{
	uint32_t i = ears_find(s, port);

	if (i == s->n || s->ear[i].port != port)
		return -ENOENT;
	if (--s->ear[i].refs == 0) {
		s->n--;
		memmove(s->ear + i, s->ear + i + 1, (s->n - i) * sizeof(s->ear[0]));
	}
	return 0;
}

static uint32_t addr_hash(const struct wire *w, const struct mac *mac)
{
	uint64_t v = 0;

	memcpy(&v, mac->b, sizeof(mac->b));
	return (uint32_t)hash_mix(hash_mix(v ^ w->key.k[0], w->key.k[1]) ^ w->key.k[0],
				  UINT64_C(0xd6e8feb86659fd93));
}

static struct wire_addr *addr_find(const struct wire *w, const struct mac *mac)
{
	struct hnode *node;

	for (node = htab_first(&w->addrs, addr_hash(w, mac)); node != NULL;
	     node = htab_next(node)) {
		struct wire_addr *a = CONTAINER_OF(node, struct wire_addr, node);

		if (mac_eq(&a->mac, mac))
			return a;
	}
	return NULL;
}

static struct wire_addr *addr_new(struct wire *w, const struct mac *mac)
{
	struct wire_addr *a = calloc(1, sizeof(*a));

	if (a == NULL)
		return NULL;
	a->mac = *mac;
	if (htab_add(&w->addrs, &a->node, addr_hash(w, mac)) != 0) {
		free(a);
		return NULL;
	}
	return a;
}

static void addr_free_if_unheard(struct wire *w, struct wire_addr *a)
{
	if (a->ears.n > 0)
		return;
	htab_del(&w->addrs, &a->node);
	free(a->ears.ear);
	free(a);
}

int wire_port_listen(struct wire *w, unsigned port, const struct mac *mac, bool on)
{
	struct wire_addr *a = addr_find(w, mac);
	int err;

	ASSERT(port < w->n_ports);
	if (a == NULL && !on)
		return -ENOENT;
	if (a == NULL)
		a = addr_new(w, mac);
	if (a == NULL)
		return -ENOMEM;
	err = on ? ears_add(&a->ears, port) : ears_del(&a->ears, port);
	addr_free_if_unheard(w, a);
	return err;
}

int wire_port_add(struct wire *w, const struct mac *mac)
{
	void *array = w->port;
	unsigned port = w->n_ports;
	int err;

	if (!grow(&array, w->n_ports, &w->room_ports, sizeof(w->port[0])))
		return -ENOMEM;
	w->port = array;
	w->port[port] = (struct wire_port){ .up = true };
	err = ears_add(&w->unfiltered, port);
	if (err != 0)
		return err;
	w->n_ports++;
	err = mac != NULL ? wire_port_listen(w, port, mac, true) : 0;
	if (err != 0) {
		ears_del(&w->unfiltered, port);
		w->n_ports--;
		return err;
	}
	return (int)port;
}

void wire_port_up(struct wire *w, unsigned port, bool up)
{
	ASSERT(port < w->n_ports);
	w->port[port].up = up;
}

void wire_port_part(struct wire *w, unsigned port, uint32_t part)
{
	ASSERT(port < w->n_ports);
	w->port[port].part = part;
}

int wire_port_filter(struct wire *w, unsigned port, bool on)
{
	int err = 0;

	ASSERT(port < w->n_ports);
	if (w->port[port].filter == on)
		return 0;
	err = on ? ears_del(&w->unfiltered, port) : ears_add(&w->unfiltered, port);
	if (err == 0)
		w->port[port].filter = on;
	return err;
}

/* Flights: a heap by time, then by order of sending */

static bool earlier(const struct wire_flight *a, const struct wire_flight *b)
{
	return a->when != b->when ? a->when < b->when : a->seq < b->seq;
}

static bool heap_push(struct wire *w, struct wire_flight f)
{
	void *array = w->heap;
	uint32_t i = w->n_flights;

	if (!grow(&array, w->n_flights, &w->room_flights, sizeof(w->heap[0])))
		return false;
	w->heap = array;
	w->n_flights++;
	while (i > 0 && earlier(&f, &w->heap[(i - 1) / HEAP_ARITY])) {
		w->heap[i] = w->heap[(i - 1) / HEAP_ARITY];
		i = (i - 1) / HEAP_ARITY;
	}
	w->heap[i] = f;
	return true;
}

static struct wire_flight heap_pop(struct wire *w)
{
	struct wire_flight top = w->heap[0], last = w->heap[--w->n_flights];
	uint32_t i = 0;

	for (;;) {
		uint32_t first = i * HEAP_ARITY + 1, end = MIN(first + HEAP_ARITY, w->n_flights);
		uint32_t least = first;

		if (first >= w->n_flights)
			break;
		for (uint32_t c = first + 1; c < end; c++)
			if (earlier(&w->heap[c], &w->heap[least]))
				least = c;
		if (!earlier(&w->heap[least], &last))
			break;
		w->heap[i] = w->heap[least];
		i = least;
	}
	w->heap[i] = last;
	return top;
}

/* Fate */

static void show(struct wire *w, enum wire_fate fate, enum drop why, unsigned port,
		 const struct pkt *pkt)
{
	if (w->watch.fn != NULL)
		w->watch.fn(w->watch.ctx, &(struct wire_seen){ .fate = fate,
							       .drop = why,
							       .now = w->now,
							       .port = port,
							       .pkt = pkt });
}

/* Count and show; the frame is the caller's to free. */
static void count_drop(struct wire *w, unsigned port, const struct pkt *pkt, enum drop why)
{
	w->drops[why]++;
	show(w, WIRE_DROPPED, why, port, pkt);
}

/* No draw for what is impossible, so that the draws of a plain wire stay few. */
static bool happens(struct wire *w, uint32_t ppm)
{
	return ppm != 0 && rng_below(&w->rng, WIRE_PPM) < ppm;
}

/* Is @to out of the reach of @from? */
static enum drop unreachable(const struct wire *w, unsigned from, unsigned to)
{
	if (!w->port[to].up)
		return DROP_IF_DOWN;
	return w->port[from].part == w->port[to].part ? DROP_NONE : DROP_WIRE_PARTED;
}

static void fly(struct wire *w, struct pkt *pkt, unsigned to, time_ns when)
{
	struct wire_flight f = { .when = when, .seq = w->seq, .pkt = pkt, .port = to };

	if (w->n_flights >= w->flight_max) {
		count_drop(w, to, pkt, DROP_WIRE_FULL);
	} else if (!heap_push(w, f)) {
		count_drop(w, to, pkt, DROP_NO_BUFFER);
	} else {
		w->seq++;
		pkt->value++;
	}
}

/* A damaged copy with one reference, the caller's; NULL when there is no buffer. */
static struct pkt *corrupted(struct wire *w, const struct pkt *pkt)
{
	uint64_t bits = (uint64_t)(pkt->len - ETH_HDR_OCTETS) * 8;
	struct pkt *bad = pkt_copy(w->pool, pkt);
	uint64_t bit = rng_below(&w->rng, bits);

	if (bad != NULL) {
		bad->value = 1;
		if (bits != 0)
			bad->p[ETH_HDR_OCTETS + bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	return bad;
}

/* What one receiver gets: nothing, the frame, or worse. */
static void deliver(struct wire *w, struct pkt *pkt, unsigned to, time_ns when)
{
	const struct wire_conf *cf = &w->conf;

	if (happens(w, cf->loss_ppm)) {
		count_drop(w, to, pkt, DROP_WIRE_LOST);
		return;
	}
	pkt->value++;
	if (happens(w, cf->corrupt_ppm)) {
		struct pkt *bad = corrupted(w, pkt);

		if (bad == NULL)
			count_drop(w, to, pkt, DROP_NO_BUFFER);
		flight_unref(pkt);
		if (bad == NULL)
			return;
		pkt = bad;
		show(w, WIRE_CORRUPTED, DROP_NONE, to, pkt);
	}
	if (happens(w, cf->reorder_ppm)) {
		when = time_after(when, cf->reorder_delay);
		show(w, WIRE_REORDERED, DROP_NONE, to, pkt);
	}
	fly(w, pkt, to, when);
	if (happens(w, cf->dup_ppm)) {
		show(w, WIRE_DUPLICATED, DROP_NONE, to, pkt);
		fly(w, pkt, to, when);
	}
	flight_unref(pkt);
}

/* The way of one frame to all that hear it. */
struct round {
	struct pkt *pkt;
	unsigned from;
	time_ns when;
	uint32_t reached;
	enum drop why; /* why one did not get it; told only if nobody did */
};

static void offer(struct wire *w, struct round *r, unsigned to)
{
	enum drop why = unreachable(w, r->from, to);

	if (to == r->from)
		return;
	if (why != DROP_NONE) {
		r->why = why;
		return;
	}
	r->reached++;
	deliver(w, r->pkt, to, r->when);
}

static void offer_to_all(struct wire *w, struct round *r)
{
	for (uint32_t i = 0; i < w->n_ports; i++)
		offer(w, r, i);
}

static void offer_to_group(struct wire *w, struct round *r, const struct wire_addr *a)
{
	for (uint32_t i = 0; a != NULL && i < a->ears.n; i++)
		if (w->port[a->ears.ear[i].port].filter)
			offer(w, r, a->ears.ear[i].port);
	for (uint32_t i = 0; i < w->unfiltered.n; i++)
		offer(w, r, w->unfiltered.ear[i].port);
}

static void offer_to_owners(struct wire *w, struct round *r, const struct wire_addr *a)
{
	for (uint32_t i = 0; i < a->ears.n; i++)
		offer(w, r, a->ears.ear[i].port);
}

static void offer_round(struct wire *w, struct round *r)
{
	const struct wire_addr *a;
	struct mac dst;

	memcpy(dst.b, r->pkt->p + ETH_DST_OFF, sizeof(dst.b));
	a = addr_find(w, &dst);
	if (mac_eq(&dst, &mac_all_nodes) || mac_eq(&dst, &mac_broadcast))
		offer_to_all(w, r);
	else if (mac_is_group(&dst))
		offer_to_group(w, r, a);
	else if (a != NULL)
		offer_to_owners(w, r, a);
	else
		offer_to_all(w, r);
}

/* Time and queue */

/* Nanoseconds that @octets take at the wire's rate, rounded up. */
static time_ns wire_time(const struct wire *w, uint64_t octets)
{
	uint128 bits = (uint128)octets * 8 * NS_PER_S;

	if (w->conf.rate_bps == 0)
		return 0;
	bits = (bits + w->conf.rate_bps - 1) / w->conf.rate_bps;
	return bits < TIME_NEVER ? (time_ns)bits : TIME_NEVER;
}

/* An idle port takes any frame; a busy one as many octets as its queue holds. */
static bool queue_is_full(const struct wire *w, const struct wire_port *p, uint32_t len)
{
	const struct wire_conf *cf = &w->conf;

	if (cf->queue_octets == 0 || cf->rate_bps == 0 || p->busy_until <= w->now)
		return false;
	if (len > cf->queue_octets)
		return true;
	return p->busy_until - w->now > wire_time(w, cf->queue_octets - len);
}

static enum drop refuse(const struct wire *w, const struct wire_port *p, const struct pkt *pkt)
{
	if (!p->up)
		return DROP_IF_DOWN;
	if (pkt->len < ETH_HDR_OCTETS)
		return DROP_LINK_SHORT;
	if (w->conf.mtu != 0 && pkt->len - ETH_HDR_OCTETS > w->conf.mtu)
		return DROP_LINK_TOO_BIG;
	return queue_is_full(w, p, pkt->len) ? DROP_WIRE_FULL : DROP_NONE;
}

/* When the frame arrives, now that its turn is known. */
static time_ns arrival(struct wire *w, struct wire_port *p, uint32_t len)
{
	const struct wire_conf *cf = &w->conf;
	time_ns when;

	p->busy_until = time_after(MAX(p->busy_until, w->now), wire_time(w, len));
	when = time_after(p->busy_until, cf->delay);
	if (cf->jitter != 0) {
		when = time_after(when, rng_between(&w->rng, 0, cf->jitter));
		when = MAX(when, p->last_arrival);
		p->last_arrival = when;
	}
	return when;
}

static void clear_notes(struct pkt *pkt)
{
	memset(&pkt->ifindex, 0, offsetof(struct pkt, buf) - offsetof(struct pkt, ifindex));
}

void wire_send(struct wire *w, unsigned port, struct pkt *pkt, time_ns now)
{
	struct round r = { .pkt = pkt, .from = port };
	enum drop why;

	ASSERT(port < w->n_ports && now >= w->now);
	w->now = now;
	why = refuse(w, &w->port[port], pkt);
	if (why != DROP_NONE) {
		count_drop(w, port, pkt, why);
		pkt_free(pkt);
		return;
	}
	w->sent++;
	show(w, WIRE_SENT, DROP_NONE, port, pkt);
	clear_notes(pkt);
	pkt->ifindex = port;
	pkt->value = 1; /* our own reference, until all have been offered it */
	r.when = arrival(w, &w->port[port], pkt->len);
	offer_round(w, &r);
	if (r.reached == 0 && r.why != DROP_NONE)
		count_drop(w, port, pkt, r.why);
	flight_unref(pkt);
}

/* The receiver's own frame from a flight, whose reference ends; NULL when it does not get one. */
static struct pkt *land(struct wire *w, const struct wire_flight *f)
{
	enum drop why = unreachable(w, f->pkt->ifindex, f->port);
	struct pkt *pkt = f->pkt;

	if (why == DROP_NONE && f->pkt->value > 1) {
		pkt = pkt_copy(w->pool, f->pkt);
		why = pkt != NULL ? DROP_NONE : DROP_NO_BUFFER;
	}
	if (why != DROP_NONE) {
		count_drop(w, f->port, f->pkt, why);
		flight_unref(f->pkt);
		return NULL;
	}
	if (pkt != f->pkt)
		flight_unref(f->pkt);
	clear_notes(pkt);
	return pkt;
}

struct pkt *wire_pop(struct wire *w, time_ns now, unsigned *port)
{
	ASSERT(now >= w->now);
	w->now = now;
	while (wire_next(w) <= now && w->n_flights > 0) {
		struct wire_flight f = heap_pop(w);
		struct pkt *pkt = land(w, &f);

		if (pkt == NULL)
			continue;
		w->delivered++;
		show(w, WIRE_DELIVERED, DROP_NONE, f.port, pkt);
		*port = f.port;
		return pkt;
	}
	return NULL;
}
