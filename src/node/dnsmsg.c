/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Theory of operation. One pass over the answers notes what is an address and what an alias, with
 * owners in full; then the chain is followed from the question through the notes. That takes any
 * order of records and cannot go round for ever: a chain has DNS_CNAMES_MAX names at most. All else in
 * a response is skipped by its length, but for the SOA in the authority section, which says how
 * long "no" may be believed (RFC 2308 section 5).
 *
 * Read RFC 1035 section 4, RFC 3596, RFC 2308 sections 2 and 5, RFC 5452 section 9.
 */
#include "node/dnsmsg.h"

#define FLAG_QR	    0x8000u
#define FLAG_OPCODE 0x7800u
#define FLAG_TC	    0x0200u
#define FLAG_RD	    0x0100u
#define RCODE	    0x000fu
#define POINTER	    0xc0u
#define SOA_NUMBERS 20 /* octets behind its two names */
#define TTL_MAX	    0x7fffffffu

void dns_query_build(struct wr *w, uint16_t id, const struct dname *name)
{
	wr_u16(w, id);
	wr_u16(w, FLAG_RD);
	wr_u16(w, 1);
	wr_zero(w, 6);
	wr_bytes(w, name->b, name->octets);
	wr_u16(w, DNS_TYPE_AAAA);
	wr_u16(w, DNS_CLASS_IN);
}

/* A record whose owner and data matter. */
struct note {
	struct dname owner, target; /* target: of an alias */
	struct ip6_addr addr;
	uint32_t ttl_s;
	bool is_alias;
};

struct header {
	uint16_t id, flags, questions, answers, authorities;
};

struct record {
	struct dname owner;
	uint16_t type, class;
	uint32_t ttl_s;
	struct rd data;
};

/*
 * RFC 1035 section 4.1.4. Each pointer must lead further back than the last, so this ends; @in is
 * advanced behind the name as it stands there.
 */
static bool name_parse(struct rd msg, struct rd *in, struct dname *ret)
{
	size_t limit = (size_t)(in->p - msg.p);
	struct rd at = *in;
	bool jumped = false;
	uint8_t n, low;

	memset(ret, 0, sizeof(*ret));
	for (;;) {
		if (!rd_u8(&at, &n))
			return false;
		if (n >= POINTER) {
			size_t to;

			if (!rd_u8(&at, &low))
				return false;
			to = (size_t)(n & ~POINTER) << 8 | low;
			if (to >= limit)
				return false;
			if (!jumped)
				*in = at;
			jumped = true;
			limit = to;
			at = rd_of(msg.p + to, msg.left - to);
			continue;
		}
		if (n > DNAME_LABEL_MAX || ret->octets + n + 1u > DNAME_MAX)
			return false;
		ret->b[ret->octets++] = n;
		if (!rd_copy(&at, &ret->b[ret->octets], n))
			return false;
		ret->octets = (uint8_t)(ret->octets + n);
		if (n == 0)
			break;
	}
	if (!jumped)
		*in = at;
	return true;
}

static bool record_parse(struct rd msg, struct rd *in, struct record *ret)
{
	uint16_t octets;

	if (!name_parse(msg, in, &ret->owner) || !rd_u16(in, &ret->type) ||
	    !rd_u16(in, &ret->class) || !rd_u32(in, &ret->ttl_s) || !rd_u16(in, &octets) ||
	    !rd_take(in, octets, &ret->data))
		return false;
	if (ret->ttl_s > TTL_MAX) /* RFC 2181 section 8 */
		ret->ttl_s = 0;
	return true;
}

static bool header_parse(struct rd *in, struct header *h)
{
	return rd_u16(in, &h->id) && rd_u16(in, &h->flags) && rd_u16(in, &h->questions) &&
	       rd_u16(in, &h->answers) && rd_u16(in, &h->authorities) && rd_skip(in, 2);
}

/* DNS_ADDRS: it is the response to what was asked. */
static enum dns_verdict question_check(struct rd msg, struct rd *in, const struct header *h,
				       uint16_t id, const struct dname *name)
{
	uint16_t type, class;
	struct dname asked;

	if ((h->flags & FLAG_QR) == 0 || (h->flags & FLAG_OPCODE) != 0)
		return DNS_BAD;
	if (h->id != id || h->questions != 1)
		return DNS_OTHER;
	if (!name_parse(msg, in, &asked) || !rd_u16(in, &type) || !rd_u16(in, &class))
		return DNS_BAD;
	if (!dname_eq(&asked, name) || type != DNS_TYPE_AAAA || class != DNS_CLASS_IN)
		return DNS_OTHER;
	return DNS_ADDRS;
}

/* 1: noted; 0: nothing that matters; -1: broken. */
static int note_of(struct rd msg, const struct record *r, struct note *to)
{
	struct rd data = r->data;

	if (r->class != DNS_CLASS_IN || (r->type != DNS_TYPE_AAAA && r->type != DNS_TYPE_CNAME))
		return 0;
	*to = (struct note){ .owner = r->owner, .ttl_s = r->ttl_s };
	to->is_alias = r->type == DNS_TYPE_CNAME;
	if (to->is_alias) {
		/* the name may point out of the data, but ends within */
		data.left = msg.left - (size_t)(data.p - msg.p);
		return name_parse(msg, &data, &to->target) && data.p == r->data.p + r->data.left
			       ? 1
			       : -1;
	}
	return data.left == IP6_ADDR_OCTETS && rd_addr(&data, &to->addr) ? 1 : -1;
}

static bool answers_parse(struct rd msg, struct rd *in, unsigned n, struct note *notes,
			  unsigned *n_notes)
{
	*n_notes = 0;
	for (unsigned i = 0; i < n; i++) {
		struct record r;
		int rc;

		if (!record_parse(msg, in, &r))
			return false;
		if (*n_notes == DNS_RECORDS_MAX)
			continue;
		rc = note_of(msg, &r, &notes[*n_notes]);
		if (rc < 0)
			return false;
		*n_notes += (unsigned)rc;
	}
	return true;
}

/* RFC 2308 section 5: the lesser of the SOA's own time and its last number; without one, not at all. */
static uint32_t negative_ttl(struct rd msg, struct rd in, unsigned n)
{
	for (unsigned i = 0; i < n && i < DNS_RECORDS_MAX; i++) {
		struct record r;
		uint32_t minimum;

		if (!record_parse(msg, &in, &r))
			return 0;
		if (r.type != DNS_TYPE_SOA || r.class != DNS_CLASS_IN ||
		    r.data.left < SOA_NUMBERS + 2)
			continue;
		minimum = get_be32(r.data.p + r.data.left - 4);
		return MIN(r.ttl_s, minimum);
	}
	return 0;
}

static const struct note *alias_of(const struct note *notes, unsigned n, const struct dname *name)
{
	for (unsigned i = 0; i < n; i++)
		if (notes[i].is_alias && dname_eq(&notes[i].owner, name))
			return &notes[i];
	return NULL;
}

/* From the name that was asked for to its addresses. */
static void follow(const struct note *notes, unsigned n, const struct dname *name,
		   struct dns_reply *ret)
{
	const struct note *alias;
	uint32_t ttl_s = UINT32_MAX;
	unsigned hops = 0;

	ret->canonical = *name;
	while ((alias = alias_of(notes, n, &ret->canonical)) != NULL) {
		if (++hops > DNS_CNAMES_MAX) {
			ret->verdict = DNS_LOOP;
			return;
		}
		ret->canonical = alias->target;
		ttl_s = MIN(ttl_s, alias->ttl_s);
	}
	for (unsigned i = 0; i < n && ret->n < DNS_ADDRS_MAX; i++) {
		if (notes[i].is_alias || !dname_eq(&notes[i].owner, &ret->canonical))
			continue;
		ret->addr[ret->n++] = notes[i].addr;
		ttl_s = MIN(ttl_s, notes[i].ttl_s);
	}
	ret->verdict = ret->n > 0 ? DNS_ADDRS : DNS_NO_ADDR;
	ret->ttl_s = ret->n > 0 ? ttl_s : 0;
}

void dns_reply_parse(struct rd msg, uint16_t id, const struct dname *name, struct dns_reply *ret)
{
	struct note notes[DNS_RECORDS_MAX];
	struct rd in = msg;
	struct header h;
	unsigned n;

	*ret = (struct dns_reply){ .verdict = DNS_BAD };
	if (!header_parse(&in, &h))
		return;
	ret->verdict = question_check(msg, &in, &h, id, name);
	if (ret->verdict != DNS_ADDRS)
		return;
	if ((h.flags & FLAG_TC) != 0) {
		ret->verdict = DNS_TRUNCATED;
		return;
	}
	if ((h.flags & RCODE) != DNS_RCODE_OK && (h.flags & RCODE) != DNS_RCODE_NXDOMAIN) {
		ret->verdict = DNS_REFUSED;
		return;
	}
	if (!answers_parse(msg, &in, h.answers, notes, &n)) {
		ret->verdict = DNS_BAD;
		return;
	}
	follow(notes, n, name, ret);
	if (ret->verdict == DNS_NO_ADDR) {
		if ((h.flags & RCODE) == DNS_RCODE_NXDOMAIN)
			ret->verdict = DNS_NO_NAME;
		ret->ttl_s = negative_ttl(msg, in, h.authorities);
	}
}
