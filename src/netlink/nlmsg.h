/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Netlink messages as octets: building them, and taking attributes apart.
 *
 * Fields are in the byte order of the machine and lie at any alignment; everything is aligned to 4
 * octets from the start of its datagram. A builder tests once, at its end: nlmsg_end() takes the
 * message back if it did not fit.
 */
#ifndef INABA_NETLINK_NLMSG_H
#define INABA_NETLINK_NLMSG_H

#include <linux/netlink.h>

#include "base/rd.h"
#include "base/wr.h"

/* The header's macros are signed. */
#define NL_HDR	   16u
#define NL_ATTR	   4u
#define NL_TYPE_OF ((unsigned)NLA_TYPE_MASK & 0xffffu)

/** nl_padding() - Octets from @n to the next multiple of 4. */
static inline size_t nl_padding(size_t n)
{
	return (4 - n % 4) % 4;
}

/* A message that is being written. */
struct nlmsg {
	struct wr *w;
	struct wr before; /* to take it back to */
};

/** nlmsg_begin() - A header, and behind it @octets of the family's own header. */
struct nlmsg nlmsg_begin(struct wr *w, const struct nlmsghdr *h, const void *head, size_t octets);

/** nlmsg_end() - Fill in the length. Return: false if it did not fit: nothing is written then. */
bool nlmsg_end(struct nlmsg *m);

/** nla_put() - An attribute. */
void nla_put(struct wr *w, unsigned type, const void *p, size_t octets);

static inline void nla_u8(struct wr *w, unsigned type, uint8_t v)
{
	nla_put(w, type, &v, sizeof(v));
}

static inline void nla_u16(struct wr *w, unsigned type, uint16_t v)
{
	nla_put(w, type, &v, sizeof(v));
}

static inline void nla_u32(struct wr *w, unsigned type, uint32_t v)
{
	nla_put(w, type, &v, sizeof(v));
}

static inline void nla_text(struct wr *w, unsigned type, const char *v)
{
	nla_put(w, type, v, strlen(v) + 1);
}

static inline void nla_addr(struct wr *w, unsigned type, const struct ip6_addr *v)
{
	nla_put(w, type, v->b, sizeof(v->b));
}

/** nla_addr_of() - Of either family: four octets of an IPv4-mapped address. */
static inline void nla_addr_of(struct wr *w, unsigned type, const struct ip6_addr *v)
{
	if (ip6_is_v4mapped(v))
		nla_put(w, type, v->b + 12, 4);
	else
		nla_addr(w, type, v);
}

/** nla_nest(), nla_nest_end() - What is put between them lies within one attribute. */
uint8_t *nla_nest(struct wr *w, unsigned type);
void nla_nest_end(struct wr *w, uint8_t *nest);

/* What an attribute must look like; NLP_NONE: not known, and passed over or refused. */
enum nlp_kind {
	NLP_NONE,
	NLP_U8,
	NLP_U16,
	NLP_U32,
	NLP_ADDR, /* of 16 octets */
	NLP_NAME, /* of an interface: 1 to 15 octets, with or without a final NUL */
	NLP_NEST,
	NLP_ANY, /* up to max octets, if max is not 0 */
};

struct nla_policy {
	uint8_t kind; /* enum nlp_kind */
	uint16_t max;
};

/* What was found wrong: words (static) and the place in the message; for the extended ack. */
struct nl_why {
	const char *text;
	const uint8_t *at; /* NULL: of no one attribute */
};

/**
 * nla_parse() - Take a list of attributes apart. Of two of a type the later counts.
 * @policy:	Of types 0 to @n - 1; those beyond are not known.
 * @strict:	Refuse what is not known, and octets behind the last attribute; else pass over them.
 * @ret:	@n cursors over the values; p is NULL where there is none.
 *
 * Return: 0; -EINVAL (a length that does not fit, or a type that is refused), -ERANGE (a value that
 * is too short or too long).
 */
int nla_parse(struct rd in, const struct nla_policy *policy, unsigned n, bool strict,
	      struct nl_why *why, struct rd *ret);

/* Values of attributes that nla_parse() has judged and found there. */
static inline uint8_t nla_get_u8(struct rd at)
{
	return at.p[0];
}

static inline uint16_t nla_get_u16(struct rd at)
{
	uint16_t v;

	memcpy(&v, at.p, sizeof(v));
	return v;
}

static inline uint32_t nla_get_u32(struct rd at)
{
	uint32_t v;

	memcpy(&v, at.p, sizeof(v));
	return v;
}

static inline struct ip6_addr nla_get_addr(struct rd at)
{
	struct ip6_addr a;

	memcpy(a.b, at.p, sizeof(a.b));
	return a;
}

#define NLA_NAME_MAX 16 /* with the final NUL */

/** nla_get_ip4() - The IPv4 address of a NLP_U32, which is in network order, as a mapped one. */
static inline struct ip6_addr nla_get_ip4(struct rd at)
{
	return ip4_mapped(get_be32(at.p));
}

/** nla_get_name() - Copy a NLP_NAME with a final NUL. */
void nla_get_name(struct rd at, char ret[NLA_NAME_MAX]);

#endif
