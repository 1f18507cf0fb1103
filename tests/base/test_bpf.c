/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Classic BPF: each instruction, what the check refuses, and, for some thousand programs of chance, the
 * same verdict on the program and on a packet as the kernel's own.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <linux/if_packet.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/bpf.h"
#include "base/rng.h"

#define S(code, k)	   BPF_STMT((code), (uint32_t)(k))
#define J(code, k, jt, jf) BPF_JUMP((code), (uint32_t)(k), (jt), (jf))
#define RETA		   S(BPF_RET | BPF_A, 0)
#define LDI(k)		   S(BPF_LD | BPF_IMM, (k))
#define LDXI(k)		   S(BPF_LDX | BPF_IMM, (k))

/* A frame of 20 octets whose network header is at 14. */
static const uint8_t frame[] = { 0x02, 0, 0, 0, 0, 1, 0x02, 0, 0,    0,
				 0,    2, 8, 6, 0, 1, 0xf8, 5, 0xfe, 0xff };

static const struct bpf_input whole = { .p = frame,
					.octets = sizeof(frame),
					.net = 14,
					.whole = 1500,
					.ifindex = 7,
					.protocol = 0x0806,
					.hatype = 1,
					.pkttype = PACKET_MULTICAST };

static const struct {
	const char *what;
	uint32_t ret;
	struct sock_filter f[6];
} runs[] = {
	{ "ret k", 5, { S(BPF_RET | BPF_K, 5) } },
	{ "ld w", 0x08060001, { S(BPF_LD | BPF_W | BPF_ABS, 12), RETA } },
	{ "ld h", 0x0806, { S(BPF_LD | BPF_H | BPF_ABS, 12), RETA } },
	{ "ld b", 0xff, { S(BPF_LD | BPF_B | BPF_ABS, 19), RETA } },
	{ "ld b beyond", 0, { LDI(9), S(BPF_LD | BPF_B | BPF_ABS, 20), RETA } },
	{ "ld h over the end", 0, { LDI(9), S(BPF_LD | BPF_H | BPF_ABS, 19), RETA } },
	{ "ld w over the end", 0, { LDI(9), S(BPF_LD | BPF_W | BPF_ABS, 17), RETA } },
	{ "ld ind", 0x0806, { LDXI(10), S(BPF_LD | BPF_H | BPF_IND, 2), RETA } },
	{ "ld ind wraps", 0x02000000, { LDXI(-6), S(BPF_LD | BPF_W | BPF_IND, 6), RETA } },
	{ "ld len", 1500, { S(BPF_LD | BPF_W | BPF_LEN, 0), RETA } },
	{ "ldx len", 1500, { S(BPF_LDX | BPF_W | BPF_LEN, 0), S(BPF_MISC | BPF_TXA, 0), RETA } },
	{ "ldx msh", 32, { S(BPF_LDX | BPF_B | BPF_MSH, 16), S(BPF_MISC | BPF_TXA, 0), RETA } },
	{ "net", 1, { S(BPF_LD | BPF_H | BPF_ABS, SKF_NET_OFF), RETA } },
	{ "net beyond", 0, { LDI(9), S(BPF_LD | BPF_H | BPF_ABS, SKF_NET_OFF + 5), RETA } },
	{ "ll", 0x02, { S(BPF_LD | BPF_B | BPF_ABS, SKF_LL_OFF + 6), RETA } },
	{ "protocol", 0x806, { S(BPF_LD | BPF_W | BPF_ABS, SKF_AD_OFF + SKF_AD_PROTOCOL), RETA } },
	{ "pkttype", 2, { S(BPF_LD | BPF_B | BPF_ABS, SKF_AD_OFF + SKF_AD_PKTTYPE), RETA } },
	{ "ifindex", 7, { S(BPF_LD | BPF_W | BPF_ABS, SKF_AD_OFF + SKF_AD_IFINDEX), RETA } },
	{ "hatype", 1, { S(BPF_LD | BPF_W | BPF_ABS, SKF_AD_OFF + SKF_AD_HATYPE), RETA } },
	{ "no tag",
	  0,
	  { LDI(4), S(BPF_LD | BPF_W | BPF_ABS, SKF_AD_OFF + SKF_AD_VLAN_TAG_PRESENT), RETA } },
	{ "xor x",
	  6,
	  { LDI(5), LDXI(3), S(BPF_LD | BPF_W | BPF_ABS, SKF_AD_OFF + SKF_AD_ALU_XOR_X), RETA } },
	{ "memory", 77, { LDI(77), S(BPF_ST, 15), LDI(1), S(BPF_LD | BPF_MEM, 15), RETA } },
	{ "memory x", 78, { LDXI(78), S(BPF_STX, 0), S(BPF_LD | BPF_MEM, 0), RETA } },
	{ "ldx memory",
	  9,
	  { LDI(9), S(BPF_ST, 3), S(BPF_LDX | BPF_MEM, 3), S(BPF_MISC | BPF_TXA, 0), RETA } },
	{ "tax", 9, { LDI(9), S(BPF_MISC | BPF_TAX, 0), LDI(0), S(BPF_MISC | BPF_TXA, 0), RETA } },
	{ "add", 8, { LDI(5), S(BPF_ALU | BPF_ADD | BPF_K, 3), RETA } },
	{ "add wraps", 2, { LDI(-1), S(BPF_ALU | BPF_ADD | BPF_K, 3), RETA } },
	{ "sub x", 2, { LDI(5), LDXI(3), S(BPF_ALU | BPF_SUB | BPF_X, 0), RETA } },
	{ "mul", 15, { LDI(5), S(BPF_ALU | BPF_MUL | BPF_K, 3), RETA } },
	{ "div", 0x7fffffff, { LDI(-1), S(BPF_ALU | BPF_DIV | BPF_K, 2), RETA } },
	{ "div 0", 0, { LDI(9), S(BPF_ALU | BPF_DIV | BPF_X, 0), S(BPF_RET | BPF_K, 1) } },
	{ "mod", 2, { LDI(5), S(BPF_ALU | BPF_MOD | BPF_K, 3), RETA } },
	{ "mod 0", 0, { LDI(9), S(BPF_ALU | BPF_MOD | BPF_X, 0), S(BPF_RET | BPF_K, 1) } },
	{ "and", 4, { LDI(12), S(BPF_ALU | BPF_AND | BPF_K, 6), RETA } },
	{ "or", 14, { LDI(12), S(BPF_ALU | BPF_OR | BPF_K, 6), RETA } },
	{ "xor", 10, { LDI(12), S(BPF_ALU | BPF_XOR | BPF_K, 6), RETA } },
	{ "lsh", 48, { LDI(12), S(BPF_ALU | BPF_LSH | BPF_K, 2), RETA } },
	{ "rsh x", 3, { LDI(12), LDXI(2), S(BPF_ALU | BPF_RSH | BPF_X, 0), RETA } },
	{ "neg", 0xfffffff4, { LDI(12), S(BPF_ALU | BPF_NEG, 0), RETA } },
	{ "ja", 1, { LDI(1), S(BPF_JMP | BPF_JA, 1), LDI(2), RETA } },
	{ "jeq yes", 1, { LDI(1), J(BPF_JMP | BPF_JEQ | BPF_K, 1, 1, 0), LDI(2), RETA } },
	{ "jeq no", 2, { LDI(1), J(BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0), LDI(2), RETA } },
	{ "jgt", 2, { LDI(1), J(BPF_JMP | BPF_JGT | BPF_K, 1, 1, 0), LDI(2), RETA } },
	{ "jge", 1, { LDI(1), J(BPF_JMP | BPF_JGE | BPF_K, 1, 1, 0), LDI(2), RETA } },
	{ "jge unsigned", 1, { LDI(-1), J(BPF_JMP | BPF_JGE | BPF_K, 1, 0, 1), LDI(1), RETA } },
	{ "jset", 6, { LDI(6), J(BPF_JMP | BPF_JSET | BPF_K, 4, 1, 0), LDI(2), RETA } },
	{ "jset x", 2, { LDI(6), LDXI(1), J(BPF_JMP | BPF_JSET | BPF_X, 0, 1, 0), LDI(2), RETA } },
};

static size_t length(const struct sock_filter *f, size_t most)
{
	size_t n = most;

	while (n > 0 && BPF_CLASS(f[n - 1].code) != BPF_RET)
		n--;
	return n;
}

static void instructions(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(runs); i++) {
		struct bpf *b = NULL;
		uint32_t got;

		if (bpf_new(runs[i].f, length(runs[i].f, ARRAY_LEN(runs[i].f)), &b) != 0)
			fail_msg("%s: refused", runs[i].what);
		got = bpf_run(b, &whole);
		if (got != runs[i].ret)
			fail_msg("%s: %#x, not %#x", runs[i].what, got, runs[i].ret);
		bpf_free(b);
	}
}

/* Of a socket that sees what is behind the Ethernet header. */
static void offsets(void **state)
{
	static const struct sock_filter f[] = { S(BPF_LD | BPF_H | BPF_ABS, 0),
						S(BPF_MISC | BPF_TAX, 0),
						S(BPF_LD | BPF_H | BPF_ABS, SKF_LL_OFF + 12),
						S(BPF_ALU | BPF_LSH | BPF_K, 16),
						S(BPF_ALU | BPF_OR | BPF_X, 0),
						RETA };
	struct bpf_input in = whole;
	struct bpf *b = NULL;

	(void)state;
	in.data = 14;
	assert_int_equal(bpf_new(f, ARRAY_LEN(f), &b), 0);
	assert_int_equal(bpf_run(b, &in), 0x08060001);
	bpf_free(b);
}

static const struct {
	const char *what;
	unsigned n;
	struct sock_filter f[5];
} refused[] = {
	{ "none", 0, { RETA } },
	{ "no return", 1, { LDI(1) } },
	{ "unknown", 2, { S(BPF_LD | BPF_W | 0xe0, 0), RETA } },
	{ "ret x", 1, { S(BPF_RET | BPF_X, 0) } },
	{ "high octet of the code", 2, { S(0x100, 0), RETA } },
	{ "div 0", 2, { S(BPF_ALU | BPF_DIV | BPF_K, 0), RETA } },
	{ "mod 0", 2, { S(BPF_ALU | BPF_MOD | BPF_K, 0), RETA } },
	{ "lsh 32", 2, { S(BPF_ALU | BPF_LSH | BPF_K, 32), RETA } },
	{ "rsh 32", 2, { S(BPF_ALU | BPF_RSH | BPF_K, 32), RETA } },
	{ "st 16", 2, { S(BPF_ST, 16), RETA } },
	{ "ld m 16", 3, { S(BPF_ST, 0), S(BPF_LD | BPF_MEM, 16), RETA } },
	{ "ja past the end", 2, { S(BPF_JMP | BPF_JA, 1), RETA } },
	{ "ja far", 2, { S(BPF_JMP | BPF_JA, -1), RETA } },
	{ "jt past the end", 2, { J(BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0), RETA } },
	{ "jf past the end", 2, { J(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 1), RETA } },
	{ "unknown ancillary", 2, { S(BPF_LD | BPF_W | BPF_ABS, SKF_AD_OFF + 1), RETA } },
	{ "never written", 2, { S(BPF_LD | BPF_MEM, 0), RETA } },
	{ "written on one way only",
	  4,
	  { J(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 1), S(BPF_ST, 1), S(BPF_LDX | BPF_MEM, 1), RETA } },
};

static void what_is_refused(void **state)
{
	struct sock_filter *long_one = calloc(BPF_PROGRAM_MAX + 1, sizeof(*long_one));
	struct bpf *b = NULL;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(refused); i++)
		if (bpf_new(refused[i].f, refused[i].n, &b) != -EINVAL)
			fail_msg("%s: taken", refused[i].what);
	assert_non_null(long_one);
	for (size_t i = 0; i <= BPF_PROGRAM_MAX; i++)
		long_one[i] = (struct sock_filter)S(BPF_RET | BPF_K, 1);
	assert_int_equal(bpf_new(long_one, BPF_PROGRAM_MAX + 1, &b), -EINVAL);
	assert_int_equal(bpf_new(long_one, BPF_PROGRAM_MAX, &b), 0);
	bpf_free(b);
	bpf_free(NULL);
	free(long_one);
}

/*
 * Beside the kernel.
 */
#define PROGRAMS    20000
#define PROGRAM_MAX 12
#define PACKET_MAX  64

static const uint16_t codes[] = {
	0x00, 0x20, 0x28, 0x30, 0x40, 0x48, 0x50, 0x60, 0x80, 0x01, 0x61, 0x81, 0xb1,
	0x02, 0x03, 0x04, 0x0c, 0x14, 0x1c, 0x24, 0x2c, 0x34, 0x3c, 0x44, 0x4c, 0x54,
	0x5c, 0x64, 0x6c, 0x74, 0x7c, 0x84, 0x94, 0x9c, 0xa4, 0xac, 0x05, 0x15, 0x1d,
	0x25, 0x2d, 0x35, 0x3d, 0x45, 0x4d, 0x06, 0x16, 0x07, 0x87, 0x0e, 0x08, 0xc0,
};

static size_t program(struct rng *r, struct sock_filter *f)
{
	size_t n = 1 + rng_below(r, PROGRAM_MAX - 1);

	for (size_t i = 0; i < n; i++) {
		f[i] = (struct sock_filter){ .code = codes[rng_below(r, ARRAY_LEN(codes))],
					     .jt = (uint8_t)rng_below(r, 4),
					     .jf = (uint8_t)rng_below(r, 4),
					     .k = (uint32_t)rng_below(r, 40) };
		if (rng_below(r, 8) == 0)
			f[i].k = (uint32_t)rng_u64(r);
		if (rng_below(r, 4) == 0)
			f[i].k %= 4;
		if ((f[i].code & 0xe7) == (BPF_LD | BPF_ABS) && f[i].k >= (uint32_t)SKF_LL_OFF)
			f[i].k = 0; /* the kernel has no headers there */
	}
	if (rng_below(r, 8) != 0)
		f[n - 1] = (struct sock_filter){ .code = BPF_RET | BPF_A };
	return n;
}

/* Octets that the kernel keeps of a packet, or -1: it refuses the program. */
static int kernel(const struct sock_filter *f, size_t n, const uint8_t *p, size_t octets)
{
	struct sock_fprog prog = { (unsigned short)n, (struct sock_filter *)(uintptr_t)f };
	uint8_t in[PACKET_MAX];
	int pair[2];
	ssize_t got;

	assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, pair), 0);
	if (setsockopt(pair[1], SOL_SOCKET, SO_ATTACH_FILTER, &prog, sizeof(prog)) < 0) {
		assert_int_equal(errno, EINVAL);
		got = -1;
	} else {
		(void)send(pair[0], p, octets, 0);
		got = recv(pair[1], in, sizeof(in), 0);
		got = got < 0 ? 0 : got;
	}
	close(pair[0]);
	close(pair[1]);
	return (int)got;
}

static int ours(const struct sock_filter *f, size_t n, const uint8_t *p, uint32_t octets)
{
	struct bpf_input in = { .p = p, .octets = octets, .whole = octets };
	struct bpf *b = NULL;
	uint32_t ret;

	if (bpf_new(f, n, &b) < 0)
		return -1;
	ret = bpf_run(b, &in);
	bpf_free(b);
	return (int)MIN(ret, octets);
}

static void as_the_kernel(void **state)
{
	static const uint8_t seed[RNG_SEED_OCTETS] = { 1 };
	unsigned taken = 0, kept = 0;
	struct rng r;

	(void)state;
	rng_init(&r, seed);
	for (unsigned i = 0; i < PROGRAMS; i++) {
		struct sock_filter f[PROGRAM_MAX];
		size_t n = program(&r, f);
		uint8_t p[PACKET_MAX];
		uint32_t octets = 1 + (uint32_t)rng_below(&r, PACKET_MAX - 1);
		int want, got;

		for (unsigned k = 0; k < octets; k++)
			p[k] = (uint8_t)rng_below(&r, 5);
		want = kernel(f, n, p, octets);
		got = ours(f, n, p, octets);
		if (want != got) {
			for (size_t k = 0; k < n; k++)
				print_message("{ %#x, %u, %u, %#x },\n", f[k].code, f[k].jt,
					      f[k].jf, f[k].k);
			fail_msg("program %u: %d, the kernel: %d", i, got, want);
		}
		taken += got >= 0;
		kept += got > 0;
	}
	assert_true(taken > PROGRAMS / 8 && kept > PROGRAMS / 40);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(instructions),
		cmocka_unit_test(offsets),
		cmocka_unit_test(what_is_refused),
		cmocka_unit_test(as_the_kernel),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
