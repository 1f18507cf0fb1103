/* SPDX-License-Identifier: BSD-3-Clause */
/* lwIP as a peer, in a module of its own: many of its functions are named as ours are. */
#ifndef INABA_BENCH_LWIP_H
#define INABA_BENCH_LWIP_H

#include <stdint.h>

struct lwip;

/* What the module has under the name "lwip_module". */
struct lwip_module {
	/* A stack with a connection to itself, and two UDP sockets; one at a time. Return: NULL, and why in @note. */
	struct lwip *(*new)(char *note);
	void (*free)(struct lwip *l);
	/* Send @octets through it. Return: octets that arrived. */
	uint32_t (*stream)(struct lwip *l, uint32_t octets);
	/* @n times an octet there, and one back when it was taken. Return: how many came back. */
	uint32_t (*turns)(struct lwip *l, uint32_t n);
	/* @n datagrams of @octets. Return: how many arrived. */
	uint32_t (*datagrams)(struct lwip *l, uint32_t n, uint32_t octets);
};

#endif
