/* SPDX-License-Identifier: BSD-3-Clause */
/* lwIP as a peer, in a module of its own: many of its functions are named as ours are. */
#ifndef INABA_BENCH_LWIP_H
#define INABA_BENCH_LWIP_H

#include <stdint.h>

struct lwip;

/* What the module has under the name "lwip_module". */
struct lwip_module {
	/* A stack with a connection to itself. Return: NULL, and why in @note. */
	struct lwip *(*new)(char *note);
	void (*free)(struct lwip *l);
	/* Send @octets through it. Return: octets that arrived. */
	uint32_t (*stream)(struct lwip *l, uint32_t octets);
};

#endif
