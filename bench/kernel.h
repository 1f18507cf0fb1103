/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The Linux kernel as a peer in forwarding: three network namespaces of a process of our own, a
 * sender, a router and a sink, which vanish with it. Needs root or user namespaces.
 */
#ifndef INABA_BENCH_KERNEL_H
#define INABA_BENCH_KERNEL_H

#include "bench.h"

#define KERNEL_ROUTES_MAX 200000
#define KERNEL_TOO_MANY	  "takes minutes to set up"

/** kernel_start() - Fork the process that keeps the namespaces; it waits and takes no time. */
void kernel_start(void);
void kernel_stop(void);

/**
 * kernel_set_up() - New namespaces, with the first @n_routes of routes_make(@n_routes).
 * @why:	On failure, what lacks.
 */
bool kernel_set_up(uint32_t n_routes, char why[BENCH_NOTE_MAX]);

/** kernel_tear_down() - Let them go, with their routes. */
void kernel_tear_down(void);

/** kernel_forward_ns() - Forwarding of a packet alone: neither sender nor veth is in it. */
double kernel_forward_ns(void *ctx);

/** kernel_hop_ns() - Forwarding and one passage through a veth, from transmit to receive. */
double kernel_hop_ns(void *ctx);

/** kernel_route_octets() - Kernel memory that a route took, by what all slabs grew. */
double kernel_route_octets(void *ctx);

#endif
