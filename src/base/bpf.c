/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/bpf.h"

#include <stdlib.h>

#define AD(what)  ((uint32_t)SKF_AD_OFF + (uint32_t)(what))
#define AD_FIRST  ((uint32_t)SKF_AD_OFF)
#define NET_FIRST ((uint32_t)SKF_NET_OFF)
#define LL_FIRST  ((uint32_t)SKF_LL_OFF)

struct bpf {
	size_t n;
	struct sock_filter insn[];
};

/*
 * The check.
 */

#define BOTH(op)    (op) | BPF_K, (op) | BPF_X
#define SIZES(mode) BPF_LD | BPF_W | (mode), BPF_LD | BPF_H | (mode), BPF_LD | BPF_B | (mode)

static const uint16_t instructions[] = { BOTH(BPF_ALU | BPF_ADD),
					 BOTH(BPF_ALU | BPF_SUB),
					 BOTH(BPF_ALU | BPF_MUL),
					 BOTH(BPF_ALU | BPF_DIV),
					 BOTH(BPF_ALU | BPF_MOD),
					 BOTH(BPF_ALU | BPF_AND),
					 BOTH(BPF_ALU | BPF_OR),
					 BOTH(BPF_ALU | BPF_XOR),
					 BOTH(BPF_ALU | BPF_LSH),
					 BOTH(BPF_ALU | BPF_RSH),
					 BPF_ALU | BPF_NEG,
					 BOTH(BPF_JMP | BPF_JEQ),
					 BOTH(BPF_JMP | BPF_JGE),
					 BOTH(BPF_JMP | BPF_JGT),
					 BOTH(BPF_JMP | BPF_JSET),
					 BPF_JMP | BPF_JA,
					 SIZES(BPF_ABS),
					 SIZES(BPF_IND),
					 BPF_LD | BPF_LEN,
					 BPF_LD | BPF_IMM,
					 BPF_LD | BPF_MEM,
					 BPF_LDX | BPF_LEN,
					 BPF_LDX | BPF_IMM,
					 BPF_LDX | BPF_MEM,
					 BPF_ST,
					 BPF_STX,
					 BPF_LDX | BPF_B | BPF_MSH,
					 BPF_RET | BPF_K,
					 BPF_RET | BPF_A,
					 BPF_MISC | BPF_TAX,
					 BPF_MISC | BPF_TXA };

static bool is_known(uint16_t code)
{
	for (size_t i = 0; i < ARRAY_LEN(instructions); i++)
		if (instructions[i] == code)
			return true;
	return false;
}

static bool is_ancillary(uint32_t k)
{
	static const int known[] = {
		SKF_AD_PROTOCOL,  SKF_AD_PKTTYPE,  SKF_AD_IFINDEX,	    SKF_AD_MARK,
		SKF_AD_QUEUE,	  SKF_AD_HATYPE,   SKF_AD_RXHASH,	    SKF_AD_CPU,
		SKF_AD_ALU_XOR_X, SKF_AD_VLAN_TAG, SKF_AD_VLAN_TAG_PRESENT, SKF_AD_VLAN_TPID
	};

	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (k == AD(known[i]))
			return true;
	return false;
}

static bool operands_ok(const struct sock_filter *f, size_t left)
{
	switch (f->code) {
	case BPF_ALU | BPF_DIV | BPF_K:
	case BPF_ALU | BPF_MOD | BPF_K:
		return f->k != 0;
	case BPF_ALU | BPF_LSH | BPF_K:
	case BPF_ALU | BPF_RSH | BPF_K:
		return f->k < 32;
	case BPF_LD | BPF_MEM:
	case BPF_LDX | BPF_MEM:
	case BPF_ST:
	case BPF_STX:
		return f->k < BPF_MEMWORDS;
	case BPF_JMP | BPF_JA:
		return f->k < left;
	case BPF_LD | BPF_W | BPF_ABS:
	case BPF_LD | BPF_H | BPF_ABS:
	case BPF_LD | BPF_B | BPF_ABS:
		return f->k < AD_FIRST || is_ancillary(f->k);
	default:
		return BPF_CLASS(f->code) != BPF_JMP || (f->jt < left && f->jf < left);
	}
}

static void reaches(uint16_t *valid, size_t to, uint16_t with)
{
	valid[to] &= with;
}

/* Words of memory that hold something wherever one comes from. A jump goes forwards: one pass will do. */
static bool memory_ok(const struct sock_filter *f, size_t n, uint16_t *valid)
{
	uint16_t now = 0;

	memset(valid, 0xff, n * sizeof(*valid));
	for (size_t i = 0; i < n; i++) {
		now &= valid[i];
		if (f[i].code == BPF_ST || f[i].code == BPF_STX) {
			now |= (uint16_t)(1u << f[i].k);
		} else if (f[i].code == (BPF_LD | BPF_MEM) || f[i].code == (BPF_LDX | BPF_MEM)) {
			if ((now >> f[i].k & 1) == 0)
				return false;
		} else if (f[i].code == (BPF_JMP | BPF_JA)) {
			reaches(valid, i + 1 + f[i].k, now);
			now = UINT16_MAX;
		} else if (BPF_CLASS(f[i].code) == BPF_JMP) {
			reaches(valid, i + 1 + f[i].jt, now);
			reaches(valid, i + 1 + f[i].jf, now);
			now = UINT16_MAX;
		}
	}
	return true;
}

static int check(const struct sock_filter *f, size_t n)
{
	uint16_t *valid;
	bool ok;

	for (size_t i = 0; i < n; i++)
		if (!is_known(f[i].code) || !operands_ok(&f[i], n - i - 1))
			return -EINVAL;
	if (BPF_CLASS(f[n - 1].code) != BPF_RET)
		return -EINVAL;
	valid = calloc(n, sizeof(*valid));
	if (valid == NULL)
		return -ENOMEM;
	ok = memory_ok(f, n, valid);
	free(valid);
	return ok ? 0 : -EINVAL;
}

int bpf_new(const struct sock_filter *insn, size_t n, struct bpf **ret)
{
	struct bpf *b;
	int rc;

	if (n == 0 || n > BPF_PROGRAM_MAX)
		return -EINVAL;
	rc = check(insn, n);
	if (rc < 0)
		return rc;
	b = malloc(sizeof(*b) + n * sizeof(*insn));
	if (b == NULL)
		return -ENOMEM;
	b->n = n;
	memcpy(b->insn, insn, n * sizeof(*insn));
	*ret = b;
	return 0;
}

void bpf_free(struct bpf *b)
{
	free(b);
}

/*
 * The run.
 */

struct machine {
	uint32_t a, x, m[BPF_MEMWORDS];
	const struct bpf_input *in;
};

static uint32_t ancillary(const struct machine *m, uint32_t k)
{
	const struct bpf_input *in = m->in;

	if (k == AD(SKF_AD_PROTOCOL))
		return in->protocol;
	if (k == AD(SKF_AD_PKTTYPE))
		return in->pkttype;
	if (k == AD(SKF_AD_IFINDEX))
		return in->ifindex;
	if (k == AD(SKF_AD_HATYPE))
		return in->hatype;
	if (k == AD(SKF_AD_ALU_XOR_X))
		return m->a ^ m->x;
	return 0; /* no marks, one queue, one processor; VLAN tags stay in the frame */
}

/* Where in the packet: the upper offsets are those of headers, which may lie before offset 0. */
static uint64_t place(const struct bpf_input *in, uint32_t k)
{
	if (k >= NET_FIRST)
		return (uint64_t)in->net + (k - NET_FIRST);
	if (k >= LL_FIRST)
		return k - LL_FIRST;
	return (uint64_t)in->data + k;
}

static bool load(const struct bpf_input *in, uint32_t k, uint16_t code, uint32_t *ret)
{
	uint32_t n = BPF_SIZE(code) == BPF_W ? 4 : BPF_SIZE(code) == BPF_H ? 2 : 1;
	uint64_t at = place(in, k);

	if (at + n > in->octets)
		return false;
	*ret = n == 4 ? get_be32(in->p + at) : n == 2 ? get_be16(in->p + at) : in->p[at];
	return true;
}

/* Return: false: the packet ends before, so it is refused. */
static bool do_load(struct machine *m, const struct sock_filter *f)
{
	uint32_t v = 0;

	switch (BPF_MODE(f->code)) {
	case BPF_IMM:
		v = f->k;
		break;
	case BPF_MEM:
		v = m->m[f->k];
		break;
	case BPF_LEN:
		v = m->in->whole;
		break;
	case BPF_MSH:
		if (!load(m->in, f->k, BPF_B, &v))
			return false;
		v = (v & 0xf) * 4;
		break;
	case BPF_IND:
		if (!load(m->in, m->x + f->k, f->code, &v))
			return false;
		break;
	default: /* BPF_ABS */
		if (f->k >= AD_FIRST)
			v = ancillary(m, f->k);
		else if (!load(m->in, f->k, f->code, &v))
			return false;
		break;
	}
	*(BPF_CLASS(f->code) == BPF_LD ? &m->a : &m->x) = v;
	return true;
}

/* Return: false: a division by zero, and so the packet is refused. */
static bool compute(struct machine *m, const struct sock_filter *f)
{
	uint32_t v = BPF_SRC(f->code) == BPF_K ? f->k : m->x;

	switch (BPF_OP(f->code)) {
	case BPF_ADD:
		m->a += v;
		return true;
	case BPF_SUB:
		m->a -= v;
		return true;
	case BPF_MUL:
		m->a *= v;
		return true;
	case BPF_DIV:
		if (v != 0)
			m->a /= v;
		return v != 0;
	case BPF_MOD:
		if (v != 0)
			m->a %= v;
		return v != 0;
	case BPF_AND:
		m->a &= v;
		return true;
	case BPF_OR:
		m->a |= v;
		return true;
	case BPF_XOR:
		m->a ^= v;
		return true;
	case BPF_LSH:
		m->a <<= v & 31;
		return true;
	case BPF_RSH:
		m->a >>= v & 31;
		return true;
	default: /* BPF_NEG */
		m->a = 0 - m->a;
		return true;
	}
}

/* Instructions to skip. */
static uint32_t jump(const struct machine *m, const struct sock_filter *f)
{
	uint32_t v = BPF_SRC(f->code) == BPF_K ? f->k : m->x;
	bool yes;

	switch (BPF_OP(f->code)) {
	case BPF_JA:
		return f->k;
	case BPF_JEQ:
		yes = m->a == v;
		break;
	case BPF_JGE:
		yes = m->a >= v;
		break;
	case BPF_JGT:
		yes = m->a > v;
		break;
	default: /* BPF_JSET */
		yes = (m->a & v) != 0;
		break;
	}
	return yes ? f->jt : f->jf;
}

uint32_t bpf_run(const struct bpf *b, const struct bpf_input *in)
{
	struct machine m = { .in = in };

	for (size_t i = 0; i < b->n; i++) {
		const struct sock_filter *f = &b->insn[i];

		switch (BPF_CLASS(f->code)) {
		case BPF_LD:
		case BPF_LDX:
			if (!do_load(&m, f))
				return 0;
			break;
		case BPF_ST:
			m.m[f->k] = m.a;
			break;
		case BPF_STX:
			m.m[f->k] = m.x;
			break;
		case BPF_ALU:
			if (!compute(&m, f))
				return 0;
			break;
		case BPF_JMP:
			i += jump(&m, f);
			break;
		case BPF_RET:
			return BPF_RVAL(f->code) == BPF_A ? m.a : f->k;
		default: /* BPF_MISC */
			if (BPF_MISCOP(f->code) == BPF_TAX)
				m.x = m.a;
			else
				m.a = m.x;
			break;
		}
	}
	ASSERT_NOT_REACHED();
}
