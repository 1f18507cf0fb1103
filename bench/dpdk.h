/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * DPDK as a peer, in the same process: its lookups, tables, checksum, timers and reassembly. What
 * it needs is behind this header, for its own headers ask for compiler options of theirs.
 */
#ifndef INABA_BENCH_DPDK_H
#define INABA_BENCH_DPDK_H

#include "bench.h"
#include "routes.h"

struct dpdk; /* one table of one kind */

/*
 * Each returns NULL, with the reason in @why, when DPDK cannot do it.
 */

/* Kinds of longest-prefix tables. */
enum dpdk_lpm { DPDK_FIB6, DPDK_LPM6 };

struct dpdk *dpdk_lpm_new(enum dpdk_lpm kind, const struct routes *rs, char why[BENCH_NOTE_MAX]);

/* What they find, as each of them writes it. */
struct dpdk_values {
	uint64_t fib6[64];
	int32_t lpm6[64];
};

/** dpdk_lpm_lookup() - Look up to 64 up in bulk. @dst is not changed. */
void dpdk_lpm_lookup(const struct dpdk *d, struct ip6_addr *dst, struct dpdk_values *v, unsigned n);

/** dpdk_lpm_value() - The value of the @i'th, as Inaba has it. */
uint32_t dpdk_lpm_value(const struct dpdk *d, const struct dpdk_values *v, unsigned i);

/** dpdk_lpm_simd() - Let a fib6 use AVX-512, or not. Return: false if the processor has none. */
bool dpdk_lpm_simd(struct dpdk *d, bool on);

/** dpdk_lpm_octets() - Memory the table took, of DPDK's heap. */
size_t dpdk_lpm_octets(const struct dpdk *d);

/* rte_hash with keys of 20 octets, address and interface. */
struct dpdk_key {
	struct ip6_addr addr;
	uint32_t ifindex;
};

struct dpdk *dpdk_hash_new(const struct dpdk_key *keys, uint32_t n, char why[BENCH_NOTE_MAX]);

/** dpdk_hash_lookup() - Up to 64 struct dpdk_key in bulk; how many are there. */
unsigned dpdk_hash_lookup(const struct dpdk *d, const void *keys[], unsigned n);

/** dpdk_csum() - rte_raw_cksum(). */
uint16_t dpdk_csum(const void *p, size_t n);

/* rte_ip_frag. */
struct dpdk *dpdk_frag_new(char why[BENCH_NOTE_MAX]);

/**
 * dpdk_frag_put() - Give it one frame with an IPv6 header and a fragment header.
 *
 * Return: octets of the whole packet if that was the last one, else 0.
 */
uint32_t dpdk_frag_put(struct dpdk *d, const uint8_t *p, uint32_t n);

/** dpdk_free() - Whatever it is; NULL is fine. */
void dpdk_free(struct dpdk *d);

#endif
