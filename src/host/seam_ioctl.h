/* SPDX-License-Identifier: BSD-3-Clause */
/* ioctl(2) about interfaces, addresses and routes: netdevice(7), ipv6(7). */
#ifndef INABA_HOST_SEAM_IOCTL_H
#define INABA_HOST_SEAM_IOCTL_H

#include "node/node.h"

#define SEAM_IOCTL_MAX 256 /* octets of an argument that comes from a program */

/** seam_ioctl_octets() - Of the structure that @cmd has on a socket of a family; SIOCGIFCONF: 0. */
uint32_t seam_ioctl_octets(uint32_t cmd, int family);

/**
 * seam_ioctl() - As the kernel does it.
 * @arg:	@octets of it in, and room for SEAM_DATA_MAX; the answer. Of SIOCGIFCONF: struct ifreq[].
 *
 * Return: octets of the answer, 0: there is none to be told; -ENODEV, -ENXIO, -EADDRNOTAVAIL, -EINVAL,
 * -EOPNOTSUPP, -ENOTTY and what the calls behind it return.
 */
int seam_ioctl(struct node *n, uint32_t cmd, int family, void *arg, size_t octets);

#endif
