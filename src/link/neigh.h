/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The neighbour cache (RFC 4861 section 5.1): which link-layer address an on-link neighbour has,
 * and whether it can still be reached there. Shared by IPv6 and, with mapped addresses, IPv4.
 *
 * Entries are keyed by interface and address. Each runs the machine of link/nud.h on one timer.
 * The table sends no solicitations: it queues what is to be done, and the protocol above (nd)
 * takes it with neigh_todo() at the end of a step. Packets go out by neigh_output(), which adds
 * the Ethernet header, or lets the packet wait until there is an address to put into one.
 *
 * The table is bounded, and the limits are such that a scan of a /64 (RFC 6583) harms nobody:
 *  - entries without an address have a limit of their own; beyond it the oldest of them goes,
 *    so a scan competes with itself only;
 *  - when the table is full the entry goes that has been idle (STALE, UNREACHABLE) the longest,
 *    then the oldest without an address; never one that is in use or PERMANENT;
 *  - each entry lets queue_pkts packets wait, all together queue_total and one each; the oldest
 *    of the neighbour makes room (RFC 4861 section 7.2.2).
 * STALE entries go after gc_idle: STALE means that nothing has been sent since (see nud.h), so
 * neither that nor the order of eviction costs the sending of a packet anything.
 *
 * A pointer to an entry is good until the next call that may make or free one (neigh_get(),
 * neigh_hint(), neigh_set(), neigh_todo(), neigh_timer(), neigh_del(), neigh_flush()). Who wants
 * to keep one keeps a struct neigh_ref.
 */
#ifndef INABA_LINK_NEIGH_H
#define INABA_LINK_NEIGH_H

#include "link/link.h"
#include "link/nud.h"

struct neigh_conf {
	uint32_t max;		 /* entries, all told */
	uint32_t max_unresolved; /* of them without link-layer address; 1 to max */
	uint32_t queue_pkts;	 /* that wait for one neighbour; 1 at least */
	uint32_t queue_total;	 /* that wait in all; beyond it one for each neighbour */
	time_ns gc_idle;	 /* unused entries go after; 0: only to make room */
	uint16_t ethertype;
};

#define NEIGH_CONF_DEFAULT                                                                         \
	((struct neigh_conf){ .max = 16384,                                                        \
			      .max_unresolved = 1024,                                              \
			      .queue_pkts = 64,                                                    \
			      .queue_total = 1024,                                                 \
			      .gc_idle = 600 * NS_PER_S,                                           \
			      .ethertype = ETH_TYPE_IP6 })

/* An interface with neighbours. */
struct neigh_if {
	struct hnode node;
	struct link_if *lif; /* borrowed */
	struct nud_conf nud; /* write it at any time */
};

/* Hot fields first: a packet to a known neighbour reads the first 64 octets. */
struct neigh {
	struct hnode node;
	struct ip6_addr addr;
	uint8_t hdr[ETH_HDR_OCTETS]; /* ready to send; set if nud_has_lladdr() */
	bool is_router;		     /* IsRouter */
	uint8_t todo;		     /* enum nud_do, while on_todo is on the list */
	struct neigh_if *nif;
	struct nud nud;
	struct pktq waiting; /* for an address (7.2.2) */
	struct timer timer;  /* nud.deadline, or gc_idle */
	struct list on_todo;
	struct list on_age; /* unresolved or idle, oldest first */
	uint32_t gen;	    /* of this piece of memory; see struct neigh_ref */
	bool in_tab;	    /* false: resolution failed, only neigh_todo() has it */
};

_Static_assert(offsetof(struct neigh, nud) + sizeof(uint64_t) <= 64, "hot fields of a neighbour");
_Static_assert(sizeof(struct neigh) <= 176, "size of a neighbour");

struct neigh_slab;

struct neigh_table {
	struct env *env;
	struct neigh_conf conf;
	struct htab tab;
	struct htab ifs;
	struct list unresolved; /* FREE, INCOMPLETE and failed ones */
	struct list idle;	/* STALE, UNREACHABLE */
	struct list todo;
	struct neigh *gone;	  /* handed out as NUD_DO_UNREACH, freed with the next call */
	struct hnode *spare;	  /* free entries */
	struct neigh_slab *slabs; /* the newest first */
	size_t slab_octets;
	uint32_t n; /* entries, failed ones included */
	uint32_t n_unresolved;
	uint32_t n_waiting; /* packets */
};

/* What a message from a neighbour did. */
struct neigh_news {
	enum drop why;	  /* DROP_NONE: acted on */
	bool router_gone; /* IsRouter went from true to false: 7.2.5, 6.3.5 */
	struct neigh *n;  /* entry, or NULL */
};

/* What a message says of its sender being a router (RFC 4861 appendix D). */
enum neigh_role {
	NEIGH_ROLE_UNKNOWN, /* NS; Redirect to the destination itself */
	NEIGH_ROLE_HOST,    /* RS */
	NEIGH_ROLE_ROUTER,  /* RA; Redirect to a router */
};

/**
 * neigh_init() - An empty table.
 * @env:	Borrowed until neigh_done().
 * @conf:	Copied.
 */
void neigh_init(struct neigh_table *t, struct env *env, const struct neigh_conf *conf);

/** neigh_done() - Drop all that waits and give back all memory. */
void neigh_done(struct neigh_table *t);

/**
 * neigh_if_add() - Let interface @lif have neighbours.
 * @lif:	Borrowed until neigh_if_del().
 * @conf:	Copied; change it afterwards in what is returned.
 *
 * Return: owned by the table, good until neigh_if_del(); NULL if memory is short.
 */
struct neigh_if *neigh_if_add(struct neigh_table *t, struct link_if *lif,
			      const struct nud_conf *conf);

/** neigh_if_find() - As added, or NULL. */
struct neigh_if *neigh_if_find(const struct neigh_table *t, const struct link_if *lif);

/** neigh_if_del() - Forget the interface and all its neighbours, PERMANENT ones too. */
void neigh_if_del(struct neigh_table *t, struct link_if *lif);

/** neigh_if_new_mac() - lif->mac has changed: send from the new address. Walks the table. */
void neigh_if_new_mac(struct neigh_table *t, struct link_if *lif);

static inline uint32_t neigh_hash(const struct neigh_table *t, const struct link_if *lif,
				  const struct ip6_addr *addr)
{
	return hash_addr(&t->env->key, addr, lif->ifindex);
}

/** neigh_find() - The entry of @addr on @lif, or NULL. */
static inline struct neigh *neigh_find(const struct neigh_table *t, const struct link_if *lif,
				       const struct ip6_addr *addr)
{
	struct hnode *h = htab_first(&t->tab, neigh_hash(t, lif, addr));

	for (; h != NULL; h = htab_next(h)) {
		struct neigh *n = CONTAINER_OF(h, struct neigh, node);

		if (ip6_eq(&n->addr, addr) && n->nif->lif == lif)
			return n;
	}
	return NULL;
}

/**
 * neigh_get() - The entry of @addr on @lif, made if need be; one that is made does nothing until
 * neigh_output().
 * @addr:	Unicast; there is no resolution of multicast addresses (7.2).
 *
 * Return: NULL if there is no room: drop the packet for DROP_NEIGH_TABLE_FULL.
 */
struct neigh *neigh_get(struct neigh_table *t, struct link_if *lif, const struct ip6_addr *addr);

/** neigh_ready() - May the caller send with n->hdr by itself, telling nobody? */
static inline bool neigh_ready(const struct neigh *n)
{
	return nud_is_ready(&n->nud);
}

/** neigh_push_header() - Put the Ethernet header of a neighbour with an address before @pkt. */
static inline void neigh_push_header(const struct neigh *n, struct pkt *pkt)
{
	memcpy(pkt_push(pkt, ETH_HDR_OCTETS), n->hdr, ETH_HDR_OCTETS);
}

/** neigh_output_slow() - neigh_output() for the states that something must be done in. */
bool neigh_output_slow(struct neigh_table *t, struct neigh *n, struct pkt *pkt);

/**
 * neigh_output() - Send a packet to @n: at once if an address is known (7.3.3: in the states of
 * doubt too), else when there will be one; resolution is started if need be (7.2.2).
 * @pkt:	From its IP header. Taken.
 *
 * Return: true if it left, false if it waits.
 */
static inline bool neigh_output(struct neigh_table *t, struct neigh *n, struct pkt *pkt)
{
	if (UNLIKELY(!neigh_ready(n)))
		return neigh_output_slow(t, n, pkt);
	neigh_push_header(n, pkt);
	link_tx(t->env, n->nif->lif, pkt);
	return true;
}

/** neigh_ask() - A packet went elsewhere because this router is UNREACHABLE or FREE: see nud_on_ask(). */
void neigh_ask(struct neigh_table *t, struct neigh *n);

/** neigh_send() - neigh_get() and neigh_output(), or drop @pkt if there is no room. */
bool neigh_send(struct neigh_table *t, struct link_if *lif, const struct ip6_addr *addr,
		struct pkt *pkt);

/**
 * neigh_todo() - Take one entry that something is to be done for, first come first served.
 * @what:	NUD_DO_NS_MCAST: solicit; the source SHOULD be that of n->waiting.head if it is
 *		ours (7.2.2). NUD_DO_NS_UCAST: solicit at the address in n->hdr. NUD_DO_UNREACH:
 *		resolution failed; take the packets with neigh_take_waiting() and answer each with
 *		Address Unreachable (7.2.2 MUST). The next call drops what was not taken, for
 *		DROP_NEIGH_UNREACH, and frees the entry, which neigh_find() finds no more.
 *
 * Return: NULL if there is nothing (more) to do.
 */
struct neigh *neigh_todo(struct neigh_table *t, enum nud_do *what);

/** neigh_take_waiting() - Move the packets that wait for @n to the end of @q. */
void neigh_take_waiting(struct neigh_table *t, struct neigh *n, struct pktq *q);

/** neigh_timer() - A timer of kind TIMER_NEIGH is due. */
void neigh_timer(struct neigh_table *t, struct timer *timer, time_ns now);

/**
 * neigh_advert() - A valid Neighbor Advertisement was received (7.2.5).
 * @addr:	Its target.
 * @lladdr:	Its Target Link-Layer Address option, or NULL.
 * @flags:	NUD_NA_*.
 *
 * Return: why is DROP_ND_NO_ENTRY if nobody asked, DROP_ND_NO_LLADDR if resolution waits for an
 * address that it does not bring. An advertisement that 7.2.5 I. ignores is none of these.
 */
struct neigh_news neigh_advert(struct neigh_table *t, struct link_if *lif,
			       const struct ip6_addr *addr, const struct mac *lladdr,
			       unsigned flags);

/**
 * neigh_hint() - A valid NS, RS, RA or Redirect told something about @addr (7.2.3, 6.2.6, 6.3.4,
 * 8.3; appendices C and D).
 * @addr:	Its source, not the unspecified address; of a Redirect, its target.
 * @lladdr:	The option, or NULL: then no entry is made, and of an entry that exists at most
 *		IsRouter changes.
 *
 * Return: why is DROP_NEIGH_TABLE_FULL if there was no room.
 */
struct neigh_news neigh_hint(struct neigh_table *t, struct link_if *lif,
			     const struct ip6_addr *addr, const struct mac *lladdr,
			     enum neigh_role role);

/** neigh_confirm() - An upper layer had an answer through @n (7.3.1). Cheap: call it often. */
void neigh_confirm(struct neigh_table *t, struct neigh *n);

/** neigh_set() - Make a PERMANENT entry, or one of what there is. Return: NULL if no room. */
struct neigh *neigh_set(struct neigh_table *t, struct link_if *lif, const struct ip6_addr *addr,
			const struct mac *lladdr);

/** neigh_del() - Remove an entry; packets that wait are dropped for DROP_NEIGH_GONE. */
void neigh_del(struct neigh_table *t, struct neigh *n);

/** neigh_flush() - Remove all but the PERMANENT entries of @lif, as when it goes down. */
void neigh_flush(struct neigh_table *t, struct link_if *lif);

/** neigh_iter() - Walk the entries: start with NULL; change nothing meanwhile. */
struct neigh *neigh_iter(const struct neigh_table *t, const struct neigh *last);

/** neigh_octets() - Memory the table holds at present, all told. */
size_t neigh_octets(const struct neigh_table *t);

static inline struct mac neigh_mac(const struct neigh *n)
{
	struct mac m;

	memcpy(m.b, n->hdr + ETH_DST_OFF, sizeof(m.b));
	return m;
}

/* A pointer to keep: the memory of an entry never goes before neigh_done(), only its meaning. */
struct neigh_ref {
	struct neigh *n;
	uint32_t gen;
};

static inline struct neigh_ref neigh_ref(struct neigh *n)
{
	return (struct neigh_ref){ n, n->gen };
}

/** neigh_deref() - The entry, or NULL if it has gone since neigh_ref(). All zero is NULL too. */
static inline struct neigh *neigh_deref(const struct neigh_ref *ref)
{
	return ref->n != NULL && ref->n->gen == ref->gen ? ref->n : NULL;
}

#endif
