/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Routes to measure with. The same number gives the same routes, in any process.
 */
#ifndef INABA_BENCH_ROUTES_H
#define INABA_BENCH_ROUTES_H

#include "base/addr.h"

#define ROUTES_HOPS 64	       /* next hops that they are spread over */
#define ROUTES_DSTS (1u << 20) /* destinations; a power of two */

struct prefix {
	struct ip6_addr addr;
	uint32_t hop; /* next hop, from 1 to ROUTES_HOPS */
	uint8_t len;
};

struct routes {
	struct prefix *r;
	uint32_t n;
	struct ip6_addr *dst; /* ROUTES_DSTS random ones, each below a route */
};

/**
 * routes_make() - @n different prefixes in random order, with the mix of lengths and the
 * clustering of the Internet's table: holders of /32, /29 and larger out of the registries'
 * blocks, who announce the whole and parts of it, most of them /48. One route is 2000::/3.
 */
void routes_make(struct routes *rs, uint32_t n);
void routes_free(struct routes *rs);

#endif
