/* SPDX-License-Identifier: BSD-3-Clause */
#include "dpdk.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include <rte_cycles.h>
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_fib6.h>
#include <rte_hash.h>
#include <rte_hash_crc.h>
#include <rte_ip.h>
#include <rte_ip_frag.h>
#include <rte_lpm6.h>
#include <rte_malloc.h>
#include <rte_mbuf.h>

#define MEMORY_MIB	"5000"
#define PIECES_SPARE	512
#define FRAG_BUCKETS	1024
#define FRAG_PER_BUCKET 16
#define FRAG_MBUFS	4095

enum kind { KIND_FIB6, KIND_LPM6, KIND_HASH, KIND_FRAG };

struct dpdk {
	enum kind kind;
	struct rte_fib6 *fib;
	struct rte_lpm6 *lpm;
	struct rte_hash *hash;
	struct rte_ip_frag_tbl *frag;
	struct rte_ip_frag_death_row dead;
	struct rte_mempool *mbufs;
	size_t octets;
};

/* What huge pages would give it, without root and without setting any aside. */
static int ask_huge(const struct rte_memseg_list *l, const struct rte_memseg *s, size_t len,
		    void *arg)
{
	(void)l;
	(void)arg;
	(void)madvise(s->addr, len, MADV_HUGEPAGE);
	return 0;
}

/* Once for the process, when first needed; DPDK keeps its own state. */
static bool start(char why[BENCH_NOTE_MAX])
{
	static char args[][32] = { "bench",
				   "--no-huge",
				   "--no-pci",
				   "--no-shconf",
				   "--no-telemetry",
				   "--log-level=1",
				   "-m",
				   MEMORY_MIB,
				   "--force-max-simd-bitwidth=512",
				   "--lcores",
				   "" };
	static enum { NOT_YET, WORKS, FAILED } state;
	char *argv[ARRAY_LEN(args) + 1] = { NULL };

	if (state == NOT_YET) {
		snprintf(args[ARRAY_LEN(args) - 1], sizeof(args[0]), "0@%d", sched_getcpu());
		for (unsigned i = 0; i < ARRAY_LEN(args); i++)
			argv[i] = args[i];
		state = rte_eal_init(ARRAY_LEN(args), argv) < 0 ? FAILED : WORKS;
		if (state == WORKS)
			rte_memseg_contig_walk(ask_huge, NULL);
	}
	if (state == FAILED)
		snprintf(why, BENCH_NOTE_MAX, "DPDK does not start");
	return state == WORKS;
}

static struct dpdk *new (enum kind kind)
{
	struct dpdk *d = bench_alloc(1, sizeof(*d));

	d->kind = kind;
	return d;
}

static struct dpdk *sorry(struct dpdk *d, char why[BENCH_NOTE_MAX], const char *what, int rc)
{
	snprintf(why, BENCH_NOTE_MAX, "%s: %s", what, strerror(-rc));
	dpdk_free(d);
	return NULL;
}

void dpdk_free(struct dpdk *d)
{
	if (d == NULL)
		return;
	switch (d->kind) {
	case KIND_FIB6:
		rte_fib6_free(d->fib);
		break;
	case KIND_LPM6:
		rte_lpm6_free(d->lpm);
		break;
	case KIND_HASH:
		rte_hash_free(d->hash);
		break;
	case KIND_FRAG:
		if (d->frag != NULL)
			rte_ip_frag_table_destroy(d->frag);
		rte_mempool_free(d->mbufs);
		break;
	}
	free(d);
}

/*
 * Longest prefix.
 */

static size_t heap_octets(void)
{
	struct rte_malloc_socket_stats s = { 0 };

	rte_malloc_get_socket_stats(0, &s);
	return s.heap_allocsz_bytes;
}

static int compare(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/*
 * Both tables have 24 bits at the top and pieces of 8 bits below, and want to be told how many of
 * these there will be: one for each different start of 24, 32, ... bits that a longer prefix has.
 * So they get as much memory as they need, and no more.
 */
static uint32_t pieces(const struct routes *rs)
{
	uint64_t *start = bench_alloc(rs->n, sizeof(*start));
	uint32_t sum = 0;

	for (unsigned bits = 24; bits < 64; bits += 8) {
		uint32_t n = 0;

		for (uint32_t i = 0; i < rs->n; i++)
			if (rs->r[i].len > bits)
				start[n++] = ip6_hi(&rs->r[i].addr) >> (64 - bits);
		qsort(start, n, sizeof(*start), compare);
		for (uint32_t i = 0; i < n; i++)
			sum += i == 0 || start[i] != start[i - 1];
	}
	free(start);
	return sum + PIECES_SPARE;
}

static bool fib6_fill(struct dpdk *d, const struct routes *rs, uint32_t n_pieces,
		      char why[BENCH_NOTE_MAX])
{
	struct rte_fib6_conf conf = { .type = RTE_FIB6_TRIE, .max_routes = (int)rs->n + 10 };
	int rc = 0;

	conf.trie.nh_sz = RTE_FIB6_TRIE_4B; /* 2B names 32,767 pieces at most */
	conf.trie.num_tbl8 = n_pieces;
	d->fib = rte_fib6_create("fib6", 0, &conf);
	if (d->fib == NULL)
		rc = -rte_errno;
	for (uint32_t i = 0; rc == 0 && i < rs->n; i++)
		rc = rte_fib6_add(d->fib, rs->r[i].addr.b, rs->r[i].len, rs->r[i].hop);
	if (rc == 0)
		return true;
	snprintf(why, BENCH_NOTE_MAX, "%u pieces: %s", n_pieces, strerror(-rc));
	rte_fib6_free(d->fib);
	d->fib = NULL;
	return false;
}

/* It sets more pieces aside than it uses, depending on the order of the routes. */
static struct dpdk *fib6_new(const struct routes *rs, char why[BENCH_NOTE_MAX])
{
	struct dpdk *d = new (KIND_FIB6);
	uint32_t n = pieces(rs);

	for (unsigned i = 0; i < 8; i++, n += n / 3) {
		if (fib6_fill(d, rs, n, why)) {
			why[0] = '\0';
			return d;
		}
	}
	dpdk_free(d);
	return NULL;
}

static struct dpdk *lpm6_new(const struct routes *rs, char why[BENCH_NOTE_MAX])
{
	struct rte_lpm6_config conf = { .max_rules = rs->n + 10, .number_tbl8s = pieces(rs) };
	struct dpdk *d = new (KIND_LPM6);

	d->lpm = rte_lpm6_create("lpm6", 0, &conf);
	if (d->lpm == NULL)
		return sorry(d, why, "rte_lpm6_create", -rte_errno);
	for (uint32_t i = 0; i < rs->n; i++) {
		int rc = rte_lpm6_add(d->lpm, rs->r[i].addr.b, rs->r[i].len, rs->r[i].hop);

		if (rc < 0)
			return sorry(d, why, "rte_lpm6_add", rc);
	}
	return d;
}

bool dpdk_lpm_simd(struct dpdk *d, bool on)
{
	return rte_fib6_select_lookup(d->fib, on ? RTE_FIB6_LOOKUP_TRIE_VECTOR_AVX512
						 : RTE_FIB6_LOOKUP_TRIE_SCALAR) == 0;
}

struct dpdk *dpdk_lpm_new(enum dpdk_lpm kind, const struct routes *rs, char why[BENCH_NOTE_MAX])
{
	struct dpdk *d = NULL;
	size_t before;

	if (!start(why))
		return NULL;
	before = heap_octets();
	switch (kind) {
	case DPDK_FIB6:
		d = fib6_new(rs, why);
		break;
	case DPDK_LPM6:
		d = lpm6_new(rs, why);
		break;
	}
	if (d != NULL)
		d->octets = heap_octets() - before;
	return d;
}

void dpdk_lpm_lookup(const struct dpdk *d, struct ip6_addr *dst, struct dpdk_values *v, unsigned n)
{
	uint8_t(*ips)[IP6_ADDR_OCTETS] = &dst->b;

	if (d->kind == KIND_LPM6)
		rte_lpm6_lookup_bulk_func(d->lpm, ips, v->lpm6, n);
	else
		rte_fib6_lookup_bulk(d->fib, ips, v->fib6, (int)n);
}

uint32_t dpdk_lpm_value(const struct dpdk *d, const struct dpdk_values *v, unsigned i)
{
	return d->kind == KIND_LPM6 ? (uint32_t)v->lpm6[i] : (uint32_t)v->fib6[i];
}

size_t dpdk_lpm_octets(const struct dpdk *d)
{
	return d->octets;
}

/*
 * Hash.
 */

struct dpdk *dpdk_hash_new(const struct dpdk_key *keys, uint32_t n, char why[BENCH_NOTE_MAX])
{
	struct rte_hash_parameters conf = { .name = "neigh",
					    .entries = n + n / 8,
					    .key_len = sizeof(*keys),
					    .hash_func = rte_hash_crc,
					    .socket_id = 0 };
	struct dpdk *d;

	_Static_assert(sizeof(*keys) == 20, "no padding");
	if (!start(why))
		return NULL;
	d = new (KIND_HASH);
	d->hash = rte_hash_create(&conf);
	if (d->hash == NULL)
		return sorry(d, why, "rte_hash_create", -rte_errno);
	for (uint32_t i = 0; i < n; i++)
		if (rte_hash_add_key(d->hash, &keys[i]) < 0)
			return sorry(d, why, "rte_hash_add_key", -ENOSPC);
	return d;
}

unsigned dpdk_hash_lookup(const struct dpdk *d, const void *keys[], unsigned n)
{
	int32_t at[RTE_HASH_LOOKUP_BULK_MAX];
	unsigned found = 0;

	rte_hash_lookup_bulk(d->hash, keys, n, at);
	for (unsigned i = 0; i < n; i++)
		found += at[i] >= 0;
	return found;
}

/*
 * Checksum, reassembly.
 */

uint16_t dpdk_csum(const void *p, size_t n)
{
	return rte_raw_cksum(p, n);
}

struct dpdk *dpdk_frag_new(char why[BENCH_NOTE_MAX])
{
	struct dpdk *d;

	if (!start(why))
		return NULL;
	d = new (KIND_FRAG);
	d->mbufs = rte_pktmbuf_pool_create("frag", FRAG_MBUFS, 0, 0, RTE_MBUF_DEFAULT_BUF_SIZE, 0);
	if (d->mbufs == NULL)
		return sorry(d, why, "rte_pktmbuf_pool_create", -rte_errno);
	d->frag = rte_ip_frag_table_create(FRAG_BUCKETS, FRAG_PER_BUCKET, FRAG_BUCKETS,
					   rte_get_tsc_hz() * 60, 0);
	if (d->frag == NULL)
		return sorry(d, why, "rte_ip_frag_table_create", -rte_errno);
	return d;
}

uint32_t dpdk_frag_put(struct dpdk *d, const uint8_t *p, uint32_t n)
{
	struct rte_mbuf *m = rte_pktmbuf_alloc(d->mbufs);
	struct rte_ipv6_fragment_ext *ext;
	struct rte_ipv6_hdr *ip;
	uint32_t octets;

	ASSERT(m != NULL);
	memcpy(rte_pktmbuf_append(m, (uint16_t)n), p, n);
	ip = rte_pktmbuf_mtod(m, struct rte_ipv6_hdr *);
	ext = (struct rte_ipv6_fragment_ext *)(ip + 1);
	m->l2_len = 0;
	m->l3_len = sizeof(*ip) + sizeof(*ext);
	m = rte_ipv6_frag_reassemble_packet(d->frag, &d->dead, m, rte_rdtsc(), ip, ext);
	rte_ip_frag_free_death_row(&d->dead, 3);
	if (m == NULL)
		return 0;
	octets = rte_pktmbuf_pkt_len(m);
	rte_pktmbuf_free(m);
	return octets;
}
