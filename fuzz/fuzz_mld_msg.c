/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The MLD messages: what can be read can be written, and what was written reads as the same.
 * Input is a message from its ICMPv6 header.
 */
#include "mld/msg.h"

#define OCTETS_MAX 65536

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct rd round_trip_query(struct rd in, struct wr *w)
{
	struct mld_query a, b;
	struct rd out;

	if (mld_get_query(in, &a) != DROP_NONE)
		return rd_of(NULL, 0);
	mld_put_query(w, &a);
	out = rd_of(w->start, wr_len(w));
	ASSERT(mld_get_query(out, &b) == DROP_NONE);
	ASSERT(a.version == b.version && a.max_delay == b.max_delay && a.suppress == b.suppress);
	ASSERT(ip6_eq(&a.group, &b.group) && a.qrv == b.qrv && a.interval == b.interval);
	ASSERT(a.n_sources == b.n_sources && a.sources.left == b.sources.left);
	ASSERT(a.n_sources == 0 || memcmp(a.sources.p, b.sources.p, a.sources.left) == 0);
	return out;
}

static struct rd round_trip_report(struct rd in, struct wr *w)
{
	struct mld_record ra, rb;
	struct mld_report a, b;
	unsigned n = 0;
	struct rd out;

	if (mld_get_report(in, &a) != DROP_NONE)
		return rd_of(NULL, 0);
	mld_put_report(w, a.n_records);
	for (struct rd r = a.records; mld_record_next(&r, &ra); n++)
		mld_put_record(w, &ra);
	ASSERT(n == a.n_records);
	out = rd_of(w->start, wr_len(w));
	ASSERT(mld_get_report(out, &b) == DROP_NONE && b.n_records == n);
	while (mld_record_next(&a.records, &ra)) {
		ASSERT(mld_record_next(&b.records, &rb));
		ASSERT(ra.type == rb.type && ip6_eq(&ra.group, &rb.group));
		ASSERT(ra.n_sources == rb.n_sources && ra.sources.left == rb.sources.left);
		ASSERT(ra.n_sources == 0 ||
		       memcmp(ra.sources.p, rb.sources.p, ra.sources.left) == 0);
	}
	ASSERT(a.records.left == 0 && b.records.left == 0);
	return out;
}

static struct rd round_trip_v1(struct rd in, struct wr *w)
{
	struct ip6_addr a, b;
	struct rd out;

	if (mld_get_v1(in, &a) != DROP_NONE)
		return rd_of(NULL, 0);
	mld_put_v1(w, mld_type(in), &a);
	out = rd_of(w->start, wr_len(w));
	ASSERT(mld_get_v1(out, &b) == DROP_NONE && ip6_eq(&a, &b));
	return out;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rd in = rd_of(data, size), out = rd_of(NULL, 0);
	static uint8_t buf[OCTETS_MAX];
	char text[2][512];
	struct wr w = wr_of(buf, sizeof(buf));

	if (size > OCTETS_MAX)
		return 0;
	switch (mld_type(in)) {
	case MLD_TYPE_QUERY:
		out = round_trip_query(in, &w);
		break;
	case MLD_TYPE_V1_REPORT:
	case MLD_TYPE_V1_DONE:
		out = round_trip_v1(in, &w);
		break;
	case MLD_TYPE_V2_REPORT:
		out = round_trip_report(in, &w);
		break;
	}
	ASSERT(!w.overflow);
	mld_text(in, text[0], sizeof(text[0]));
	mld_text(out, text[1], sizeof(text[1]));
	ASSERT(out.left != 0 ? strcmp(text[0], text[1]) == 0 : strcmp(text[0], "malformed") == 0);
	return 0;
}
