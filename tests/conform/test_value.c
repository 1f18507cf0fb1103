/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "conform/value.h"

static const struct ip6_addr one = { { 0xfe, 0x80, [15] = 1 } };
static const struct ip6_addr two = { { 0xfe, 0x80, [15] = 2 } };
static const uint8_t data[] = { 0xde, 0xad };
static const uint8_t padn[] = { 1, 4, 0, 0, 0, 0 };

/* An echo request behind hop-by-hop options. */
static struct pv sample(void)
{
	return (struct pv){ .eth_src = IS_MAC(((struct mac){ { 2, 0, 0, 0, 0, 1 } })),
			    .eth_dst = IS_MAC(((struct mac){ { 2, 0, 0, 0, 0, 2 } })),
			    .src = IS_ADDR(one),
			    .dst = IS_ADDR(two),
			    .hop_limit = IS(255),
			    .ext = { { .kind = IP6_NH_HBH,
				       .body = IS_OCTETS(padn, sizeof(padn)) } },
			    .n_ext = 1,
			    .kind = PV_ICMP6,
			    .type = IS(ICMP6_ECHO_REQUEST),
			    .code = IS(0),
			    .id = IS(0x1234),
			    .seq = IS(7),
			    .data = IS_OCTETS(data, sizeof(data)) };
}

/* The checksum by hand: 0xfe80 * 2 + 1 + 2 + 10 + 58 + 0x8000 + 0x1234 + 7 + 0xdead = 0x36e2e ... */
static void test_octets(void **state)
{
	static const uint8_t
		want
			[] = {
				2,    0,    0,	  0,	0,    2,    2,	  0,   0,    0,	   0,
				1,    0x86, 0xdd,			       /* Ethernet */
				0x60, 0,    0,	  0,	0,    18,   0,	  255, /* IPv6 */
				0xfe, 0x80, 0,	  0,	0,    0,    0,	  0,   0,    0,	   0,
				0,    0,    0,	  0,	1,    0xfe, 0x80, 0,   0,    0,	   0,
				0,    0,    0,	  0,	0,    0,    0,	  0,   0,    2,	   58,
				0,    1,    4,	  0,	0,    0,    0, /* hop-by-hop options */
				128,  0,    0x91, 0xcd, 0x12, 0x34, 0,	  7,   0xde, 0xad,
			};
	uint8_t frame[PV_FRAME_MAX];
	struct pv pv = sample();

	(void)state;
	assert_int_equal(pv_build(&pv, frame, sizeof(frame)), sizeof(want));
	assert_memory_equal(frame, want, sizeof(want));
	assert_int_equal(pv_build(&pv, frame, sizeof(want)), sizeof(want));
	assert_int_equal(pv_build(&pv, frame, sizeof(want) - 1), 0);
}

/* What a case sets is written as it is, be it wrong; what it leaves is right. */
static void test_set_fields(void **state)
{
	uint8_t frame[PV_FRAME_MAX];
	struct pv pv = sample(), seen;

	(void)state;
	pv.version = IS(15);
	pv.tclass = IS(0xab);
	pv.flow = IS(0xfedcb);
	pv.plen = IS(17);
	pv.next = IS(44);
	pv.ext[0].next = IS(59);
	pv.ext[0].len = IS(3);
	pv.csum = IS(0xbeef);
	assert_int_not_equal(pv_build(&pv, frame, sizeof(frame)), 0);
	assert_int_equal(get_be32(frame + 14), 0xfabfedcb);
	assert_int_equal(get_be16(frame + 18), 17);
	assert_int_equal(frame[20], 44);
	assert_int_equal(frame[54], 59);
	assert_int_equal(frame[55], 3);
	assert_int_equal(get_be16(frame + 64), 0xbeef);

	pv = sample();
	pv.csum = IS(0xbeef);
	assert_true(pv_decode(frame, pv_build(&pv, frame, sizeof(frame)), &seen));
	assert_true(seen.csum_wrong);
	assert_int_equal(pv_match(&pv, &seen), 1);
}

/* Each change of one field is one difference, unless nobody asked for the field. */
static void test_match(void **state)
{
	static const uint8_t other[] = { 0xde, 0xae };
	uint8_t frame[PV_FRAME_MAX], want_frame[PV_FRAME_MAX];
	struct pv want, seen;

	(void)state;
	want = sample();
	assert_true(pv_decode(want_frame, pv_build(&want, want_frame, sizeof(want_frame)), &want));
	for (unsigned i = 0; i <= 12; i++) {
		struct pv pv = sample();
		unsigned n = 1;

		switch (i) {
		case 0:
			n = 0;
			break;
		case 1:
			pv.tclass = IS(1);
			break;
		case 2:
			pv.flow = IS(1);
			break;
		case 3:
			pv.hop_limit = IS(254);
			break;
		case 4:
			pv.src.a.b[1] ^= 1;
			break;
		case 5:
			pv.dst.a.b[15] ^= 4;
			break;
		case 6:
			pv.id = IS(0x1235);
			break;
		case 7:
			pv.seq = IS(8);
			break;
		case 8:
			pv.code = IS(1);
			break;
		case 9:
			pv.data.p = other;
			break;
		case 10:
			pv.eth_dst.m.b[5] = 3;
			break;
		case 11:
			pv.version = IS(7);
			break;
		case 12:
			pv.csum = IS(1);
			break;
		}
		assert_true(pv_decode(frame, pv_build(&pv, frame, sizeof(frame)), &seen));
		if (pv_match(&want, &seen) != n)
			fail_msg("change %u: %u differences", i, pv_match(&want, &seen));
	}
	seen.hop_limit.v = 3;
	assert_int_equal(pv_match(&(struct pv){ .kind = PV_ANY }, &seen), 0);
	assert_int_equal(pv_match(&(struct pv){ .kind = PV_RAW }, &seen), 2);
}

static void test_chain_differs(void **state)
{
	uint8_t frame[PV_FRAME_MAX];
	struct pv pv = sample(), seen;

	(void)state;
	assert_true(pv_decode(frame, pv_build(&pv, frame, sizeof(frame)), &seen));
	assert_int_equal(seen.n_ext, 1);
	assert_int_equal(pv_match(&pv, &seen), 0);
	pv.n_ext = 0; /* an extension header that nobody expects */
	assert_int_equal(pv_match(&pv, &seen), 1);
	pv = sample();
	pv.ext[0].kind = IP6_NH_DSTOPTS;
	assert_int_equal(pv_match(&pv, &seen), 1);
	pv = sample();
	pv.ext[1] = pv.ext[0];
	pv.n_ext = 2; /* one that is missing, with its body */
	assert_int_equal(pv_match(&pv, &seen), 2);
}

static void test_fragment(void **state)
{
	uint8_t frame[PV_FRAME_MAX];
	struct pv pv = sample(), seen;

	(void)state;
	pv.ext[0] = (struct pv_ext){ .kind = IP6_NH_FRAGMENT,
				     .reserved = IS(0),
				     .offset = IS(0x21c),
				     .flags = IS(1),
				     .id = IS(0xcafe) };
	assert_true(pv_decode(frame, pv_build(&pv, frame, sizeof(frame)), &seen));
	assert_int_equal(get_be32(frame + 54), 0x3a0010e1);
	assert_int_equal(get_be32(frame + 58), 0xcafe);
	assert_int_equal(seen.ext[0].offset.v, 0x21c);
	assert_int_equal(seen.ext[0].id.v, 0xcafe);
	assert_int_equal(seen.kind, PV_RAW); /* not the first one: no message begins here */
	assert_int_equal(seen.data.n, 10);
}

/* Any beginning of a frame decodes or not, but is never read beyond (this runs under ASan). */
static void test_cut(void **state)
{
	uint8_t frame[PV_FRAME_MAX];
	struct pv pv = sample(), seen;
	size_t n = pv_build(&pv, frame, sizeof(frame));

	(void)state;
	for (size_t i = 0; i < n; i++) {
		uint8_t *cut = malloc(i + 1);

		assert_non_null(cut);
		memcpy(cut, frame, i);
		cut = realloc(cut, i > 0 ? i : 1);
		assert_int_equal(pv_decode(cut, i, &seen), i >= 54);
		if (i >= 54)
			assert_int_equal(seen.bad != NULL, i < 70);
		free(cut);
	}
}

static void test_text(void **state)
{
	static const char want[] =
		"  field            expected                                  seen\n"
		"  Ethernet source  any                                       02:00:00:00:00:01\n"
		"  Ethernet dest.   any                                       02:00:00:00:00:02\n"
		"  version          any                                       6\n"
		"  traffic class    any                                       0\n"
		"  flow label       any                                       0x0\n"
		"  payload length   any                                       18\n"
		"  next header      any                                       0\n"
		"! hop limit        64                                        255\n"
		"  source           fe80::1                                   fe80::1\n"
		"  destination      any                                       fe80::2\n"
		"! ext 1            none                                      hop-by-hop options\n"
		"  upper            ICMPv6                                    ICMPv6\n"
		"  type             128                                       128\n"
		"  code             any                                       0\n"
		"  checksum         right                                     right\n"
		"  id               any                                       0x1234\n"
		"  sequence         any                                       7\n"
		"! data             2:deae                                    2:dead (from octet 1)\n"
		"  form             whole                                     whole\n"
		"  ext 1 next       -                                         58\n"
		"  ext 1 length     -                                         0\n"
		"  ext 1 body       -                                         6:010400000000\n";
	static const uint8_t other[] = { 0xde, 0xae };
	struct pv expected = { .hop_limit = IS(64),
			       .src = IS_ADDR(one),
			       .kind = PV_ICMP6,
			       .type = IS(128),
			       .data = IS_OCTETS(other, 2) };
	uint8_t frame[PV_FRAME_MAX];
	struct pv pv = sample(), seen;
	char *text = NULL;
	size_t n;
	FILE *f = open_memstream(&text, &n);

	(void)state;
	assert_non_null(f);
	assert_true(pv_decode(frame, pv_build(&pv, frame, sizeof(frame)), &seen));
	pv_compare(&expected, &seen, f);
	fclose(f);
	assert_string_equal(text, want);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_octets),	 cmocka_unit_test(test_set_fields),
		cmocka_unit_test(test_match),	 cmocka_unit_test(test_chain_differs),
		cmocka_unit_test(test_fragment), cmocka_unit_test(test_cut),
		cmocka_unit_test(test_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
