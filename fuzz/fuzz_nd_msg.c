/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Any octets as a Neighbor Discovery message. What is taken must build, and what was built must
 * be taken as the same value, in the same octets.
 */
#include "nd/msg_eq.h"

/* prototype for -Wmissing-prototypes; libFuzzer calls it */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct ip6_addr addrs[] = {
	{ { 0 } },
	{ { 0xfe, 0x80, [15] = 1 } },
	{ { 0x20, 0x01, 0x0d, 0xb8, [15] = 1 } },
	{ { 0xff, 0x02, [11] = 1, [12] = 0xff, [15] = 2 } },
};

/* The first octet chooses addresses and hop limit, the rest is the message. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t a[20000], b[20000];
	struct wr wa = wr_of(a, sizeof(a)), wb = wr_of(b, sizeof(b));
	const struct ip6_addr *src, *dst;
	struct nd_msg m, back;
	char text[200];

	if (size < 1)
		return 0;
	src = &addrs[data[0] & 3];
	dst = &addrs[data[0] >> 2 & 3];
	if (nd_parse(rd_of(data + 1, size - 1), src, dst, data[0] & 0x80 ? 254 : 255, &m) !=
	    DROP_NONE)
		return 0;
	ASSERT(strlen(nd_text(&m, text, sizeof(text))) < sizeof(text));
	nd_build(&wa, &m);
	ASSERT(!wa.overflow);
	ASSERT(nd_parse(rd_of(a, wr_len(&wa)), src, dst, ND_HOP_LIMIT, &back) == DROP_NONE);
	ASSERT(msg_eq(&m, &back));
	nd_build(&wb, &back);
	ASSERT(wr_len(&wa) == wr_len(&wb) && memcmp(a, b, wr_len(&wa)) == 0);
	return 0;
}
