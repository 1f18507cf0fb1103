/* SPDX-License-Identifier: BSD-3-Clause */
#include "mld/msg.h"

#include "ip6/scope.h"

#include <stdarg.h>
#include <stdio.h>

/* RFC 3810 section 5.1: the octet of flags, S and QRV. */
#define QUERY_S	  0x08
#define QUERY_QRV 0x07

#define AUX_UNIT 4 /* section 5.2.6: Aux Data Len is in units of 32 bits */

_Static_assert(MLD_V2_QUERY_OCTETS == MLD_V1_OCTETS + 4, "RFC 3810 section 8.1");

/*
 * Both codes of RFC 3810 are floating-point numbers with a hidden bit above the mantissa, marked
 * by the top bit; below that they are plain: sections 5.1.3 (12 bits) and 5.1.9 (4 bits).
 */
static uint64_t code_value(unsigned code, unsigned mant_bits)
{
	unsigned hidden = 1u << mant_bits;
	unsigned exp = (code >> mant_bits) & 7;

	if (code < hidden << 3)
		return code;
	return (uint64_t)((code & (hidden - 1)) | hidden) << (exp + 3);
}

static unsigned code_of_value(uint64_t v, unsigned mant_bits)
{
	unsigned hidden = 1u << mant_bits;
	unsigned exp = 0;

	if (v < hidden << 3)
		return (unsigned)v;
	while (v >> (exp + 3) >= hidden << 1)
		if (++exp > 7)
			return (hidden << 4) - 1;
	return hidden << 3 | exp << mant_bits | ((unsigned)(v >> (exp + 3)) & (hidden - 1));
}

time_ns mld_delay_of(uint16_t code)
{
	return code_value(code, 12) * NS_PER_MS;
}

uint16_t mld_delay_code(time_ns t)
{
	return (uint16_t)code_of_value(t / NS_PER_MS, 12);
}

time_ns mld_interval_of(uint8_t code)
{
	return code_value(code, 4) * NS_PER_S;
}

uint8_t mld_interval_code(time_ns t)
{
	return (uint8_t)code_of_value(t / NS_PER_S, 4);
}

/* What all messages but the MLDv2 Report begin with. */
static bool get_head(struct rd *in, uint16_t *code, struct ip6_addr *group)
{
	return rd_skip(in, 4) && rd_u16(in, code) && rd_skip(in, 2) && rd_addr(in, group);
}

enum drop mld_get_query(struct rd msg, struct mld_query *ret)
{
	struct mld_query q = { .version = msg.left == MLD_V1_OCTETS ? 1 : 2 };
	uint8_t flags = 0, qqic = 0;
	uint16_t code;

	if (!get_head(&msg, &code, &q.group))
		return DROP_MLD_SHORT;
	q.max_delay = q.version == 1 ? code * NS_PER_MS : mld_delay_of(code);
	if (q.version == 2) {
		if (!rd_u8(&msg, &flags) || !rd_u8(&msg, &qqic) || !rd_u16(&msg, &q.n_sources) ||
		    !rd_take(&msg, (size_t)q.n_sources * IP6_ADDR_OCTETS, &q.sources))
			return DROP_MLD_SHORT;
		q.suppress = (flags & QUERY_S) != 0;
		q.qrv = flags & QUERY_QRV;
		q.interval = mld_interval_of(qqic);
	}
	if (ip6_is_unspec(&q.group) ? q.n_sources != 0 : !ip6_is_mcast(&q.group))
		return DROP_MLD_GROUP;
	*ret = q;
	return DROP_NONE;
}

enum drop mld_get_v1(struct rd msg, struct ip6_addr *group)
{
	struct ip6_addr a;
	uint16_t code;

	if (!get_head(&msg, &code, &a))
		return DROP_MLD_SHORT;
	if (!ip6_is_mcast(&a))
		return DROP_MLD_GROUP;
	*group = a;
	return DROP_NONE;
}

bool mld_record_next(struct rd *records, struct mld_record *ret)
{
	struct rd in = *records;
	struct mld_record r;
	uint8_t aux;

	if (!rd_u8(&in, &r.type) || !rd_u8(&in, &aux) || !rd_u16(&in, &r.n_sources) ||
	    !rd_addr(&in, &r.group) ||
	    !rd_take(&in, (size_t)r.n_sources * IP6_ADDR_OCTETS, &r.sources) ||
	    !rd_skip(&in, (size_t)aux * AUX_UNIT))
		return false;
	ASSERT(in.left < records->left); /* each call makes progress */
	*records = in;
	*ret = r;
	return true;
}

enum drop mld_get_report(struct rd msg, struct mld_report *ret)
{
	struct mld_report rep;
	struct mld_record rec;
	struct rd walk;

	if (!rd_skip(&msg, 6) || !rd_u16(&msg, &rep.n_records))
		return DROP_MLD_SHORT;
	walk = msg;
	for (unsigned i = 0; i < rep.n_records; i++)
		if (!mld_record_next(&walk, &rec))
			return DROP_MLD_SHORT;
	/* What lies behind the last record is not the message's. */
	rep.records = rd_of(msg.p, msg.left - walk.left);
	*ret = rep;
	return DROP_NONE;
}

static void put_head(struct wr *w, uint8_t type, uint16_t code, const struct ip6_addr *group)
{
	wr_u8(w, type);
	wr_zero(w, 3);
	wr_u16(w, code);
	wr_zero(w, 2);
	wr_addr(w, group);
}

void mld_put_query(struct wr *w, const struct mld_query *q)
{
	if (q->version == 1) {
		uint64_t ms = q->max_delay / NS_PER_MS;

		put_head(w, MLD_TYPE_QUERY, (uint16_t)MIN(ms, UINT16_MAX), &q->group);
		return;
	}
	ASSERT(q->sources.left == (size_t)q->n_sources * IP6_ADDR_OCTETS);
	put_head(w, MLD_TYPE_QUERY, mld_delay_code(q->max_delay), &q->group);
	/* Section 5.1.8: a larger Robustness Variable is sent as zero. */
	wr_u8(w, (uint8_t)((q->suppress ? QUERY_S : 0) | (q->qrv <= MLD_QRV_MAX ? q->qrv : 0)));
	wr_u8(w, mld_interval_code(q->interval));
	wr_u16(w, q->n_sources);
	wr_bytes(w, q->sources.p, q->sources.left);
}

void mld_put_v1(struct wr *w, uint8_t type, const struct ip6_addr *group)
{
	ASSERT(type == MLD_TYPE_V1_REPORT || type == MLD_TYPE_V1_DONE);
	put_head(w, type, 0, group);
}

void mld_put_report(struct wr *w, uint16_t n_records)
{
	wr_u8(w, MLD_TYPE_V2_REPORT);
	wr_zero(w, 5);
	wr_u16(w, n_records);
}

void mld_put_record(struct wr *w, const struct mld_record *r)
{
	ASSERT(r->sources.left == (size_t)r->n_sources * IP6_ADDR_OCTETS);
	wr_u8(w, r->type);
	wr_u8(w, 0);
	wr_u16(w, r->n_sources);
	wr_addr(w, &r->group);
	wr_bytes(w, r->sources.p, r->sources.left);
}

const char *mld_record_name(uint8_t type)
{
	static const char *const names[] = {
		[MLD_IS_IN] = "IS_IN", [MLD_IS_EX] = "IS_EX", [MLD_TO_IN] = "TO_IN",
		[MLD_TO_EX] = "TO_EX", [MLD_ALLOW] = "ALLOW", [MLD_BLOCK] = "BLOCK",
	};

	return type < ARRAY_LEN(names) && names[type] != NULL ? names[type] : "?";
}

/*
 * Text. The buffer is a writing cursor whose last octet is kept for the NUL.
 */

static void PRINTF(2, 3) say(struct wr *w, const char *fmt, ...)
{
	char part[80];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(part, sizeof(part), fmt, ap);
	va_end(ap);
	ASSERT(n >= 0 && (size_t)n < sizeof(part));
	wr_bytes(w, part, (size_t)n);
}

static void say_sources(struct wr *w, struct rd sources)
{
	char text[IP6_TEXT_MAX];
	struct ip6_addr a;
	const char *sep = "";

	say(w, " {");
	for (; rd_addr(&sources, &a); sep = ", ")
		say(w, "%s%s", sep, ip6_text(&a, text));
	say(w, "}");
}

static void say_query(struct wr *w, const struct mld_query *q)
{
	char text[IP6_TEXT_MAX];

	say(w, "query v%u %s max %llu ms", q->version, ip6_text(&q->group, text),
	    (unsigned long long)(q->max_delay / NS_PER_MS));
	if (q->version == 1)
		return;
	say(w, "%s QRV %u QQI %llu s", q->suppress ? " S" : "", q->qrv,
	    (unsigned long long)(q->interval / NS_PER_S));
	if (q->n_sources != 0)
		say_sources(w, q->sources);
}

static void say_report(struct wr *w, struct mld_report *rep)
{
	char text[IP6_TEXT_MAX];
	struct mld_record r;
	const char *sep = "report v2 ";

	if (rep->n_records == 0)
		say(w, "report v2, empty");
	for (; mld_record_next(&rep->records, &r); sep = ", ") {
		say(w, "%s%s %s", sep, mld_record_name(r.type), ip6_text(&r.group, text));
		say_sources(w, r.sources);
	}
}

static bool say_message(struct wr *w, struct rd msg)
{
	char text[IP6_TEXT_MAX];
	struct mld_report rep;
	struct mld_query q;
	struct ip6_addr a;

	switch (mld_type(msg)) {
	case MLD_TYPE_QUERY:
		if (mld_get_query(msg, &q) != DROP_NONE)
			return false;
		say_query(w, &q);
		return true;
	case MLD_TYPE_V1_REPORT:
	case MLD_TYPE_V1_DONE:
		if (mld_get_v1(msg, &a) != DROP_NONE)
			return false;
		say(w, "%s v1 %s", mld_type(msg) == MLD_TYPE_V1_DONE ? "done" : "report",
		    ip6_text(&a, text));
		return true;
	case MLD_TYPE_V2_REPORT:
		if (mld_get_report(msg, &rep) != DROP_NONE)
			return false;
		say_report(w, &rep);
		return true;
	}
	return false;
}

const char *mld_text(struct rd msg, char *buf, size_t n)
{
	struct wr w;

	ASSERT(n != 0);
	w = wr_of(buf, n - 1);
	if (!say_message(&w, msg))
		say(&w, "malformed");
	buf[wr_len(&w)] = '\0';
	return buf;
}
