/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The way back of dev_gso.h: TCP segments of one connection that follow one another go to the
 * kernel as one large one, which it cuts late or, when it keeps them itself, never.
 */
#ifndef INABA_LINK_DEV_MERGE_H
#define INABA_LINK_DEV_MERGE_H

#include "base/pkt.h"

#define DEV_MERGE_MAX 48 /* frames: 64 KiB of segments that fill packets of 1,500 octets */

/* Frames from the head of a queue that can go as one. */
struct dev_run {
	unsigned n;	 /* at least 1 */
	uint32_t hdr;	 /* octets of all headers, from the Ethernet header; 0: n is 1 */
	uint32_t size;	 /* octets of text in each but the last */
	uint32_t octets; /* of text in all */
};

/**
 * dev_run_find() - How many frames from @head on are one run: IPv6 and TCP without extension
 * headers or flags but ACK, PSH and ECE, all headers alike but for lengths, numbers and checksums,
 * each text where the last ended, and each but the last as long as the first. A PSH is the last.
 */
struct dev_run dev_run_find(const struct pkt *head);

/**
 * dev_run_write() - Write the frames of @run to @fd, a device whose frames have a struct
 * virtio_net_hdr before them, in one system call. They are borrowed, and not changed.
 *
 * Return: 0, or a negative errno.
 */
int dev_run_write(int fd, const struct pkt *head, const struct dev_run *run);

#endif
