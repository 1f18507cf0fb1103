/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The classic BPF that programs attach to sockets (SO_ATTACH_FILTER): a checker and an interpreter, with
 * the instructions, the limits and the ancillary loads of Linux. Jumps go forwards only, so a program that
 * has passed the check ends after as many steps as it is long.
 */
#ifndef INABA_BASE_BPF_H
#define INABA_BASE_BPF_H

#include <linux/filter.h>

#include "base/base.h"

#define BPF_PROGRAM_MAX 4096 /* instructions */

struct bpf;

/* What a program looks at. */
struct bpf_input {
	const uint8_t *p; /* @octets; the program's offset 0 is @data of them */
	uint32_t octets, data;
	uint32_t net;	/* offset in @p of the network header: SKF_NET_OFF */
	uint32_t whole; /* octets from @data on as they were on the wire: BPF_LEN */
	uint32_t ifindex;
	uint16_t protocol; /* EtherType */
	uint16_t hatype;   /* ARPHRD_* */
	uint8_t pkttype;   /* PACKET_* of <linux/if_packet.h> */
};

/**
 * bpf_new() - Check a program and keep a copy.
 * @n:		Instructions.
 *
 * Refused is what Linux refuses: unknown instructions, jumps out of the program, no return at its end,
 * division by the constant 0, words of memory read before they were written. And some of its ancillary
 * loads: netlink attributes, payload offset, random numbers.
 *
 * Return: 0, -EINVAL, -ENOMEM.
 */
int bpf_new(const struct sock_filter *insn, size_t n, struct bpf **ret);
void bpf_free(struct bpf *b);

/** bpf_run() - Octets of the packet, from @in->data, that are to be kept; 0: it is refused. */
uint32_t bpf_run(const struct bpf *b, const struct bpf_input *in);

#endif
